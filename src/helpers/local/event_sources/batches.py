"""One batch until it is done or given up: calls, retries, bisecting, limits.

Rules: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from helpers.local.event_sources import destinations, events
from helpers.local.event_sources.destinations import Discarded
from helpers.local.event_sources.events import Event, Source
from helpers.local.event_sources.invocation import Answer, Outcome, Verdict, judge
from helpers.local.event_sources.mapping import CALL_FAILED, OK, Settings
from helpers.local.event_sources.progress import ShardProgress
from helpers.local.event_sources.reader import Item
from helpers.local.kinesis.shard_log import Record
from helpers.local.kinesis.stored import now_millis

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# A throttled function may be free again at any moment.
LONGEST_THROTTLED_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Means:
    """What a batch needs from its surroundings.

    Attributes
    ----------
    settings
        The mapping's settings as they are now.
    invoke
        Calls the function.
    discard
        Hands a given-up batch and its event on.
    report
        Notes the last processing result.
    pause
        Waits so many seconds; returns True if the mapping stops.
    oldest_millis
        Arrival time from which records are still in the stream.
    """

    settings: Callable[[], Settings]
    invoke: Callable[[Settings, Event], Answer]
    discard: Callable[[Settings, Discarded, Event], None]
    report: Callable[[str], None]
    pause: Callable[[float], bool]
    oldest_millis: Callable[[], int]


@dataclass
class _Part:
    """Some successive records that are sent together."""

    items: list[Item]
    failures: int = 0
    unreached: int = 0
    answer: Answer | None = None

    @property
    def records(self) -> list[Record]:
        return [item.record for item in self.items]


class Batches:
    """The batches of one slot of a shard, one after another.

    Parameters
    ----------
    means
        The surroundings.
    source
        The shard.
    progress, slot
        Where done records are noted.
    """

    def __init__(self, means: Means, source: Source, progress: ShardProgress, slot: int) -> None:
        self._means = means
        self._source = source
        self._progress = progress
        self._slot = slot
        self._last: Record | None = None

    def process(self, items: list[Item], after: int) -> bool:
        """Send a batch until every record is done or discarded; False if the mapping stops before."""
        parts = deque([_Part(items)])
        while parts:
            part = parts[0]
            self._progress.places[self._slot] = part.items[0].place
            settings = self._means.settings()
            if self._drop_unfit(part, settings):
                parts.popleft()
                continue
            outcome = self._send(part, settings)
            if outcome.verdict is Verdict.DONE:
                parts.popleft()
            elif outcome.verdict is Verdict.PARTLY:
                self._progress.places[self._slot] = part.items[outcome.first_failed].place
                parts[0] = _Part(part.items[outcome.first_failed :])
            elif outcome.verdict is Verdict.FAILED and settings.bisect and len(part.items) > 1:
                # Splitting a batch does not count towards the retry quota.
                middle = len(part.items) // 2
                parts.popleft()
                parts.extendleft((_Part(part.items[middle:]), _Part(part.items[:middle])))
            elif outcome.verdict is Verdict.FAILED and 0 <= settings.max_retries < part.failures:
                self._discard(part, destinations.RETRIES_EXHAUSTED, settings)
                parts.popleft()
                continue
            if outcome.verdict is not Verdict.DONE and self._means.pause(_pause_seconds(part)):
                return False
            if not self._close_full_window(settings):
                return False
        self._progress.places[self._slot] = after
        return True

    def close_window(self, *, early: bool = False) -> bool:
        """Make the final call of the open window and drop its state; False if the mapping stops before."""
        window = self._progress.window
        if window is None or not window.used:
            self._progress.window = None
            return True
        part = _Part([])
        while True:
            settings = self._means.settings()
            event = events.window_event(self._source, [], window, final=True, early=early)
            answer = part.answer = self._means.invoke(settings, event)
            if answer.reached and not answer.error:
                self._means.report(OK)
                break
            self._means.report(answer.problem)
            if answer.reached:
                part.failures += 1
            else:
                part.unreached += 1
            condition = self._window_given_up(part, settings)
            if condition is not None and self._last is not None:
                lost = Discarded(condition, self._last, self._last, 0, part.failures, answer)
                self._means.discard(settings, lost, event)
                break
            if self._means.pause(_pause_seconds(part)):
                return False
        self._progress.window = None
        return True

    def _window_given_up(self, part: _Part, settings: Settings) -> str | None:
        if 0 <= settings.max_retries < part.failures:
            return destinations.RETRIES_EXHAUSTED
        if self._last is not None and self._last.arrival < self._oldest(settings):
            return destinations.TOO_OLD
        return None

    def _send(self, part: _Part, settings: Settings) -> Outcome:
        answer = self._means.invoke(settings, self._event(part))
        part.answer = answer
        outcome = judge(answer, [record.sequence_number for record in part.records], settings)
        if outcome.verdict is Verdict.NOT_REACHED:
            part.unreached += 1
        elif outcome.verdict is Verdict.FAILED:
            part.failures += 1
        if outcome.verdict in (Verdict.DONE, Verdict.PARTLY):
            done = len(part.items) if outcome.verdict is Verdict.DONE else outcome.first_failed
            self._last = part.records[done - 1]
            if self._progress.window is not None:
                self._progress.window.state = outcome.state
                self._progress.window.used = True
        self._means.report(OK if outcome.verdict is Verdict.DONE else answer.problem or CALL_FAILED)
        return outcome

    def _close_full_window(self, settings: Settings) -> bool:
        window = self._progress.window
        if window is None or events.state_bytes(window.state) <= events.MAX_STATE_BYTES:
            return True
        if not self.close_window(early=True):
            return False
        # What is left of the window's time goes on with a fresh state.
        self._progress.window = events.Window(window.start, window.end, {})
        return True

    def _drop_unfit(self, part: _Part, settings: Settings) -> bool:
        """Discard records that are too old or too large; return whether none is left."""
        oldest = self._oldest(settings)
        too_old = sum(record.arrival < oldest for record in part.records)
        if too_old:
            lost = _Part(part.items[:too_old], part.failures, answer=part.answer)
            self._discard(lost, destinations.TOO_OLD, settings)
            part.items = part.items[too_old:]
        if len(part.items) == 1:
            record = part.records[0]
            if events.record_bytes(self._source, record) > events.MAX_PAYLOAD_BYTES:
                self._discard(part, destinations.TOO_LARGE, settings)
                part.items = []
        return not part.items

    def _oldest(self, settings: Settings) -> int:
        limit = settings.limit_age_millis
        return max(self._means.oldest_millis(), now_millis() - limit if limit is not None else 0)

    def _discard(self, part: _Part, condition: str, settings: Settings) -> None:
        records = part.records
        self._last = records[-1]
        lost = Discarded(condition, records[0], records[-1], len(records), part.failures, part.answer)
        self._means.discard(settings, lost, self._event(part))

    def _event(self, part: _Part) -> Event:
        window = self._progress.window
        if window is None:
            return events.batch_event(self._source, part.records)
        return events.window_event(self._source, part.records, window, final=False, early=False)


def _pause_seconds(part: _Part) -> float:
    throttled = part.answer is not None and not part.answer.reached
    longest = LONGEST_THROTTLED_PAUSE_SECONDS if throttled else LONGEST_PAUSE_SECONDS
    tries = max(part.failures + part.unreached, 1)
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 10), longest))
