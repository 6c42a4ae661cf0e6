"""Answers of the DynamoDB API: read, changed and made."""

from __future__ import annotations

import json
import zlib
from typing import Any

from ministack.core.responses import error_response_json

from helpers.local.aws_error import AwsError

Answer = tuple[int, dict[str, str], bytes]


def invalid(message: str) -> AwsError:
    """Return the error for a request that AWS does not take."""
    return AwsError("ValidationException", message)


def refusal(error: AwsError) -> Answer:
    """Return the answer for an error."""
    status, headers, body = error_response_json(error.code, error.message, 400)
    return _checked(status, headers, body)


def content(answer: Answer) -> dict[str, Any]:
    """Return what an answer says."""
    said: dict[str, Any] = json.loads(answer[2])
    return said


def changed(answer: Answer, said: dict[str, Any]) -> Answer:
    """Return an answer that says something else."""
    return _checked(answer[0], answer[1], json.dumps(said, ensure_ascii=False).encode())


def _checked(status: int, headers: dict[str, str], body: bytes) -> Answer:
    # Clients compare it with what they receive.
    return status, {**headers, "x-amz-crc32": str(zlib.crc32(body) & 0xFFFFFFFF)}, body
