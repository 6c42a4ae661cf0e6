"""Glue Python shell job: what Firehose delivered becomes rows of the typed, partitioned table.

It runs on AWS as it stands here (Python 3.9, library set `analytics`), and reads only objects that its ledger does
not name yet. Firehose delivers at least once: when it is not sure that an object arrived, it delivers the same records
again, as another object with the same content. So the content's hash names what becomes of an object: one file in the
folder of each day, and one with the lines that are set aside. A second delivery, a second run, and a run after one
that was killed half-way all write the same files again, and the table stays the same.

Equal lines within an object are equal rows: the shop's file has such rows, and they count.

Arguments
---------
bucket, stream_prefix
    Where the delivered objects lie.
table_prefix, rejected_prefix, ledger_key
    Where, in the same bucket, rows, lines set aside and the ledger go.
database, table
    The table, which exists; the job adds its partitions.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

OPTIONS = ["bucket", "stream_prefix", "table_prefix", "rejected_prefix", "ledger_key", "database", "table"]
EVENT_TYPES = {"view", "cart", "remove_from_cart", "purchase"}
# Records of this type only move the clock of the windows: no traffic.
TICK_TYPE = "tick"
Event = tuple[Any, ...]
Rejected = tuple[int, str, bytes]
SCHEMA = pa.schema(
    [
        ("event_time", pa.timestamp("ms")),
        ("event_type", pa.string()),
        ("product_id", pa.int64()),
        ("category_id", pa.int64()),
        ("category_code", pa.string()),
        ("brand", pa.string()),
        ("price", pa.float64()),
        ("user_id", pa.int64()),
        ("user_session", pa.string()),
        ("txn_timestamp", pa.timestamp("ms")),
    ]
)
MOST_PARTITIONS_A_CALL = 100

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC")
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}")
INTEGER = re.compile(r"-?[0-9]{1,19}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class NotAnEventError(Exception):
    """A line cannot be a row; its text says why."""


def run(s3: Any, glue: Any, options: dict[str, str]) -> dict[str, int]:
    """Read what is new, and return what was done, in numbers."""
    ledger = read_ledger(s3, options["bucket"], options["ledger_key"])
    known = {entry["digest"] for entry in ledger.values()}
    done = dict.fromkeys(["objects", "redelivered", "rows", "rejected", "ticks"], 0)
    days: set[str] = set()
    for key in new_objects(s3, options["bucket"], options["stream_prefix"], ledger):
        body = s3.get_object(Bucket=options["bucket"], Key=key)["Body"].read()
        content, problem = unpacked(body)
        digest = hashlib.sha256(content).hexdigest()[:32]
        entry: dict[str, Any] = {
            "digest": digest,
            "redelivered": int(digest in known),
            "rows": 0,
            "rejected": 0,
            "ticks": 0,
        }
        if digest not in known:
            rows, rejected, entry["ticks"] = taken_apart(content, problem)
            days.update(rows)
            write_rows(s3, options, digest, rows)
            write_rejected(s3, options, digest, key, rejected)
            entry["rows"] = sum(len(events) for events in rows.values())
            entry["rejected"] = len(rejected)
        known.add(digest)
        ledger[key] = entry
        done["objects"] += 1
        for name in ("redelivered", "rows", "rejected", "ticks"):
            done[name] += entry[name]
    add_partitions(glue, options, sorted(days))
    # Last: what a killed run has not noted, the next one does again, with the same result.
    write_json(s3, options["bucket"], options["ledger_key"], ledger)
    return done


def read_ledger(s3: Any, bucket: str, key: str) -> dict[str, dict[str, Any]]:
    """Return what became of each object that was read before."""
    try:
        ledger: dict[str, dict[str, Any]] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return {}
    return ledger


def new_objects(s3: Any, bucket: str, prefix: str, ledger: dict[str, Any]) -> Iterator[str]:
    """Yield the keys that the ledger does not name."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if item["Key"] not in ledger:
                yield item["Key"]


def unpacked(body: bytes) -> tuple[bytes, str | None]:
    """Return an object's content, and None or why it is no readable gzip file."""
    if not body.startswith(b"\x1f\x8b"):
        return body, None
    try:
        return gzip.decompress(body), None
    except (OSError, EOFError, zlib.error) as error:
        return body, f"not readable as gzip ({error})"


def taken_apart(content: bytes, problem: str | None) -> tuple[dict[str, list[Event]], list[Rejected], int]:
    """Return the events by day, the lines set aside as (number, reason, line), and the number of ticks."""
    if problem is not None:
        return {}, [(0, problem, content)], 0
    rows: dict[str, list[Event]] = {}
    rejected: list[Rejected] = []
    ticks = 0
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            event = event_of(line)
        except NotAnEventError as error:
            rejected.append((number, str(error), line))
            continue
        if event is None:
            ticks += 1
        else:
            rows.setdefault(event[0].strftime("%Y-%m-%d"), []).append(event)
    return rows, rejected, ticks


