"""The function on stream 1: the windows that Flink would find, counted once whatever is delivered again."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pandas as pd
import pytest
from botocore.exceptions import ClientError
from function_world import ALERT_OVER, FunctionWorld, make_world
from lambda_events import FakeContext, failed, kinesis_event, sequence

from functions.shared import clients
from functions.watch import handler as watch
from functions.watch.events import PoisonRecordError, WindowKey, window_of
from helpers.bot_rule import BotRule
from helpers.dataset import sample_path
from helpers.windows import count_windows

BEGIN = datetime(2019, 10, 1)


@pytest.fixture
def world(client: Callable[[str], Any], local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionWorld]:
    made = make_world(client)
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(watch.metrics, "namespace", made.table, raising=False)
    watch._worker.cache_clear()
    yield made
    watch._worker.cache_clear()


def event(user_id: int, second: int, event_type: str = "view") -> dict[str, Any]:
    return {
        "event_time": f"{BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S} UTC",
        "event_type": event_type,
        "product_id": "1",
        "category_id": "2",
        "category_code": "",
        "brand": "",
        "price": "1.00",
        "user_id": str(user_id),
        "user_session": "s",
        "txn_timestamp": "2026-11-24T12:00:00.000",
    }


def traffic(seed: int, events: int = 400) -> list[dict[str, Any]]:
    """Return events of some users within two minutes, in order of time; user 1 is busy."""
    chance = random.Random(seed)
    seconds = sorted(chance.randrange(120) for _ in range(events))
    return [event(chance.choice([1, 1, 1, 1, 2, 2, 3, 4, 5]), second) for second in seconds]


def recomputed(events: list[dict[str, Any]]) -> dict[tuple[int, str], int]:
    counts: Counter[tuple[int, str]] = Counter()
    for each in events:
        stamp = datetime.strptime(each["event_time"], "%Y-%m-%d %H:%M:%S UTC")
        start = stamp.replace(second=stamp.second // 10 * 10)
        counts[int(each["user_id"]), start.isoformat()] += 1
    return dict(counts)


def counted(world: FunctionWorld) -> dict[tuple[int, str], int]:
    return {key: item["actions"] for key, item in world.items().items()}


def invoke(payloads: list[Any], context: FakeContext | None = None, **arguments: Any) -> list[str]:
    return failed(watch.handler(kinesis_event(payloads, **arguments), context or FakeContext()))


def test_counts_and_alerts_are_those_of_the_events(world: FunctionWorld) -> None:
    events = traffic(seed=1)
    for start in range(0, len(events), 100):
        assert invoke(events[start : start + 100], first=start) == []
    expected = recomputed(events)
    assert counted(world) == expected
    alerted = {(alert["user_id"], alert["window_start"]) for alert in world.alerts()}
    assert alerted == {key for key, actions in expected.items() if actions > ALERT_OVER}
    assert alerted


def test_the_sample_gives_the_windows_that_the_lab_recomputes(world: FunctionWorld) -> None:
    with gzip.open(sample_path(), "rt", encoding="utf-8", newline="") as file:
        rows = list(islice(csv.DictReader(file), 800))
    planted = [row | {"user_id": "1", "event_time": rows[0]["event_time"]} for row in rows[:12]]
    events = planted + rows
    for start in range(0, len(events), 300):
        assert invoke(events[start : start + 300], first=start) == []
        assert invoke(events[start + 100 : start + 250], first=start + 100) == []
    rule = BotRule()
    expected = count_windows(pd.DataFrame(events), rule)
    kept = {key: actions for key, actions in counted(world).items() if actions > rule.activity_over}
    starts = expected["window_start"].dt.strftime("%Y-%m-%dT%H:%M:%S")
    assert kept == dict(
        zip(zip(expected["user_id"].astype(int), starts, strict=True), expected["actions"], strict=True)
    )
    alerts = sorted((alert["user_id"], alert["window_start"]) for alert in world.alerts())
    assert alerts == sorted(key for key, actions in kept.items() if actions > rule.alert_over)
    assert alerts


def test_batches_that_come_again_with_other_ends_count_once(world: FunctionWorld) -> None:
    events = traffic(seed=2)
    for start, end in ((0, 150), (50, 150), (0, 30), (120, 300), (150, 225), (225, 400), (0, 400)):
        assert invoke(events[start:end], first=start) == []
    expected = recomputed(events)
    assert counted(world) == expected
    alerts = [(alert["user_id"], alert["window_start"]) for alert in world.alerts()]
    assert sorted(alerts) == sorted(key for key, actions in expected.items() if actions > ALERT_OVER)


def test_a_user_whose_events_come_over_two_shards_is_counted_in_both(world: FunctionWorld) -> None:
    first, second = [event(1, 1)] * 6, [event(1, 2)] * 6
    for _ in range(2):
        assert invoke(first, shard=0) == []
        assert invoke(second, shard=1) == []
    assert counted(world) == {(1, "2019-10-01T00:00:00"): 12}
    assert len(world.alerts()) == 1


def test_an_alert_goes_out_when_the_counter_passes_the_threshold_and_only_then(world: FunctionWorld) -> None:
    invoke([event(1, 3)] * 10)
    assert world.alerts() == []
    invoke([event(1, 4)], first=10)
    [alert] = world.alerts()
    assert (alert["actions"], alert["window_end"]) == (11, "2019-10-01T00:00:10")
    invoke([event(1, 5)] * 5, first=11)
    assert world.alerts() == []
    assert counted(world) == {(1, "2019-10-01T00:00:00"): 16}


def test_ticks_and_closing_events_are_no_traffic(world: FunctionWorld) -> None:
    assert invoke([event(0, 1, "tick"), event(0, 7200, "end_of_replay"), event(1, 1)]) == []
    assert counted(world) == {(1, "2019-10-01T00:00:00"): 1}


def test_poison_records_fail_alone(world: FunctionWorld, caplog: pytest.LogCaptureFixture) -> None:
    batch = [b"{", event(1, 1), event(2, 1) | {"event_time": "soon"}, event(3, 1)]
    assert invoke(batch) == [sequence(0), sequence(2)]
    assert {key[0] for key in counted(world)} == {1, 3}
    reasons = [record.__dict__["reason"] for record in caplog.records if record.getMessage() == "poison record"]
    assert reasons[1] == "event_time 'soon' is not a time like 2019-10-01 00:00:00 UTC"


def test_a_refused_write_fails_its_own_user_and_is_made_good(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RefusesUserTwo:
        exceptions = world.dynamodb.exceptions
        refusals = 1

        def update_item(self, **arguments: Any) -> Any:
            if arguments["Key"]["user_id"]["N"] == "2" and self.refusals:
                self.refusals -= 1
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "UpdateItem")
            return world.dynamodb.update_item(**arguments)

    refusing = RefusesUserTwo()
    monkeypatch.setattr(clients, "dynamodb", lambda: refusing)
    batch = [event(1, 1), event(2, 1), event(3, 1), event(2, 2)]
    assert invoke(batch) == [sequence(1)]
    assert invoke(batch[1:], first=1) == []
    assert {key[0]: actions for key, actions in counted(world).items()} == {1: 1, 2: 2, 3: 1}


def test_an_alert_that_could_not_be_published_goes_out_when_the_batch_comes_again(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RefusesOnce:
        refusals = 1

        def __getattr__(self, name: str) -> Any:
            return getattr(world.sns, name)

        def publish(self, **arguments: Any) -> Any:
            if self.refusals:
                self.refusals -= 1
                raise ClientError({"Error": {"Code": "Throttling", "Message": "slow"}}, "Publish")
            return world.sns.publish(**arguments)

    refusing = RefusesOnce()
    monkeypatch.setattr(clients, "sns", lambda: refusing)
    batch = [event(1, 1)] * 12
    assert invoke(batch) == [sequence(0)]
    assert invoke(batch) == []
    assert counted(world) == {(1, "2019-10-01T00:00:00"): 12}
    assert len(world.alerts()) == 1


def test_when_time_is_nearly_up_nothing_is_begun(world: FunctionWorld) -> None:
    assert invoke([event(1, 1), event(2, 1)], FakeContext(seconds_left=1.5)) == [sequence(0), sequence(1)]
    assert counted(world) == {}


def test_events_and_alerts_are_measured_once(world: FunctionWorld, capsys: pytest.CaptureFixture[str]) -> None:
    batch = [event(1, 1)] * 12
    invoke(batch)
    invoke(batch)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [(line["Events"], line["Alerts"]) for line in lines] == [([12.0], [1.0]), ([0.0], [0.0])]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"user_id": "x"}, "user_id 'x' is not a whole number"),
        ({"user_id": str(2**63)}, "is not a whole number"),
        ({"event_time": "2019-10-01T00:00:00"}, "is not a time like"),
        ({"event_time": None}, "is not a time like"),
        ({"event_type": ["view"]}, "is no text"),
    ],
)
def test_what_is_no_event(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(PoisonRecordError, match=why):
        window_of(json.dumps(event(1, 1) | changes).encode(), 10)


@pytest.mark.parametrize("data", [b"[]", b"1", b'"x"', b"\xff", b"{}"])
def test_what_is_no_object_with_the_fields(data: bytes) -> None:
    with pytest.raises(PoisonRecordError, match=r"no JSON|missing"):
        window_of(data, 10)


def test_windows_begin_at_multiples_of_their_length() -> None:
    assert window_of(json.dumps(event(7, 59)).encode(), 60) == WindowKey(7, datetime(2019, 10, 1, 0, 0, 0))
    assert window_of(json.dumps(event(7, 60)).encode(), 60) == WindowKey(7, datetime(2019, 10, 1, 0, 1, 0))
    assert window_of(json.dumps(event(7, 19)).encode(), 10) == WindowKey(7, datetime(2019, 10, 1, 0, 0, 10))
