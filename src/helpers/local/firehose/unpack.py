"""Source records unpacked before anything else: CloudWatch Logs' envelopes, and several records in one.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
https://docs.aws.amazon.com/firehose/latest/dev/Message_extraction.html
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace

from helpers.local.firehose.processing import Processing
from helpers.local.firehose.records import Record, parts_by, parts_of_json

_CODE = "Decompression failed."


class UnpackError(Exception):
    """A record is not what CloudWatch Logs sends; its text is the error code and message."""


def unpacked(steps: Processing, record: Record) -> list[Record]:
    """Return what one record becomes before it is transformed.

    Raises
    ------
    UnpackError
        If it should be compressed JSON of CloudWatch Logs, and is not.
    """
    if steps.decompress:
        record = replace(record, data=_decompressed(record.data, messages=steps.extract_messages))
    if steps.sub_records is None:
        return [record]
    if isinstance(steps.sub_records, bytes):
        parts = parts_by(steps.sub_records, record.data)
    else:
        parts = parts_of_json(record.data)
    return [record] if parts == [record.data] else [replace(record, data=part, raw=part) for part in parts]


def _decompressed(data: bytes, *, messages: bool) -> bytes:
    try:
        text = gzip.decompress(data)
        envelope = json.loads(text)
        if not messages:
            return text
        if envelope["messageType"] == "CONTROL_MESSAGE":
            return b""
        return b"".join(event["message"].encode() + b"\n" for event in envelope["logEvents"])
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise UnpackError(_CODE) from error
