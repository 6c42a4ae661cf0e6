"""Requests and answers as they travel: JSON 1.1, or CBOR as the AWS SDKs for Java speak it.

In CBOR blobs are byte strings, and times are milliseconds since the epoch under tag 1 (the SDKs read
and write them so, other than the CBOR standard, which means seconds); in JSON blobs are base64, and
times are seconds.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

import cbor2

from helpers.local.kinesis.api_errors import ApiError

JSON = "application/x-amz-json-1.1"
CBOR = "application/x-amz-cbor-1.1"

_EPOCH_TAG = 1


@dataclass(frozen=True)
class Timestamp:
    """A time in an answer, in milliseconds since the epoch."""

    millis: int


def decode(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the members of a request; times as seconds since the epoch, blobs as `blob` takes them.

    Raises
    ------
    ApiError
        `SerializationException` if the body is not of its type.
    """
    try:
        if "cbor" in content_type:
            request = cbor2.loads(body, semantic_decoders={_EPOCH_TAG: _seconds}) if body else {}
        else:
            request = json.loads(body) if body else {}
    except (ValueError, RecursionError, cbor2.CBORError) as error:
        raise ApiError("SerializationException", f"Could not parse the request: {error}") from error
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    # A member that is null counts as left out.
    return {name: value for name, value in request.items() if value is not None}


def blob(value: str | bytes) -> bytes:
    """Return the bytes of a blob of a request.

    Raises
    ------
    ApiError
        `SerializationException` if it is not base64.
    """
    if isinstance(value, bytes):
        return value
    try:
        return binascii.a2b_base64(value)
    except (binascii.Error, ValueError, TypeError) as error:
        raise ApiError("SerializationException", f"{value!r} can not be converted to a Blob: {error}") from error


def encode(answer: dict[str, Any], content_type: str) -> bytes:
    """Return the body of an answer; bytes become blobs, `Timestamp` a time."""
    if content_type == CBOR:
        return cbor2.dumps(answer, default=_to_cbor)
    return json.dumps(answer, default=_to_json, separators=(",", ":")).encode()


def _seconds(millis: Any, immutable: bool) -> float:
    seconds: float = millis / 1000
    return seconds


def _to_cbor(encoder: Any, value: Any) -> None:
    encoder.encode(cbor2.CBORTag(_EPOCH_TAG, value.millis))


def _to_json(value: Any) -> str | float:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    seconds: float = value.millis / 1000
    return seconds
