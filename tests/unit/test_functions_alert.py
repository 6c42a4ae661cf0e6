"""The function on stream 2: each window kept once, each alert sent once, each poison record alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from function_world import FunctionWorld, make_world
from lambda_events import FakeContext, failed, kinesis_event, sequence

from functions.alert import handler as alert
from functions.shared import alerts, clients


@pytest.fixture
def world(client: Callable[[str], Any], local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionWorld]:
    made = make_world(client)
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(alert.metrics, "namespace", made.table, raising=False)
    alert._worker.cache_clear()
    yield made
    alert._worker.cache_clear()


class Faulty:
    """A client whose calls of one kind fail: the call is made or not, as `after` says."""

    def __init__(self, real: Any, action: str, errors: list[Exception], after: bool = False) -> None:
        self._real, self._action, self._errors, self._after = real, action, errors, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)
        if name != self._action:
            return call

        def fail_or_call(**arguments: Any) -> Any:
            if self._errors and not self._after:
                raise self._errors.pop(0)
            answer = call(**arguments)
            if self._errors:
                raise self._errors.pop(0)
            return answer

        return fail_or_call


def throttled(action: str) -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, action)


def window(user_id: int, actions: int, start: str = "2019-10-01T00:00:00", end: str = "") -> dict[str, Any]:
    return {
        "window_start": start,
        "window_end": end or start[:-2] + f"{int(start[-2:]) + 10:02d}",
        "user_id": str(user_id),
        "actions": actions,
    }


def invoke(payloads: list[Any], context: FakeContext | None = None, **event: Any) -> list[str]:
    return failed(alert.handler(kinesis_event(payloads, **event), context or FakeContext()))


def logged(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    return [record.__dict__ for record in caplog.records if record.getMessage() == message]


def test_windows_are_kept_and_alerts_go_out_over_the_threshold(world: FunctionWorld) -> None:
    assert invoke([window(1, 6), window(2, 10), window(3, 11)]) == []
    items = world.items()
    assert {key: item["actions"] for key, item in items.items()} == {
        (1, "2019-10-01T00:00:00"): 6,
        (2, "2019-10-01T00:00:00"): 10,
        (3, "2019-10-01T00:00:00"): 11,
    }
    [sent] = world.alerts()
    assert (sent["user_id"], sent["actions"], sent["alert_over"]) == (3, 11, 10)
    assert (sent["window_start"], sent["window_end"]) == ("2019-10-01T00:00:00", "2019-10-01T00:00:10")
    assert sent["arrived_at"] == "2026-09-21T14:13:20.250"
    assert sent["arrived_at"] < sent["handled_at"] <= sent["published_at"]
    alerted = items[3, "2019-10-01T00:00:00"]
    assert alerted["alert_message_id"] == sent["message_id"]
    assert "alert_owner" not in alerted
    assert items[1, "2019-10-01T00:00:00"].keys() == {
        "user_id",
        "window_start",
        "window_end",
        "actions",
        "arrived_at",
        "handled_at",
        "expires_at",
    }


def test_items_expire_after_the_days_that_they_are_kept(world: FunctionWorld) -> None:
    invoke([window(1, 6)])
    [item] = world.items().values()
    handled = alert.moments.epoch(alert.moments.datetime.fromisoformat(item["handled_at"]))
    assert item["expires_at"] == int(handled) + 7 * 86_400


def test_a_redelivery_changes_nothing(world: FunctionWorld) -> None:
    batch = [window(1, 6), window(3, 11)]
    invoke(batch)
    kept = world.items()
    assert len(world.alerts()) == 1
    assert invoke(batch) == []
    assert invoke(batch, first=100) == []
    assert world.items() == kept
    assert world.alerts() == []


def test_a_poison_record_fails_alone_and_the_log_says_why(
    world: FunctionWorld, caplog: pytest.LogCaptureFixture
) -> None:
    batch = [window(1, 12), b"{broken", window(2, 13), window(4, -3)]
    assert invoke(batch) == [sequence(1), sequence(3)]
    assert {alert["user_id"] for alert in world.alerts()} == {1, 2}
    reasons = {line["event_id"]: line["reason"] for line in logged(caplog, "poison record")}
    assert "no JSON" in reasons[f"shardId-000000000000:{sequence(1)}"]
    assert reasons[f"shardId-000000000000:{sequence(3)}"] == "actions is -3: a window has at least one"


def test_a_batch_of_nothing_but_poison_is_reported_record_by_record(world: FunctionWorld) -> None:
    assert invoke([b"1", b"2"]) == [sequence(0), sequence(1)]


def test_the_same_window_with_another_count_is_not_overwritten_in_silence(world: FunctionWorld) -> None:
    invoke([window(1, 6)])
    assert invoke([window(1, 9)], first=5) == [sequence(5)]
    assert [item["actions"] for item in world.items().values()] == [6]


def test_a_users_thousand_windows_lose_nobody_elses(world: FunctionWorld) -> None:
    starts = [f"2019-10-01T{n // 360:02d}:{n // 6 % 60:02d}:{n % 6 * 10:02d}" for n in range(1000)]
    ends = [f"2019-10-01T{n // 360:02d}:{n // 6 % 60:02d}:{n % 6 * 10:02d}" for n in range(1, 1001)]
    batch = [window(1, 7, start, end) for start, end in zip(starts, ends, strict=True)]
    batch.insert(500, window(2, 11))
    assert invoke(batch, FakeContext(seconds_left=300)) == []
    assert len(world.items()) == 1001
    assert [alert["user_id"] for alert in world.alerts()] == [2]


def test_an_aggregated_record_is_taken_apart_and_fails_as_one(world: FunctionWorld) -> None:
    def field(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    def packed(*payloads: bytes) -> bytes:
        message = b"".join(field(3, field(3, payload)) for payload in payloads)
        return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message, usedforsecurity=False).digest()

    short = [json.dumps(window(user, 12), separators=(",", ":")).encode() for user in (1, 2)]
    assert invoke([packed(*short)]) == []
    assert {key[0] for key in world.items()} == {1, 2}
    third = json.dumps(window(3, 12), separators=(",", ":")).encode()
    assert invoke([packed(b"poison", third)], first=1) == [sequence(1)]
    assert {alert["user_id"] for alert in world.alerts()} == {1, 2, 3}


def test_a_refused_publish_is_tried_again_and_sends_one_alert(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "sns", lambda: Faulty(world.sns, "publish", [throttled("Publish")]))
    batch = [window(1, 11), window(2, 12)]
    assert len(invoke(batch)) == 1
    [sent] = world.alerts()
    assert invoke(batch) == []
    [sent_later] = world.alerts()
    assert {sent["user_id"], sent_later["user_id"]} == {1, 2}


def test_a_mark_that_fails_after_the_publish_is_tried_again_at_once(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = Faulty(world.dynamodb, "update_item", [throttled("UpdateItem"), ReadTimeoutError(endpoint_url="dynamodb")])
    monkeypatch.setattr(clients, "dynamodb", lambda: faulty)
    assert invoke([window(1, 11)]) == []
    assert len(world.alerts()) == 1
    [item] = world.items().values()
    assert "alert_message_id" in item


def test_marks_that_all_fail_double_no_alert(world: FunctionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_MARK_PAUSES_SECONDS", (0.0, 0.0))
    faulty = Faulty(world.dynamodb, "update_item", [throttled("UpdateItem")] * 3)
    monkeypatch.setattr(clients, "dynamodb", lambda: faulty)
    assert invoke([window(1, 11)]) == [sequence(0)]
    assert invoke([window(1, 11)]) == []
    assert len(world.alerts()) == 1
    [item] = world.items().values()
    assert "alert_message_id" in item


def test_a_write_that_fails_leaves_the_record_for_the_next_try(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost_answer = ReadTimeoutError(endpoint_url="dynamodb")
    monkeypatch.setattr(clients, "dynamodb", lambda: Faulty(world.dynamodb, "put_item", [lost_answer], after=True))
    assert invoke([window(1, 11)]) == [sequence(0)]
    assert world.alerts() == []
    assert invoke([window(1, 11)]) == []
    assert len(world.alerts()) == 1


def test_an_environment_that_died_before_the_publish_loses_no_alert(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "sns", lambda: Faulty(world.sns, "publish", [KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt):
        invoke([window(1, 11)])
    alert._worker.cache_clear()
    monkeypatch.setattr(clients, "sns", lambda: world.sns)
    assert invoke([window(1, 11)]) == []
    assert len(world.alerts()) == 1


def test_another_shard_waits_for_a_claim_that_still_holds(
    world: FunctionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "sns", lambda: Faulty(world.sns, "publish", [throttled("Publish")]))
    assert invoke([window(1, 11)], FakeContext(seconds_left=30)) == [sequence(0)]
    assert invoke([window(1, 11)], shard=1) == [sequence(0)]
    assert world.alerts() == []
    assert invoke([window(1, 11)], shard=0) == []
    assert len(world.alerts()) == 1
    assert invoke([window(1, 11)], shard=1) == []
    assert world.alerts() == []


def test_the_same_window_with_two_partition_keys_sends_one_alert(world: FunctionWorld) -> None:
    for _ in range(5):
        world.dynamodb.delete_item(
            TableName=world.table, Key={"user_id": {"N": "1"}, "window_start": {"S": "2019-10-01T00:00:00"}}
        )
        event = kinesis_event([window(1, 11)], key="a")
        event["Records"] += kinesis_event([window(1, 11)], first=1, key="b")["Records"]
        alert.handler(event, FakeContext())
        alert.handler(event, FakeContext())
        assert len(world.alerts()) == 1


def test_a_busy_user_holds_up_nobody(world: FunctionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Recording:
        exceptions = world.dynamodb.exceptions

        def put_item(self, **arguments: Any) -> Any:
            order.append(arguments["Item"]["user_id"]["N"])
            return world.dynamodb.put_item(**arguments)

    recording = Recording()
    monkeypatch.setattr(clients, "dynamodb", lambda: recording)
    starts = [f"2019-10-01T00:{minute:02d}:00" for minute in range(60)]
    invoke([window(1, 7, start) for start in starts] + [window(2, 7)])
    assert order.count("1") == 60
    assert order.index("2") < 30


def test_one_users_windows_are_kept_in_their_order(world: FunctionWorld) -> None:
    starts = [f"2019-10-01T00:{minute:02d}:00" for minute in range(20)]
    invoke([window(1, 7, start) for start in starts])
    handled = [item["handled_at"] for _, item in sorted(world.items().items())]
    assert handled == sorted(handled)


def test_when_time_is_nearly_up_the_rest_is_left(world: FunctionWorld) -> None:
    context = FakeContext(seconds_left=1.9)
    assert invoke([window(1, 11), window(2, 7)], context) == [sequence(0), sequence(1)]
    assert world.items() == {}
    assert invoke([window(1, 11), window(2, 7)]) == []
    assert len(world.alerts()) == 1


def test_a_topic_that_nobody_reads_is_told_once_and_fails_nothing(
    world: FunctionWorld, caplog: pytest.LogCaptureFixture
) -> None:
    [subscription] = world.sns.list_subscriptions_by_topic(TopicArn=world.topic_arn)["Subscriptions"]
    world.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    assert invoke([window(1, 11), window(2, 12)]) == []
    assert invoke([window(3, 13)], first=9) == []
    [warning] = logged(caplog, "nobody reads the alerts: the topic has no confirmed subscription")
    assert warning["levelname"] == "WARNING"
    assert all("alert_message_id" in item for item in world.items().values())


def test_windows_and_alerts_are_measured_in_the_embedded_metric_format(
    world: FunctionWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke([window(1, 6), window(2, 11), b"poison"])
    invoke([window(1, 6), window(2, 11)])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [(line["Windows"], line["Alerts"]) for line in lines] == [([2.0], [1.0]), ([0.0], [0.0])]
    [directive] = lines[0]["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == world.table
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "Windows": "Count",
        "Alerts": "Count",
    }


def test_a_missing_variable_is_named(world: FunctionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_OVER", "ten")
    with pytest.raises(RuntimeError, match="Environment variable ALERT_OVER is missing or not as it must be"):
        invoke([window(1, 6)])
