"""The thread of one delivery stream: it takes records in, and delivers when size or time say so.

Without anything buffered, and without a source, it sleeps until it is woken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any

from helpers.local import in_process
from helpers.local.firehose.pipeline import Identity, Pipeline
from helpers.local.firehose.records import Record
from helpers.local.firehose.reporting import Reporter
from helpers.local.firehose.source import POLL_SECONDS, KinesisSource

logger = logging.getLogger(__name__)

# How often objects that a deleted stream cannot deliver are tried again.
_LAST_ATTEMPTS = 3


class Worker:
    """The thread that works for a delivery stream until it is stopped.

    Parameters
    ----------
    identity
        Names of the delivery stream.
    account
        Account for which it acts.
    configuration, version
        The destination, complete, and its version.
    source
        The Kinesis stream it reads, None for direct puts.
    """

    def __init__(
        self,
        identity: Identity,
        account: str,
        configuration: dict[str, Any],
        version: int,
        source: KinesisSource | None,
    ) -> None:
        self._account, self._region, self._name = account, identity.region, identity.name
        self._pipeline = Pipeline(identity, configuration, version)
        self._reporter = Reporter(identity.name, identity.arn)
        self._source = source
        self._changed = threading.Condition()
        self._arrived: list[Record] = []
        self._pending: deque[Record] = deque()
        self._configuration: tuple[dict[str, Any], int] | None = None
        self._stopping = False
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"firehose-{identity.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, records: list[Record]) -> None:
        """Take records in; they are delivered later."""
        with self._changed:
            self._arrived += records
            self._changed.notify()

    def configure(self, configuration: dict[str, Any], version: int) -> None:
        """Take another configuration from now on."""
        with self._changed:
            self._configuration = (configuration, version)
            self._changed.notify()

    def stop(self) -> None:
        """Deliver what is buffered, then end; `ended` tells when."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def _run(self) -> None:
        with in_process.scope(self._account, self._region):
            try:
                while not self._step():
                    pass
            finally:
                self.ended.set()

    def _step(self) -> bool:
        """Wait for something to do and do it; return whether the work is over."""
        with self._changed:
            self._changed.wait_for(self._is_woken, self._seconds_to_wait())
            self._pending += self._arrived
            self._arrived = []
            configuration, self._configuration = self._configuration, None
            stopping = self._stopping
        try:
            if configuration is not None:
                self._pipeline.configure(*configuration)
            self._pipeline.take(self._pending, time.monotonic())
            if self._source is not None:
                for page in self._source.read():
                    self._reporter.counts("DataReadFromKinesisStream", len(page), sum(len(r.data) for r in page))
                    self._pending += page
                    self._pipeline.take(self._pending, time.monotonic())
            self._pipeline.work(time.monotonic(), everything=stopping)
        except Exception:
            # Whatever went wrong, what is buffered stays, and the next records still come through.
            logger.exception("Delivery stream %s broke", self._name)
            time.sleep(POLL_SECONDS)
        return stopping and self._have_ended()

    def _have_ended(self) -> bool:
        for _ in range(_LAST_ATTEMPTS):
            if not self._pipeline.undelivered:
                return True
            time.sleep(POLL_SECONDS)
            self._pipeline.work(time.monotonic(), everything=True)
        if self._pipeline.undelivered:
            logger.error("%d objects of the deleted stream %s are lost", self._pipeline.undelivered, self._name)
        return True

    def _is_woken(self) -> bool:
        return bool(self._arrived) or self._configuration is not None or self._stopping

    def _seconds_to_wait(self) -> float | None:
        due = self._pipeline.next_due()
        seconds = None if due is None else max(0.0, due - time.monotonic())
        if self._source is None:
            return seconds
        return POLL_SECONDS if seconds is None else min(seconds, POLL_SECONDS)
