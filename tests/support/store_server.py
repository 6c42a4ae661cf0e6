"""The local AWS with one more path, which tells what every store in the process holds.

Run in the place of `helpers.local.server`: see `AWS_WITH_STORES`.
"""

from __future__ import annotations

import importlib
import json
import sys
import urllib.parse
import urllib.request
from collections import deque
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from helpers.local import process, server

PATH = "/_lab/stores"
PACKAGES = ("ministack.services.", "helpers.local.")
SCOPED = (AccountScopedDict, AccountRegionScopedDict)
AWS_WITH_STORES = process.Program("local AWS", "aws", "store_server", 4566)

Stores = dict[str, list[str]]


def stores_of(endpoint: str, modules: list[str]) -> tuple[Stores, list[str]]:
    """Ask a local AWS for the keys in each of its stores, `modules` imported before; and for its modules."""
    query = urllib.parse.urlencode({"modules": ",".join(modules)})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{endpoint}{PATH}?{query}", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found["stores"], found["modules"]


def _stores() -> Stores:
    found: Stores = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(PACKAGES):
            for attribute, value in list(vars(module).items()):
                _look(f"{name}.{attribute}", value, found, set(), 3)
    return found


def _look(place: str, value: Any, found: Stores, seen: set[int], depth: int) -> None:
    if id(value) in seen or depth == 0:
        return
    seen.add(id(value))
    if isinstance(value, SCOPED):
        value = value._data
    if isinstance(value, dict):
        found[place] = sorted(repr(key)[:200] for key in list(value))
    elif isinstance(value, (list, set, deque)):
        found[place] = sorted(repr(each)[:200] for each in list(value))
    elif type(value).__module__.startswith(PACKAGES) and hasattr(value, "__dict__"):
        for attribute, inner in list(vars(value).items()):
            _look(f"{place}.{attribute}", inner, found, seen, depth - 1)


def _answering(app: Any) -> Any:
    async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await app(scope, receive, send)
            return
        query = urllib.parse.parse_qs(scope["query_string"].decode())
        for name in query.get("modules", [""])[0].split(","):
            if name:
                importlib.import_module(name)
        modules = sorted(name for name in sys.modules if name.startswith(PACKAGES))
        body = json.dumps({"stores": _stores(), "modules": modules}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return answer


if __name__ == "__main__":
    build_app = server.build_app
    server.build_app = lambda: _answering(build_app())
    server.main()
