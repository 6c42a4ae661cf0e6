"""Pages of Athena's list operations: an opaque token that holds the place of the next item."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from helpers.local.athena.api_errors import RequestError


class MalformedTokenError(RequestError):
    """NextToken is none that Athena gave out."""

    def __init__(self, token: str) -> None:
        super().__init__(f"Malformed nextPageToken {token}")


def encode_token(place: int) -> str:
    """Return the token that stands for `place`, an index or a byte offset."""
    return base64.urlsafe_b64encode(f"athena:{place}".encode()).decode()


def decode_token(token: str) -> int:
    """Return the place that `token` stands for.

    Raises
    ------
    MalformedTokenError
        If it is none of ours.
    """
    try:
        name, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if name == "athena":
            return int(place)
    except (binascii.Error, ValueError):
        pass
    raise MalformedTokenError(token)


def page(items: Sequence[Any], request: dict[str, Any], default_size: int) -> tuple[list[Any], dict[str, str]]:
    """Return one page of `items` and, while more remain, `{"NextToken": …}`.

    Raises
    ------
    MalformedTokenError
        If the request's NextToken is none of ours.
    """
    token = request.get("NextToken")
    start = decode_token(token) if token else 0
    end = start + (request.get("MaxResults") or default_size)
    return list(items[start:end]), ({"NextToken": encode_token(end)} if end < len(items) else {})
