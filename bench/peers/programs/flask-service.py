"""Users out of a dict: what one writes first for such an API, to be measured beside Landfall.

output.csv is read once, from MinIO where MINIO_ENDPOINT names one, else from the folder DATA_DIR.
"""

import csv
import io
import os
from itertools import islice

from flask import Flask, jsonify, request
from minio import Minio

BUCKET, KEY = "processed-data", "output.csv"


def open_output():
    """output.csv as text, wherever it is."""
    endpoint = os.environ.get("MINIO_ENDPOINT")
    if endpoint is None:
        return open(os.path.join(os.environ["DATA_DIR"], BUCKET, KEY), encoding="utf-8", newline="")
    client = Minio(endpoint, os.environ["MINIO_ACCESS_KEY"], os.environ["MINIO_SECRET_KEY"], secure=False)
    return io.TextIOWrapper(client.get_object(BUCKET, KEY), encoding="utf-8", newline="")


def read_users():
    """All users by their ids, in the order of the file: that of the ids."""
    with open_output() as file:
        return {
            row["user_id"]: {**row, "birthts": int(row["birthts"]), "img_path": row["img_path"] or None}
            for row in csv.DictReader(file)
        }


app = Flask(__name__)
app.json.sort_keys = False
users = read_users()


def matching():
    """The users of this request's filter, one by one; births are ms since 1970 UTC."""
    after = request.args.get("after", "")
    born_from = request.args.get("from", -float("inf"), type=float)
    born_before = request.args.get("before", float("inf"), type=float)
    return (user for id, user in users.items() if id > after and born_from <= user["birthts"] < born_before)


@app.get("/data")
def data():
    return jsonify(list(islice(matching(), request.args.get("limit", type=int))))


@app.get("/stats")
def stats():
    births = [user["birthts"] for user in matching()]
    return jsonify(count=len(births), mean=sum(births) / len(births) if births else None)
