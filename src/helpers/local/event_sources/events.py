"""The events that functions get: records of one shard, and of one window if the mapping has windows.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpers.local.kinesis.shard_log import Record

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PAYLOAD_BYTES = 6 * 2**20
# https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
MAX_STATE_BYTES = 2**20

Event = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where the records of a poller come from; `role_arn` is the function's."""

    arn: str
    region: str
    shard_id: str
    role_arn: str


@dataclass
class Window:
    """A tumbling window of one shard; bounds in seconds since the epoch, the end not included.

    `used` tells whether the function has aggregated any record of it.
    """

    start: int
    end: int
    state: Any
    used: bool = False

    def holds(self, record: Record) -> bool:
        return self.start * 1000 <= record.arrival < self.end * 1000


def window_of(record: Record, length_seconds: int) -> Window:
    """Return the window that a record falls in by its approximate time of arrival."""
    start = record.arrival // 1000 // length_seconds * length_seconds
    return Window(start, start + length_seconds, {})


def batch_event(source: Source, records: list[Record]) -> Event:
    return {"Records": [_shown(source, record) for record in records]}


def window_event(source: Source, records: list[Record], window: Window, *, final: bool, early: bool) -> Event:
    """Return the event of an invocation within a window, or of the one at its end."""
    return {
        **batch_event(source, records),
        "window": {"start": _whole_seconds(window.start), "end": _whole_seconds(window.end)},
        "state": window.state,
        "shardId": source.shard_id,
        "eventSourceARN": source.arn,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": early,
    }


def record_bytes(source: Source, record: Record) -> int:
    """Return how much a record adds to the payload."""
    data = (len(record.data) + 2) // 3 * 4
    return _frame_bytes(source) + data + len(json.dumps(record.key)) + 2 * len(record.sequence_number)


def state_bytes(state: Any) -> int:
    return len(json.dumps(state).encode())


def iso_millis(millis: int) -> str:
    """Return a time as AWS writes it in an invocation record."""
    moment = datetime.fromtimestamp(millis / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"


def _shown(source: Source, record: Record) -> Event:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.key,
            "sequenceNumber": record.sequence_number,
            "data": base64.b64encode(record.data).decode("ascii"),
            "approximateArrivalTimestamp": record.arrival / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{source.shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": source.role_arn,
        "awsRegion": source.region,
        "eventSourceARN": source.arn,
    }


def _frame_bytes(source: Source) -> int:
    # 340 bytes of names and punctuation, and a time of arrival of at most 14 digits.
    return 340 + 2 * len(source.shard_id) + len(source.role_arn) + len(source.region) + len(source.arn)


def _whole_seconds(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
