"""Lists in pages, as every List operation gives them."""

from __future__ import annotations

import base64
from typing import Any

from helpers.local.quicksight.errors import QuickSightError

_MOST = 100


def page(request: dict[str, Any], items: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return the page of `items` that a request asks for, under `key`.

    Raises
    ------
    QuickSightError
        `InvalidNextTokenException`.
    """
    try:
        first = int(base64.b64decode(request.get("NextToken", "MA=="), validate=True))
    except ValueError as error:
        raise QuickSightError("InvalidNextTokenException", "The NextToken value isn't valid.") from error
    last = first + request.get("MaxResults", _MOST)
    answer: dict[str, Any] = {key: items[first:last]}
    if last < len(items):
        answer["NextToken"] = base64.b64encode(str(last).encode()).decode()
    return answer
