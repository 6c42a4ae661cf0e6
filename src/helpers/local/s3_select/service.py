"""SelectObjectContent comes here; all else of S3 stays the emulator's.

AWS offers S3 Select no more to new customers; accounts that used it before keep it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from helpers.local import in_process
from helpers.local.s3_select import event_stream
from helpers.local.s3_select.errors import Response, SelectError
from helpers.local.s3_select.request import parse

Handler = Callable[..., Awaitable[Response]]


def install(handlers: dict[str, Any]) -> None:
    """Put S3 Select in front of the emulator's S3."""
    emulated: Handler = handlers["s3"]

    async def handle_request(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        **more: Any,
    ) -> Response:
        if method != "POST" or "select" not in query_params or "select-type" not in query_params:
            return await emulated(method, path, headers, body, query_params, **more)
        bucket, _, key = unquote(path.lstrip("/")).partition("/")
        try:
            content = bytes(in_process.read_object(bucket, key))
            selected = await asyncio.to_thread(_selected, content, body)
        except in_process.ServiceCallError:
            return SelectError("NoSuchKey", "The specified key does not exist.", 404).response()
        except SelectError as error:
            return error.response()
        answer = event_stream.encode(selected, len(content), len(content))
        return 200, {"Content-Type": "application/vnd.amazon.eventstream"}, answer

    handlers["s3"] = handle_request


def _selected(content: bytes, body: bytes) -> bytes:
    """Return what a request's query selects; its libraries are loaded with the first, as nearly nobody asks."""
    from helpers.local.s3_select import query

    return query.run(content, parse(body))