def event_of(line: bytes) -> Event | None:
    """Return a line's values in the order of the schema, None for a tick."""
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise NotAnEventError(f"not JSON ({error})") from error
    if not isinstance(fields, dict):
        raise NotAnEventError("not a JSON object")
    missing = [name for name in SCHEMA.names if name not in fields]
    if missing:
        raise NotAnEventError(f"without {', '.join(missing)}")
    text = {name: text_of(name, fields[name]) for name in SCHEMA.names}
    if text["event_type"] == TICK_TYPE:
        return None
    if text["event_type"] not in EVENT_TYPES:
        raise NotAnEventError(f"event_type {text['event_type']!r} is not one of {', '.join(sorted(EVENT_TYPES))}")
    return (
        moment_of("event_time", text["event_time"], TIME, 19),
        text["event_type"],
        integer_of("product_id", text["product_id"]),
        integer_of("category_id", text["category_id"]),
        text["category_code"] or None,
        text["brand"] or None,
        number_of("price", text["price"]),
        integer_of("user_id", text["user_id"]),
        text["user_session"] or None,
        moment_of("txn_timestamp", text["txn_timestamp"], STAMP, 23),
    )


def text_of(name: str, value: Any) -> str:
    """Return a JSON value as the text that the replay would have sent."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise NotAnEventError(f"{name} is neither text nor number")
    return str(value)


def moment_of(name: str, text: str, pattern: re.Pattern[str], length: int) -> datetime:
    if pattern.fullmatch(text):
        try:
            return datetime.fromisoformat(text[:length])
        except ValueError:
            pass
    raise NotAnEventError(f"{name} {text!r} is not a time")


def integer_of(name: str, text: str) -> int:
    if not INTEGER.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise NotAnEventError(f"{name} {text!r} is not a 64-bit integer")
    return int(text)


def number_of(name: str, text: str) -> float:
    if not NUMBER.fullmatch(text) or float(text) in (float("inf"), float("-inf")):
        raise NotAnEventError(f"{name} {text!r} is not a number")
    return float(text)


def write_rows(s3: Any, options: dict[str, str], digest: str, rows: dict[str, list[Event]]) -> None:
    """Write one Parquet file for each day."""
    for day, events in sorted(rows.items()):
        columns = [pa.array(column, field.type) for column, field in zip(zip(*events), SCHEMA)]  # noqa: B905
        file = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(columns, schema=SCHEMA), file, compression="snappy")
        key = f"{options['table_prefix']}event_date={day}/{digest}.parquet"
        s3.put_object(Bucket=options["bucket"], Key=key, Body=file.getvalue())


def write_rejected(s3: Any, options: dict[str, str], digest: str, key: str, rejected: list[Rejected]) -> None:
    """Write the lines that are no events, each with where it stood and what is wrong with it."""
    if not rejected:
        return
    body = ""
    for number, reason, content in rejected:
        shown = content.decode("utf-8", "backslashreplace")
        body += json.dumps({"object": key, "line": number, "reason": reason, "content": shown}) + "\n"
    s3.put_object(Bucket=options["bucket"], Key=f"{options['rejected_prefix']}{digest}.jsonl", Body=body.encode())


def add_partitions(glue: Any, options: dict[str, str], days: list[str]) -> None:
    """Tell the Data Catalog of the days that are there now."""
    where = {"DatabaseName": options["database"], "TableName": options["table"]}
    storage = glue.get_table(DatabaseName=options["database"], Name=options["table"])["Table"]["StorageDescriptor"]
    folder = storage["Location"].rstrip("/")
    partitions = [
        {"Values": [day], "StorageDescriptor": {**storage, "Location": f"{folder}/event_date={day}/"}} for day in days
    ]
    for first in range(0, len(partitions), MOST_PARTITIONS_A_CALL):
        batch = partitions[first : first + MOST_PARTITIONS_A_CALL]
        answer = glue.batch_create_partition(**where, PartitionInputList=batch)
        for error in answer.get("Errors", []):
            if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
                raise RuntimeError(f"partition {error['PartitionValues']}: {error['ErrorDetail']['ErrorMessage']}")


def write_json(s3: Any, bucket: str, key: str, value: Any) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(value, indent=0).encode())


if __name__ == "__main__":
    from awsglue.utils import getResolvedOptions

    done = run(boto3.client("s3"), boto3.client("glue"), getResolvedOptions(sys.argv, OPTIONS))
    sys.stdout.write(json.dumps(done) + "\n")
