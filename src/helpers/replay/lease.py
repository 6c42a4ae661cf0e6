"""The right to run a replay, held by one program at a time, and the checkpoints that it writes meanwhile.

The owner renews its checkpoint every `RENEW_SECONDS`. Whoever comes and finds an owner looks whether it still does:
no clocks are compared, and one that has not for `LEASE_SECONDS` is taken for dead. What follows from a kill is known
beforehand: each checkpoint says how far the replay may get before the next one is written, and it waits there.
A renewal is one PUT, so 1,800 in an hour: $0.009 (`s3_put_thousand` in `prices.json`).
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from botocore.exceptions import BotoCoreError, ClientError

from helpers.errors import LabError
from helpers.replay.checkpoint import Checkpoint, CheckpointStore, Counts, Identity, Stored
from helpers.replay.errors import ObjectChangedSinceError, ReplayRunsAlreadyError, ReplayTakenOverError
from helpers.replay.rows import Place

RENEW_SECONDS = 2.0
LEASE_SECONDS = 10.0
_LOOK_SECONDS = 0.5
# How many events a checkpoint allows ahead: what two renewals' time takes, within these bounds.
LEAST_AHEAD, MOST_AHEAD = 100, 50_000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far the sending has come: all of the first `sent` events are in the stream, and none sent after them."""

    sent: int = 0
    place: Place = field(default_factory=Place)
    counts: Counts = field(default_factory=Counts)


class Lease:
    """One program's hold on a replay; use it as a context, and say `finish` when all is sent.

    Leaving the context by an error, Ctrl-C included, leaves a checkpoint that needs no waiting for.

    Parameters
    ----------
    store, identity
        Of the replay.
    resume
        Go on from the checkpoint of an earlier run, if there is one.
    now, sleep
        The clock, in seconds.

    Attributes
    ----------
    progress
        Where to begin, at first; then what `done` was told last.
    resumed
        Whether there was something to go on from.

    Raises
    ------
    ReplayRunsAlreadyError
        If another program is at this replay.
    ObjectChangedSinceError
        If the object is not the one that the earlier run has begun with.
    """

    def __init__(
        self,
        store: CheckpointStore,
        identity: Identity,
        resume: bool = True,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store, self._identity, self._now, self._sleep = store, identity, now, sleep
        self._owner, self._turn, self._ahead, self._raised = uuid.uuid4().hex, 0, LEAST_AHEAD, 0.0
        self._in_flight = self._may_reach = 0
        self._lock, self._wake, self._over = threading.Lock(), threading.Event(), threading.Event()
        self._lost = False
        found = self._abandoned()
        self.progress = self._begin(found, resume)
        self.resumed = self.progress.sent > 0
        self._may_reach = self.progress.sent
        etag = store.write(self._checkpoint(), found.etag if found else None)
        if etag is None:
            raise self._runs_already()
        self._etag = etag
        self._thread = threading.Thread(target=self._renew, name="replay-lease", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop()
        if kind is not None and not self._lost:
            self._release()

    def allow(self, events: int) -> None:
        """Wait until so many more events may be sent.

        Raises
        ------
        ReplayTakenOverError
            If another program has taken the replay over.
        """
        if self._lost:
            raise ReplayTakenOverError(self._identity.object, self._identity.stream, self.progress.sent + 1)
        self._in_flight = events
        if self.progress.sent + events > self._may_reach:
            self._save(events)
            self.allow(events)

    def done(self, progress: Progress) -> None:
        """Take down what has been sent."""
        self.progress, self._in_flight = progress, 0
        if self._may_reach - progress.sent < self._ahead / 2:
            self._wake.set()

    def stopped_within(self, maybe_sent: int) -> None:
        """Say how many events of those that were allowed last may be in the stream after an error."""
        self._in_flight = maybe_sent

    def finish(self) -> None:
        """Leave nothing to resume."""
        self._stop()
        if self._lost or not self._store.remove(self._etag):
            _logger.warning("Another program has taken the replay of %s over meanwhile", self._identity.object)

    def _abandoned(self) -> Stored | None:
        """Return what an earlier run has left, once it is sure to be at an end."""
        found = self._store.read()
        if found is None or not found.checkpoint.owner:
            return found
        _logger.info("%s has an owner: looking for %.0f s whether it is alive", self._store.uri, LEASE_SECONDS)
        deadline = self._now() + LEASE_SECONDS
        while self._now() < deadline:
            self._sleep(_LOOK_SECONDS)
            latest = self._store.read()
            if latest is None or not latest.checkpoint.owner:
                return latest
            if latest.etag != found.etag:
                raise self._runs_already()
        return found

    def _begin(self, found: Stored | None, resume: bool) -> Progress:
        if found is None or not resume or found.checkpoint.identity.stream_created != self._identity.stream_created:
            return Progress()
        last = found.checkpoint
        if last.identity.etag != self._identity.etag:
            raise ObjectChangedSinceError(self._identity.object, self._identity.stream, last.sent + 1)
        counts = replace(last.counts, maybe_doubled=last.counts.maybe_doubled + last.maybe_again)
        return Progress(last.sent, last.place, counts)

    def _checkpoint(self) -> Checkpoint:
        self._turn += 1
        done = self.progress
        return Checkpoint(self._identity, self._owner, self._turn, done.sent, self._may_reach, done.place, done.counts)

    def _save(self, needed: int = 0) -> None:
        """Write a checkpoint that allows more events ahead, if most of those allowed have been sent."""
        with self._lock:
            if self._lost:
                return
            checkpoint = self._checkpoint()
            left = checkpoint.may_reach - checkpoint.sent
            if left < max(self._ahead / 2, needed):
                often = self._now() - self._raised < RENEW_SECONDS
                self._ahead = min(self._ahead * 2, MOST_AHEAD) if often else max(self._ahead // 2, LEAST_AHEAD)
                self._raised = self._now()
                checkpoint = replace(checkpoint, may_reach=checkpoint.sent + max(self._ahead, needed, left))
            etag = self._store.write(checkpoint, self._etag)
            if etag is None:
                self._lost = True
            else:
                self._etag, self._may_reach = etag, checkpoint.may_reach

    def _renew(self) -> None:
        while not self._over.is_set():
            self._wake.wait(RENEW_SECONDS)
            self._wake.clear()
            if self._over.is_set() or self._lost:
                return
            try:
                self._save()
            except (BotoCoreError, ClientError, LabError) as error:
                _logger.warning("The checkpoint %s could not be written (%s); trying again", self._store.uri, error)
                self._over.wait(_LOOK_SECONDS)

    def _stop(self) -> None:
        self._over.set()
        self._wake.set()
        self._thread.join()

    def _release(self) -> None:
        """Leave a checkpoint without an owner, or none if nothing was sent."""
        self._may_reach = self.progress.sent + self._in_flight
        try:
            if self._may_reach:
                self._store.write(replace(self._checkpoint(), owner=""), self._etag)
            else:
                self._store.remove(self._etag)
        except (BotoCoreError, ClientError, LabError) as error:
            _logger.warning("The checkpoint %s stays as it was last written (%s)", self._store.uri, error)

    def _runs_already(self) -> ReplayRunsAlreadyError:
        return ReplayRunsAlreadyError(self._identity.object, self._identity.stream)
