"""One execution environment: a process that runs a function's code, and its limits of time and memory.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from helpers.local.lambda_runtime import bootstrap
from helpers.local.lambda_runtime.invocation import Invocation

logger = logging.getLogger(__name__)

INIT_SECONDS = 10.0
_MEMORY_LOOK_SECONDS = 0.02
# A handler that is killed may leave a log line without its end.
_LOG_SECONDS = 0.25
_EXIT_SECONDS = 2.0

Result = dict[str, Any]


class _EndedError(Exception):
    """The environment's process is gone, or does not answer in time."""


@dataclass
class Environment:
    """A process that answers events one at a time.

    Parameters
    ----------
    path
        Folders to import from, the function's own first.
    variables
        The process's environment variables.
    memory_bytes
        What it may use.
    log_stream
        Name of the stream in CloudWatch Logs that has its lines.
    last_used
        When it answered last, in seconds of the monotonic clock.
    """

    path: list[str]
    variables: dict[str, str]
    memory_bytes: int
    log_stream: str
    last_used: float = field(default_factory=time.monotonic)
    _process: subprocess.Popen[bytes] | None = None
    _watched: psutil.Process | None = None
    _answers: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _log: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    _init_seconds: float = 0.0
    _init_log: list[str] = field(default_factory=list)
    _peak: int = 0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout_seconds: float) -> None:
        """Start the process; what its start fails with is the answer to its first event.

        The init phase has ten seconds, and as much time as an event if that is more: AWS starts it again
        within the first event.
        """
        began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-u", str(Path(bootstrap.__file__))],
            cwd=self.path[0],
            env=self.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            self._watched = psutil.Process(self._process.pid)
        except psutil.Error:
            logger.debug("The process of %s has ended before its first line", self.log_stream)
        for stream, lines in ((self._process.stdout, self._answers), (self._process.stderr, self._log)):
            threading.Thread(target=_pump, args=(stream, lines), daemon=True).start()
        try:
            self._send({"path": self.path})
            self._await(began + max(INIT_SECONDS, timeout_seconds))
            self._init_log = self._take_log()
        except _EndedError:
            self.kill()
        self._init_seconds = time.monotonic() - began

    def invoke(self, request: dict[str, Any], timeout_seconds: float) -> Invocation:
        """Send an event and wait for its answer; a process that ends or is too slow or large is killed."""
        init_seconds, self._init_seconds = self._init_seconds, 0.0
        began = time.monotonic()
        request["deadline"] = time.time() + timeout_seconds
        if self.is_alive:
            self._peak = 0
        log: list[str] = []
        try:
            if not self.is_alive:
                raise _EndedError
            self._send(request)
            answer = json.loads(self._await(began + timeout_seconds))
            status = "success" if "result" in answer else "error"
            (result,) = answer.values()
        except _EndedError:
            late = self.is_alive and time.monotonic() >= began + timeout_seconds
            status = "timeout" if late else "error"
            result, log = self._end(request["request_id"], timeout_seconds if late else None)
        init_log, self._init_log = self._init_log, []
        log = [*self._take_log(), *log]
        self.last_used = time.monotonic()
        return Invocation(result, status, init_log, log, self.last_used - began, init_seconds, self._peak)

    def _end(self, request_id: str, late_after_seconds: float | None) -> tuple[Result, list[str]]:
        """Kill the process; return the error that AWS answers then, and the entry that it logs."""
        too_large = self._peak > self.memory_bytes
        reason = self._reason(too_large)
        self.kill()
        if late_after_seconds is not None:
            text = f"Task timed out after {late_after_seconds:.2f} seconds"
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            return _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}"), [
                f"{now}Z {request_id} {text}\n\n"
            ]
        result = _error("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")
        kind = "Runtime.OutOfMemory" if too_large else "Runtime.ExitError"
        return result, [f"{result['errorMessage']}\n{kind}\n"]

    def kill(self) -> None:
        """End the process, at once."""
        if self._process is None:
            return
        self._process.kill()
        try:
            self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return
        if self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                return

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _EndedError from error

    def _await(self, limit: float) -> str:
        """Return the next answer, looking at the process's memory while waiting."""
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, min(_MEMORY_LOOK_SECONDS, limit - time.monotonic())))
            except queue.Empty:
                self._look_at_memory()
                if time.monotonic() >= limit or self._peak > self.memory_bytes:
                    raise _EndedError from None
                continue
            if answer is None:
                assert self._process is not None
                try:
                    self._process.wait(_EXIT_SECONDS)
                except subprocess.TimeoutExpired:
                    self.kill()
                raise _EndedError
            self._look_at_memory()
            return answer

    def _look_at_memory(self) -> None:
        if self._watched is None:
            return
        try:
            used = self._watched.memory_info()
        except psutil.Error:
            return
        # Pages of files that all processes share, such as the interpreter's, are not the function's own.
        self._peak = max(self._peak, used.rss - getattr(used, "shared", 0))

    def _take_log(self) -> list[str]:
        """Return the entries up to the mark that ends an event's log."""
        entries: list[str] = []
        while True:
            try:
                line = self._log.get(timeout=_LOG_SECONDS)
            except queue.Empty:
                return entries
            if line is None:
                self._log.put(None)
                return entries
            text, mark, _ = line.partition(bootstrap.END_OF_LOG)
            if text or not mark:
                entries.append(_entry(text))
            if mark:
                return entries

    def _reason(self, too_large: bool) -> str:
        code = self._process.poll() if self._process is not None else None
        if too_large or (code is not None and code < 0):
            return "Runtime exited with error: signal: killed"
        if not code:
            return "Runtime exited without providing a reason"
        return f"Runtime exited with error: exit status {code}"


def _pump(stream: Any, lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        lines.put(line.decode("utf-8", "replace").rstrip("\r\n"))
    lines.put(None)
    stream.close()


def _entry(text: str) -> str:
    end = "" if text.startswith(bootstrap.ERROR_ENTRY) else "\n"
    return text.removeprefix(bootstrap.ERROR_ENTRY).replace(bootstrap.LINE_BREAK, "\n") + end


def _error(kind: str, message: str) -> Result:
    return {"errorType": kind, "errorMessage": message}
