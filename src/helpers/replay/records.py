"""Events as Kinesis records: one JSON object a record, ended by a newline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from helpers.events import COLUMNS, split_line

# Partition keys have 1 to 256 characters:
# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
MAX_KEY_CHARACTERS = 256

_USER_ID = COLUMNS.index("user_id")
_TEMPLATE = ("{" + "".join(f'"{name}":"%b",' for name in COLUMNS) + '"txn_timestamp":"').encode()
_CLOSE = b'"}\n'
_STAMP_BYTES = len("2026-01-01T00:00:00.000") + len(_CLOSE)
_TIME_AT = slice(len('{"event_time":"'), len('{"event_time":"2019-10-01 00:00:00 UTC'))
# What JSON wants escaped, but the newline, which ends the line anyway
_ESCAPED = b'"\\' + bytes(i for i in range(0x20) if i != ord("\n"))


# An event ready to be stamped and sent: its partition key, never empty; the JSON up to the value of
# `txn_timestamp`; and the bytes of the stamped record and its key in UTF-8, as Kinesis counts them.
# A plain tuple, because a class of its own costs a tenth of the replay's speed.
Outgoing = tuple[str, bytes, int]


def outgoing(data: bytes, key_column: str) -> list[Outgoing]:
    """Make records of clean events.

    The JSON has the nine columns and `txn_timestamp`, all as text exactly as in the file, as
    `csv.DictReader` would give them: no id loses digits in a reader that takes numbers for floats.

    Parameters
    ----------
    data
        Lines of canonical CSV, as `helpers.dataset.clean` makes them.
    key_column
        Column whose value is the partition key. Kinesis refuses an empty one, so an event without
        a value there is sent by its user_id; of a longer value the first 256 characters count.
    """
    column = COLUMNS.index(key_column)
    plain = len(data.translate(None, _ESCAPED)) == len(data)
    records: list[Outgoing] = []
    for line in data.split(b"\n")[:-1]:
        if plain:
            fields = line.split(b",")
            head = _TEMPLATE % tuple(fields)
        else:
            texts = split_line(line.decode())
            fields = [text.encode() for text in texts]
            head = _TEMPLATE % tuple(map(_escaped, texts))
        key = fields[column] or fields[_USER_ID]
        if len(key) > MAX_KEY_CHARACTERS:
            key = key.decode()[:MAX_KEY_CHARACTERS].encode()
        records.append((key.decode(), head, len(head) + len(key) + _STAMP_BYTES))
    return records


def event_time(record: Outgoing) -> str:
    """Return the record's event_time as in the file, `2019-10-01 00:00:00 UTC`."""
    return record[1][_TIME_AT].decode()


def _escaped(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()


def tail(sent_at: datetime) -> bytes:
    """Return what completes the JSON of an event: the time of sending, and the end.

    The time is UTC, ISO 8601 with milliseconds and without offset, which is what Flink's
    `TIMESTAMP(3)` reads with `'json.timestamp-format.standard' = 'ISO-8601'`.
    """
    return sent_at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00").encode() + _CLOSE


def stamped(records: list[Outgoing], sent_at: datetime) -> list[dict[str, Any]]:
    """Return the entries of a PutRecords request, `txn_timestamp` set to the time of sending."""
    end = tail(sent_at)
    return [{"Data": head + end, "PartitionKey": key} for key, head, _ in records]
