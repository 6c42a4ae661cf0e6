"""What a destination's ProcessingConfiguration asks for.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.local.firehose.api_errors import ApiError, invalid_argument
from helpers.local.firehose.partitioning import check_query

MIB = 1 << 20
MAX_PROCESSORS = 5
_LAMBDA_DEFAULTS = {"NumberOfRetries": "3", "BufferSizeInMBs": "1", "BufferIntervalInSeconds": "60"}
_BOUNDS = {"NumberOfRetries": (0, 300), "BufferSizeInMBs": (0.2, 3), "BufferIntervalInSeconds": (0, 900)}


@dataclass(frozen=True)
class LambdaStep:
    """A transforming function, and the batches it gets."""

    arn: str
    retries: int
    buffer_bytes: int
    buffer_seconds: int


@dataclass(frozen=True)
class Processing:
    """The steps, in the order in which Firehose takes them.

    Parameters
    ----------
    decompress, extract_messages
        Unpack what CloudWatch Logs sends, and take the messages out of it.
    sub_records
        `JSON`, or the bytes between the parts of a record; None leaves records whole.
    function
        The transforming function.
    query
        JQ query of the partition keys.
    delimited
        Whether a newline stands between records.
    """

    decompress: bool = False
    extract_messages: bool = False
    sub_records: str | bytes | None = None
    function: LambdaStep | None = None
    query: str | None = None
    delimited: bool = False


def canonical(configuration: dict[str, Any] | None, role: str) -> dict[str, Any]:
    """Return a ProcessingConfiguration as AWS describes it, its Lambda processor with every parameter.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if it is none that Firehose takes.
    """
    given = configuration or {}
    processors = [_canonical_processor(item, role) for item in given.get("Processors") or []]
    enabled = bool(given.get("Enabled", False))
    if enabled and not 1 <= len(processors) <= MAX_PROCESSORS:
        raise invalid_argument(
            f"Processing configuration is enabled, the number of processors must be between 1 and {MAX_PROCESSORS}."
        )
    if sum(item["Type"] == "Lambda" for item in processors) > 1:
        raise invalid_argument("Only one Lambda processor is supported.")
    kinds = {item["Type"] for item in processors}
    if "CloudWatchLogProcessing" in kinds and "Decompression" not in kinds:
        raise invalid_argument("CloudWatchLogProcessing requires the Decompression processor.")
    return {"Enabled": enabled, "Processors": processors}


def parsed(configuration: dict[str, Any]) -> Processing:
    """Return the steps of a canonical ProcessingConfiguration; none if it is disabled."""
    if not configuration["Enabled"]:
        return Processing()
    steps: dict[str, Any] = {}
    for processor in configuration["Processors"]:
        steps |= _STEPS[processor["Type"]](_parameters(processor))
    return Processing(**steps)


def _canonical_processor(processor: dict[str, Any], role: str) -> dict[str, Any]:
    kind, given = processor["Type"], _parameters(processor)
    if kind == "Lambda":
        if "LambdaArn" not in given:
            raise invalid_argument("LambdaArn parameter is required for Lambda processor.")
        given = {"LambdaArn": given["LambdaArn"], "RoleArn": role, **_LAMBDA_DEFAULTS, **given}
        for name, bounds in _BOUNDS.items():
            _check_number(name, given[name], *bounds)
    elif kind == "Decompression":
        given = {"CompressionFormat": "GZIP", **given}
        if given["CompressionFormat"] != "GZIP":
            raise invalid_argument("CompressionFormat of the Decompression processor must be GZIP.")
    elif kind == "CloudWatchLogProcessing":
        wanted = given.get("DataMessageExtraction", "").lower()
        if wanted not in ("true", "false"):
            raise invalid_argument("DataMessageExtraction must be true or false.")
        given = {"DataMessageExtraction": wanted}
    elif kind == "MetadataExtraction":
        if "MetadataExtractionQuery" not in given or given.get("JsonParsingEngine") != "JQ-1.6":
            raise invalid_argument(
                "MetadataExtraction processor requires the parameters MetadataExtractionQuery and JsonParsingEngine, "
                "which must be JQ-1.6."
            )
        check_query(given["MetadataExtractionQuery"])
    elif kind == "RecordDeAggregation":
        _check_sub_records(given)
    else:
        given = {}
    return {
        "Type": kind,
        "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()],
    }


def _parameters(processor: dict[str, Any]) -> dict[str, str]:
    return {item["ParameterName"]: item["ParameterValue"] for item in processor.get("Parameters") or []}


def _check_number(name: str, text: str, least: float, most: float) -> None:
    try:
        value = float(text)
    except ValueError as error:
        raise invalid_argument(f"{name} must be a number, but is {text}.") from error
    if not least <= value <= most:
        raise invalid_argument(f"{name} must be between {least} and {most}, but is {text}.")


def _check_sub_records(given: dict[str, str]) -> None:
    kind = given.get("SubRecordType")
    if kind not in ("JSON", "DELIMITED"):
        raise invalid_argument("SubRecordType of the RecordDeAggregation processor must be JSON or DELIMITED.")
    if kind == "DELIMITED":
        _delimiter(given.get("Delimiter", ""))


def _delimiter(text: str) -> bytes:
    try:
        delimiter = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _bad_delimiter() from error
    if not delimiter:
        raise _bad_delimiter()
    return delimiter


def _bad_delimiter() -> ApiError:
    return invalid_argument("Delimiter of the RecordDeAggregation processor must be a base64 encoded string.")


def _function(given: dict[str, str]) -> dict[str, Any]:
    size, seconds = float(given["BufferSizeInMBs"]), float(given["BufferIntervalInSeconds"])
    return {
        "function": LambdaStep(given["LambdaArn"], int(given["NumberOfRetries"]), int(size * MIB), int(seconds)),
    }


_STEPS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "Decompression": lambda given: {"decompress": True},
    "CloudWatchLogProcessing": lambda given: {"extract_messages": given["DataMessageExtraction"] == "true"},
    "RecordDeAggregation": lambda given: {
        "sub_records": "JSON" if given["SubRecordType"] == "JSON" else _delimiter(given["Delimiter"])
    },
    "Lambda": _function,
    "MetadataExtraction": lambda given: {"query": given["MetadataExtractionQuery"]},
    "AppendDelimiterToRecord": lambda given: {"delimited": True},
}
