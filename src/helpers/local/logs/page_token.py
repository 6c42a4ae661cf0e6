"""Page tokens: a place in a listing, in a form that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from helpers.local.logs.checking import invalid


def sealed(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode("ascii")


def opened(token: str) -> Any:
    """Return what `sealed` put into a token.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is none.
    """
    try:
        return json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise invalid("The specified nextToken is invalid.") from error


def opened_number(token: str) -> int:
    """Return what `sealed` put into a token if that was a number, else raise as `opened` does."""
    place = opened(token)
    if isinstance(place, bool) or not isinstance(place, int) or place < 0:
        raise invalid("The specified nextToken is invalid.")
    return place
