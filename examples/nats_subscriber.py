"""Prints each new generation, as NATS announces it. The messages are described in docs/asyncapi.yaml.

    NATS_URL=nats://127.0.0.1:4222 NATS_USER=query NATS_PASSWORD=… python examples/nats_subscriber.py
"""

import asyncio
import json
import os

import nats


async def main() -> None:
    # It reconnects by itself, forever. A message that is published meanwhile does not come again: the next one tells
    # the newest state.
    connection = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        user=os.environ.get("NATS_USER"),
        password=os.environ.get("NATS_PASSWORD"),
        max_reconnect_attempts=-1,
    )
    subscription = await connection.subscribe("dataset.updated")
    # The server knows of the subscription now.
    await connection.flush()
    print("listening", flush=True)

    async for message in subscription.messages:
        data = json.loads(message.data)["data"]
        added = (data["counts"] or {}).get("added", "?")
        print(f"generation {data['generation']}: {data['rows']} rows, {added} added", flush=True)


asyncio.run(main())
