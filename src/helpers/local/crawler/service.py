"""The requests of crawlers and classifiers come here; all else of Glue goes on to who had it before."""

from __future__ import annotations

from typing import Any

from helpers.local.crawler import classifiers, crawlers
from helpers.local.glue.service import Handler, Response, answer

_ACTIONS = {**crawlers.ACTIONS, **classifiers.ACTIONS}


def install(handlers: dict[str, Any]) -> None:
    """Put crawlers that really read in front of Glue."""
    before: Handler = handlers["glue"]

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        action = headers.get("x-amz-target", "").removeprefix("AWSGlue.")
        if action not in _ACTIONS:
            return await before(method, path, headers, body, query_params)
        return answer(_ACTIONS[action], action, body)

    handlers["glue"] = handle_request
