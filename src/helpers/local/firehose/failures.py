"""Failed records as Firehose writes them: a JSON document a record.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region

from helpers.local.firehose.records import Record
from helpers.local.firehose.transform import Failure

PROCESSING, CONVERSION, DECOMPRESSION = "processing-failed", "format-conversion-failed", "decompression-failed"


def now_millis() -> int:
    return time.time_ns() // 1_000_000


def of_processing(record: Record, failure: Failure, function: str | None = None) -> bytes:
    """Return the document of a record that could not be transformed, partitioned or unpacked."""
    document: dict[str, Any] = {
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": record.arrival,
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptEndingTimestamp": failure.ended,
        "rawData": _raw(record),
    }
    if function is not None:
        # AWS's pages say lambdaArn, its objects lambdaARN: who follows either finds it.
        document |= {"lambdaArn": function, "lambdaARN": function}
    return _line(document)


def of_conversion(record: Record, code: str, message: str, schema: dict[str, Any]) -> bytes:
    """Return the document of a record that does not fit the schema of its table."""
    return _line(
        {
            "attemptsMade": 1,
            "arrivalTimestamp": record.arrival,
            "ErrorCode": code,
            "ErrorMessage": message,
            "attemptEndingTimestamp": now_millis(),
            "rawData": _raw(record),
            "sequenceNumber": record.origin.sequence_number if record.origin else None,
            "subSequenceNumber": record.origin.subsequence if record.origin else None,
            "dataCatalogTable": {
                "catalogId": schema.get("CatalogId") or get_account_id(),
                "databaseName": schema.get("DatabaseName"),
                "tableName": schema.get("TableName"),
                "region": schema.get("Region") or get_region(),
                "versionId": schema.get("VersionId", "LATEST"),
            },
        }
    )


def _raw(record: Record) -> str:
    return base64.b64encode(record.raw).decode("ascii")


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
