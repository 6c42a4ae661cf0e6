"""Functions of a test's own on the local Lambda, their calls and their logs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from event_sources import ROLE, zipped


class Functions:
    """Makes functions of one module each and calls them."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.aws = client("lambda")
        self.logs = client("logs")
        self._names: list[str] = []

    def make(self, source: str, **settings: Any) -> str:
        name = f"function-{uuid.uuid4().hex[:10]}"
        settings = {"Timeout": 10, "Runtime": "python3.13", "Handler": "index.handler", **settings}
        files = settings.pop("files", {"index.py": source})
        self.aws.create_function(FunctionName=name, Role=ROLE, Code={"ZipFile": zipped(files)}, **settings)
        self._names.append(name)
        return name

    def call(self, name: str, event: Any = None, **arguments: Any) -> tuple[Any, dict[str, Any]]:
        """Return a call's payload and its whole answer."""
        answer = self.aws.invoke(FunctionName=name, Payload=json.dumps(event), **arguments)
        return json.loads(answer["Payload"].read()), answer

    def log(self, name: str) -> list[str]:
        events = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [event["message"] for event in events]

    def close(self) -> None:
        for name in self._names:
            self.aws.delete_function(FunctionName=name)
