"""Closing events: the last word of a finite replay, one on every shard.

A window of event time ends when a later event moves the watermark past its end, and the watermark of a
job is that of its slowest shard. After the last event of a replay nothing would ever come, and the last
windows with it. So the replay closes each shard with one event that no query counts:
https://docs.aws.amazon.com/managed-flink/latest/java/best-practices.html (idle shards and windows).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.events import COLUMNS
from helpers.replay.shards import open_shards

CLOSING_TYPE = "end_of_replay"
# Later than the end of any window that holds the last event, with room for its watermark.
_LATER = timedelta(hours=1)
_MARK = f'"event_type":"{CLOSING_TYPE}"'.encode()
_NOTHING = dict.fromkeys(COLUMNS, "") | {"product_id": "0", "category_id": "0", "price": "0.00", "user_id": "0"}


def closing_entries(kinesis: Any, stream: str, last_event: str) -> list[dict[str, object]]:
    """Return one PutRecords entry for each open shard of a stream.

    Parameters
    ----------
    kinesis
        boto3 client.
    stream
        Name of the stream.
    last_event
        event_time of the last event sent, `2019-10-01 00:00:00 UTC`; the closing events stand an hour
        later, on both clocks.
    """
    event_time = datetime.fromisoformat(last_event.removesuffix(" UTC")) + _LATER
    event = _NOTHING | {
        "event_time": f"{event_time:%Y-%m-%d %H:%M:%S} UTC",
        "event_type": CLOSING_TYPE,
        "txn_timestamp": (datetime.now(UTC) + _LATER).replace(tzinfo=None).isoformat(timespec="milliseconds"),
    }
    data = json.dumps(event, separators=(",", ":")).encode() + b"\n"
    return [
        {"Data": data, "PartitionKey": CLOSING_TYPE, "ExplicitHashKey": shard["HashKeyRange"]["StartingHashKey"]}
        for shard in open_shards(kinesis, stream)
    ]


def is_closing(data: bytes) -> bool:
    """Say whether a record is a closing event and no traffic."""
    return _MARK in data
