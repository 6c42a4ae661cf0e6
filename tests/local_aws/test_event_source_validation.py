"""Requests that Lambda refuses, each with AWS's words, and the limits on both sides."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import EventSources

INVALID = "InvalidParameterValueException"


@pytest.fixture
def pair(sources: EventSources) -> Iterator[dict[str, str]]:
    """A stream and a function to map it to."""
    yield {"EventSourceArn": sources.stream_arn(sources.stream()), "FunctionName": sources.function()}


def refusal(sources: EventSources, **request: Any) -> tuple[str, str]:
    """Return code and message of a refused request to create a mapping."""
    with pytest.raises(ClientError) as refused:
        sources.aws.create_event_source_mapping(**request)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("member", "most"),
    [
        ("BatchSize", 10_000),
        ("MaximumBatchingWindowInSeconds", 300),
        ("MaximumRecordAgeInSeconds", 604_800),
        ("MaximumRetryAttempts", 10_000),
        ("ParallelizationFactor", 10),
        ("TumblingWindowInSeconds", 900),
    ],
)
def test_a_number_above_its_limit_is_refused(
    sources: EventSources, pair: dict[str, str], member: str, most: int
) -> None:
    name = member[0].lower() + member[1:]
    assert refusal(sources, **pair, StartingPosition="LATEST", **{member: most + 1}) == (
        "ValidationException",
        f"1 validation error detected: Value '{most + 1}' at '{name}' failed to satisfy constraint: "
        f"Member must have value less than or equal to {most}",
    )
    mapping = sources.map(pair["EventSourceArn"], pair["FunctionName"], **{member: most})
    assert sources.get(mapping)[member] == most


def test_a_record_age_below_a_minute_is_refused(sources: EventSources, pair: dict[str, str]) -> None:
    for age in (0, 59):
        assert refusal(sources, **pair, StartingPosition="LATEST", MaximumRecordAgeInSeconds=age) == (
            INVALID,
            f"Invalid MaximumRecordAgeInSeconds {age}. It must be -1, or between 60 and 604800.",
        )
    sources.map(pair["EventSourceArn"], pair["FunctionName"], MaximumRecordAgeInSeconds=60)


def test_a_starting_position_is_needed(sources: EventSources, pair: dict[str, str]) -> None:
    assert refusal(sources, **pair) == (
        INVALID,
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
        "Member must not be null.",
    )


def test_an_unknown_starting_position_is_refused(sources: EventSources, pair: dict[str, str]) -> None:
    assert refusal(sources, **pair, StartingPosition="0") == (
        "ValidationException",
        "1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: "
        "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    )


def test_a_timestamp_belongs_to_at_timestamp(sources: EventSources, pair: dict[str, str]) -> None:
    assert refusal(sources, **pair, StartingPosition="LATEST", StartingPositionTimestamp="1741010802") == (
        INVALID,
        "Timestamp only valid with StartingPosition AT_TIMESTAMP",
    )
    assert refusal(sources, **pair, StartingPosition="AT_TIMESTAMP") == (
        INVALID,
        "1 validation error detected: Value null at 'startingPositionTimestamp' failed to satisfy constraint: "
        "Member must not be null.",
    )
    assert refusal(sources, **pair, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp="-1") == (
        INVALID,
        "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a "
        "Timestamp",
    )
    code, message = refusal(
        sources, **pair, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=time.time() + 1000
    )
    assert code == INVALID
    assert message.startswith(
        "Received Exception while reading from provided stream. The timestampInMillis parameter cannot be greater "
        "than the currentTimestampInMillis."
    )


def test_a_source_is_needed(sources: EventSources, pair: dict[str, str]) -> None:
    assert refusal(sources, FunctionName=pair["FunctionName"]) == (INVALID, "Unrecognized event source.")


def test_stream_and_function_must_exist(sources: EventSources, pair: dict[str, str]) -> None:
    missing = "arn:aws:kinesis:us-east-1:000000000000:stream/no-such-stream"
    assert refusal(sources, EventSourceArn=missing, FunctionName=pair["FunctionName"], StartingPosition="LATEST") == (
        INVALID,
        f"Stream not found: {missing}",
    )
    consumer = pair["EventSourceArn"] + "/consumer/none:1540591608"
    assert refusal(sources, EventSourceArn=consumer, FunctionName=pair["FunctionName"], StartingPosition="LATEST") == (
        INVALID,
        f"Stream not found: {consumer}",
    )
    for name in ("no-such-function", pair["FunctionName"] + ":no-such-alias", pair["FunctionName"] + ":17"):
        assert refusal(
            sources, EventSourceArn=pair["EventSourceArn"], FunctionName=name, StartingPosition="LATEST"
        ) == (INVALID, "Function does not exist")


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"Topics": ["t"]}, "topics"),
        ({"Queues": ["q"]}, "queues"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, "scalingConfig"),
        ({"SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:x"}]}, "sourceAccessConfigurations"),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 1}}, "provisionedPollerConfig"),
        ({"MetricsConfig": {"Metrics": ["KafkaMetrics"]}}, "metricsConfig"),
    ],
)
def test_settings_of_other_sources_are_refused(
    sources: EventSources, pair: dict[str, str], setting: dict[str, Any], name: str
) -> None:
    assert refusal(sources, **pair, StartingPosition="LATEST", **setting) == (
        INVALID,
        f"Unsupported '{name}' parameter for given event source mapping type.",
    )


def test_destinations_are_for_failures_and_of_three_kinds(sources: EventSources, pair: dict[str, str]) -> None:
    _, queue = sources.queue()
    request = {**pair, "StartingPosition": "LATEST"}
    assert refusal(sources, **request, DestinationConfig={"OnSuccess": {"Destination": queue}}) == (
        INVALID,
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    )
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/default"
    assert refusal(sources, **request, DestinationConfig={"OnFailure": {"Destination": bus}}) == (
        INVALID,
        f"The provided destination config DestinationConfig is invalid: {bus}",
    )
    fifo = f"{queue}.fifo"
    assert refusal(sources, **request, DestinationConfig={"OnFailure": {"Destination": fifo}}) == (
        INVALID,
        f"FIFO queues and topics are not supported as an on-failure destination: {fifo}",
    )


def test_an_update_is_checked_like_a_creation(sources: EventSources, pair: dict[str, str]) -> None:
    mapping = sources.map(pair["EventSourceArn"], pair["FunctionName"])
    before = sources.get(mapping)
    for request, code in (
        ({"BatchSize": 10_001}, "ValidationException"),
        ({"MaximumRecordAgeInSeconds": 59}, INVALID),
        ({"FunctionName": "no-such-function"}, INVALID),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, INVALID),
    ):
        with pytest.raises(ClientError) as refused:
            sources.aws.update_event_source_mapping(UUID=mapping, **request)
        assert refused.value.response["Error"]["Code"] == code
    after = sources.get(mapping)
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}
