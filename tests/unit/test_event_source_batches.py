"""What becomes of a batch as its records grow old or large."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from helpers.local.event_sources.batches import Batches, Means
from helpers.local.event_sources.destinations import Discarded
from helpers.local.event_sources.events import Event, Source
from helpers.local.event_sources.invocation import Answer
from helpers.local.event_sources.mapping import Settings, settings_of
from helpers.local.event_sources.progress import start_at
from helpers.local.event_sources.reader import Item
from helpers.local.kinesis.shard_log import Record
from helpers.local.kinesis.stored import now_millis

SOURCE = Source("arn:aws:kinesis:us-east-1:0:stream/s", "us-east-1", "shardId-000000000000", "arn:aws:iam::0:role/r")
DONE = Answer(True, False, None, "id", "$LATEST", "")
FAILED = Answer(True, True, None, "id", "$LATEST", "PROBLEM: Function call failed")
THROTTLED = Answer(False, True, None, "id", "$LATEST", "PROBLEM: Function call failed")
DAY_MILLIS = 86_400_000


def settings(**given: Any) -> Settings:
    return settings_of(
        {
            "FunctionName": "f",
            "FunctionArn": "arn:aws:lambda:us-east-1:0:function:f",
            "EventSourceArn": SOURCE.arn,
            "BatchSize": 100,
            "MaximumBatchingWindowInSeconds": 0,
            "ParallelizationFactor": 1,
            "TumblingWindowInSeconds": 0,
            "MaximumRetryAttempts": -1,
            "MaximumRecordAgeInSeconds": -1,
            "BisectBatchOnFunctionError": False,
            "FunctionResponseTypes": [],
            "DestinationConfig": {},
            **given,
        }
    )


class Surroundings:
    """Answers in place of the function, and notes what it was sent and what was discarded."""

    def __init__(
        self,
        answer: Callable[[], Answer],
        retention_millis: int = DAY_MILLIS,
        pause_seconds: float = 0,
        **given: Any,
    ) -> None:
        self.sent: list[list[str]] = []
        self.discarded: list[tuple[str, int, int, bool]] = []
        self.progress = start_at(0, 1)
        self._answer = answer

        def invoke(_: Settings, event: Event) -> Answer:
            self.sent.append([record["kinesis"]["sequenceNumber"] for record in event["Records"]])
            return self._answer()

        def discard(_: Settings, batch: Discarded, __: Event) -> None:
            self.discarded.append((batch.condition, batch.size, batch.invokes, batch.answer is None))

        def pause(_: float) -> bool:
            time.sleep(pause_seconds)
            return len(self.sent) > 50

        means = Means(
            settings=lambda: settings(**given),
            invoke=invoke,
            discard=discard,
            report=lambda result: None,
            pause=pause,
            oldest_millis=lambda: now_millis() - retention_millis,
        )
        self._batches = Batches(means, SOURCE, self.progress, 0)

    def process(self, *ages_seconds: float, size: int = 1) -> bool:
        """Process records of these ages, each with so many bytes of data."""
        now = now_millis()
        records = [Record(str(n), int(now - age * 1000), "k", b"x" * size) for n, age in enumerate(ages_seconds)]
        return self._batches.process([Item(n, record) for n, record in enumerate(records)], len(records))


def test_records_above_the_age_limit_are_discarded_without_a_call() -> None:
    around = Surroundings(lambda: DONE, MaximumRecordAgeInSeconds=60)
    assert around.process(61, 60.5, 59, 1)
    assert around.discarded == [("RecordAgeExceeded", 2, 0, True)]
    assert around.sent == [["2", "3"]]
    assert around.progress.places == [4]


def test_without_an_age_limit_no_record_is_too_old() -> None:
    around = Surroundings(lambda: DONE)
    assert around.process(80_000)
    assert (around.discarded, around.sent) == ([], [["0"]])


@pytest.mark.parametrize("answer", [FAILED, THROTTLED], ids=["failing", "throttled"])
def test_retries_end_at_the_age_limit_whatever_the_failure(answer: Answer) -> None:
    around = Surroundings(lambda: answer, pause_seconds=0.02, MaximumRecordAgeInSeconds=60)
    # The record turns 60 s old within the test.
    assert around.process(59.9)
    assert len(around.sent) > 1
    invokes = len(around.sent) if answer is FAILED else 0
    assert around.discarded == [("RecordAgeExceeded", 1, invokes, False)]


def test_records_that_have_expired_in_the_stream_are_given_up() -> None:
    around = Surroundings(lambda: FAILED, retention_millis=1000)
    assert around.process(1.5)
    assert around.discarded == [("RecordAgeExceeded", 1, 0, True)]


def test_a_record_that_is_too_large_for_an_event_is_discarded() -> None:
    around = Surroundings(lambda: DONE)
    assert around.process(0, size=5 * 2**20)
    assert around.discarded == [("MaximumPayloadSizeExceeded", 1, 0, True)]
    assert around.sent == []


def test_unlimited_retries_end_when_the_mapping_stops_and_keep_the_place() -> None:
    around = Surroundings(lambda: FAILED)
    assert not around.process(0, 0)
    assert around.discarded == []
    assert around.progress.places == [0]


def test_throttled_calls_do_not_count_as_attempts() -> None:
    answers = iter([THROTTLED] * 5 + [FAILED, THROTTLED, FAILED])
    around = Surroundings(lambda: next(answers), MaximumRetryAttempts=1)
    assert around.process(0)
    assert around.discarded == [("RetryAttemptsExhausted", 1, 2, False)]
    assert len(around.sent) == 8


def test_bisecting_halves_until_each_failing_record_stands_alone() -> None:
    around = Surroundings(lambda: FAILED, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True)
    assert around.process(0, 0, 0)
    assert around.sent == [["0", "1", "2"], ["0"], ["1", "2"], ["1"], ["2"]]
    assert around.discarded == [("RetryAttemptsExhausted", 1, 1, False)] * 3
