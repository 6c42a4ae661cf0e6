"""Faults between a client and the local AWS: of whole requests by microburst, of single records by a proxy here."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from helpers.local.ports import listen
from helpers.waiting import until

REFUSED = "ProvisionedThroughputExceededException"
INTERNAL = "InternalFailure"


class Microburst:
    """A running microburst; its rules say what goes wrong."""

    def __init__(self, url: str) -> None:
        self.url = url

    def break_by(self, *rules: dict[str, Any]) -> None:
        """Replace the rules; each holds for Kinesis unless it names a service."""
        self._ask("POST", "rules", [{"service": "kinesis"} | rule for rule in rules])
        self._ask("DELETE", "fired")

    def fired(self) -> int:
        """Return how many faults there were since the rules were set."""
        return len(self._ask("GET", "fired?limit=10000"))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_microburst/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def microburst(upstream: str) -> Iterator[Microburst]:
    """Run microburst in front of a local AWS."""
    with listen(0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "microburst", "--upstream", upstream, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proxy = Microburst(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        assert process.poll() is None, f"microburst ended with {process.returncode}"
        try:
            proxy.fired()
        except OSError:
            return False
        return True

    try:
        until(answers, "microburst", 60)
        yield proxy
    finally:
        process.kill()
        process.wait()


class RecordFaults:
    """What a proxy does to the records of PutRecords; microburst knows only whole answers.

    Attributes
    ----------
    share
        Part of the records that are refused.
    requests
        Only so many requests are touched; None for all.
    code
        Error code of the refusals.
    refused
        Records refused so far.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.reset(0.0)

    def reset(self, share: float, requests: int | None = None, code: str = REFUSED, seed: int = 1) -> None:
        self.share, self.requests, self.code, self.refused = share, requests, code, 0
        self.chance = random.Random(seed)
        self._first = True

    def choose(self, count: int) -> list[bool]:
        """Say of each record of a request whether it is refused; the first request, of ticks, goes through."""
        if self._first:
            self._first = False
            return [False] * count
        if self.requests is not None:
            if not self.requests:
                return [False] * count
            self.requests -= 1
        chosen = [self.chance.random() < self.share for _ in range(count)]
        self.refused += sum(chosen)
        return chosen


@contextmanager
def record_faults(upstream: str) -> Iterator[RecordFaults]:
    """Run a proxy that refuses single records of PutRecords; the others it sends on."""
    where = urlsplit(upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else each body waits for the acknowledgement of its headers, which takes 40 ms.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("X-Amz-Target", "").endswith(".PutRecords"):
                self._put(json.loads(body))
            else:
                self._answer(*self._send_on(body))

        def _put(self, request: dict[str, Any]) -> None:
            refused = faults.choose(len(request["Records"]))
            taken = [record for record, no in zip(request["Records"], refused, strict=True) if not no]
            results: Iterator[dict[str, Any]] = iter(())
            if taken:
                status, answer = self._send_on(json.dumps(request | {"Records": taken}).encode())
                if status != 200:
                    self._answer(status, answer)
                    return
                results = iter(json.loads(answer)["Records"])
            refusal = {"ErrorCode": faults.code, "ErrorMessage": "Rate exceeded for shard"}
            records = [refusal if no else next(results) for no in refused]
            self._answer(200, json.dumps({"FailedRecordCount": sum(refused), "Records": records}).encode())

        def _send_on(self, body: bytes) -> tuple[int, bytes]:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("content-length", "host")}
            connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
            try:
                connection.request("POST", self.path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    faults = RecordFaults(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
