"""Reads the data set into pandas: over HTTP, and from the files in the processed bucket.

    python examples/read_with_pandas.py http://127.0.0.1:8080 data/processed-data
"""

import json
import sys
from pathlib import Path
from urllib.request import urlopen

import pandas as pd

# Types of a Data Package as types of pandas that know missing values. Other types are read as text.
DTYPES = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean"}


def read_csv(source, schema: dict) -> pd.DataFrame:
    """Reads output.csv, or the same rows of the API, with the types of datapackage.json."""
    fields = {field["name"]: field["type"] for field in schema["fields"]}
    table = pd.read_csv(
        source,
        dtype={name: DTYPES.get(kind, "string") for name, kind in fields.items()},
        # Only an empty text is a missing value: somebody may be called "NA".
        keep_default_na=False,
        na_values={name: schema.get("missingValues", [""]) for name in fields},
        index_col=schema["primaryKey"],
    )
    for name, kind in fields.items():
        if kind in ("date", "datetime"):
            table[name] = pd.to_datetime(table[name], format="ISO8601")
    return table


url, folder = sys.argv[1], Path(sys.argv[2])
schema = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"][0]["schema"]

with urlopen(f"{url}/data?format=csv") as response:
    print("generation", response.headers["Landfall-Generation"])
    from_api = read_csv(response, schema)
from_file = read_csv(folder / "output.csv", schema)

print(from_api.dtypes.to_string())
print(len(from_api), "rows")
print("the same rows:", from_api.equals(from_file))

# What belongs to `users` alone: the year of birth.
if "birthts" in from_api:
    births = pd.to_datetime(from_api["birthts"], unit="ms")
    print("born from", births.dt.year.min(), "to", births.dt.year.max())
