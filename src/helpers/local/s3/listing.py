"""Listings of objects: what their parameters may be.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

import base64
from typing import Any

from helpers.local.s3.calls import Call
from helpers.local.s3.errors import invalid_argument

MAX_KEYS = 1000
# Of ListObjects and ListObjectsV2.
PARAMETERS = frozenset(
    {
        "continuation-token",
        "delimiter",
        "encoding-type",
        "fetch-owner",
        "list-type",
        "marker",
        "max-keys",
        "prefix",
        "start-after",
    }
)

_MAX_INTEGER = 2**31 - 1


def check_listing(call: Call) -> None:
    check_maximum(call, "max-keys", "maxKeys")
    encoding = call.parameter("encoding-type")
    if encoding not in (None, "", "url"):
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    token = call.parameter("continuation-token")
    if token is not None and not _is_token(token):
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token or None)
    version = call.parameter("version-id-marker")
    if version and "key-marker" not in call.query:
        message = "A version-id marker cannot be specified without a key marker."
        raise invalid_argument(message, "version-id-marker", version)


def check_maximum(call: Call, name: str, called: str) -> None:
    """Refuse a parameter that says how many to list at most, `called` so in the refusal, if it is no such number."""
    asked = call.parameter(name)
    if asked is None:
        return
    digits = asked.removeprefix("-")
    if not digits.isdecimal() or int(digits) > _MAX_INTEGER:
        raise invalid_argument(f"Provided {name} not an integer or within integer range", name, asked)
    if asked.startswith("-"):
        raise invalid_argument(f"Argument {called} must be an integer between 0 and {_MAX_INTEGER}", called, asked)


def capped(query: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with at most 1,000 keys a page, whatever is asked for."""
    asked = query.get("max-keys")
    if not asked or int(asked[0]) <= MAX_KEYS:
        return query
    return {**query, "max-keys": [str(MAX_KEYS)]}


def _is_token(token: str) -> bool:
    try:
        return bool(base64.b64decode(token, validate=True).decode("utf-8"))
    except ValueError:
        return False
