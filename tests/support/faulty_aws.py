"""AWS that fails now and then: microburst between a client and the local AWS."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_START_SECONDS = 60.0
_SEEDED = "import random, sys; random.seed(int(sys.argv[1])); from microburst.cli import main; main(sys.argv[2:])"

Rule = dict[str, Any]


@dataclass(frozen=True)
class FaultyAws:
    """An endpoint whose calls fail by rules: https://github.com/pingedbrain/microburst#rules"""

    url: str

    def fired(self) -> list[dict[str, Any]]:
        """Return the faults so far, each with `service`, `operation` and `action`."""
        answer: Any = self._control("GET", "fired?limit=100000")
        return list(answer if isinstance(answer, list) else answer["fired"])

    def heal(self) -> None:
        """Fail no more calls."""
        self.break_by([])

    def break_by(self, rules: Sequence[Rule]) -> None:
        """Fail calls by these rules."""
        self._control("POST", "rules", list(rules))

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_microburst/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@contextmanager
def faulty_aws(upstream: str, rules: Sequence[Rule], seed: int, log: Path) -> Iterator[FaultyAws]:
    """Run a proxy before `upstream` whose dice begin with `seed`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--upstream", upstream, "--host", "127.0.0.1", "--port", str(port), "--no-resign"]
    with log.open("wb") as out:
        proxy = subprocess.Popen(
            [sys.executable, "-c", _SEEDED, str(seed), *options], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        aws = FaultyAws(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                aws.break_by(rules)
                break
            except OSError:
                assert proxy.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.05)
        yield aws
    finally:
        proxy.kill()
        proxy.wait()
