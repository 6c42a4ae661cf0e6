"""Pages of the catalog's list operations."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from helpers.local.glue.errors import InvalidInputError


def page(items: Sequence[Any], request: dict[str, Any], key: str, default_size: int) -> dict[str, Any]:
    """Return one page of `items` under `key`, with a NextToken while more remain.

    Raises
    ------
    InvalidInputError
        If NextToken is none of ours.
    """
    start = _place(request.get("NextToken"))
    end = start + (request.get("MaxResults") or default_size)
    answer: dict[str, Any] = {key: list(items[start:end])}
    if end < len(items):
        answer["NextToken"] = base64.urlsafe_b64encode(f"glue:{end}".encode()).decode()
    return answer


def _place(token: str | None) -> int:
    if not token:
        return 0
    try:
        name, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if name == "glue":
            return int(place)
    except (binascii.Error, ValueError):
        pass
    raise InvalidInputError("Invalid NextToken")
