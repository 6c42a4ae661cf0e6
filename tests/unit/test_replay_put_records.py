"""PutRecords requests whose bodies are made at once are the ones that botocore makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ParamValidationError

from helpers.replay import SENDING_CONFIG
from helpers.replay.put_records import bodies_made_at_once

RECORDS = [
    {"Data": b'{"brand":"a"}\n', "PartitionKey": "541312140"},
    {"Data": bytes(range(256)), "PartitionKey": 'caf\u00e9 \U0001f600 "\\\n'},
    {"Data": b"", "PartitionKey": "%b"},
]
HASHED = [*RECORDS, {"Data": b"tick", "PartitionKey": "tick", "ExplicitHashKey": "0"}]


class Wire:
    """What a client would have sent, caught behind its signer."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[AWSPreparedRequest] = []
        self.client = boto3.client(
            "kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", **options
        )
        self.client.meta.events.register("before-send.kinesis.PutRecords", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.sent.append(request)
        body = json.dumps({"FailedRecordCount": 0, "Records": []}).encode()
        return AWSResponse(request.url, 200, {}, Body(body))


class Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


@pytest.fixture(params=[{"config": SENDING_CONFIG}, {}], ids=["unchecked", "checked"])
def wire(request: pytest.FixtureRequest) -> Wire:
    return Wire(**request.param)


@pytest.mark.parametrize("records", [RECORDS, RECORDS[:1], HASHED], ids=["several", "one", "with a hash key"])
@pytest.mark.parametrize("stream", [{"StreamName": "a"}, {"StreamARN": "arn:aws:kinesis:us-east-1:1:stream/a"}])
def test_the_body_says_the_same(wire: Wire, records: list[dict[str, Any]], stream: dict[str, str]) -> None:
    wire.client.put_records(**stream, Records=records)
    with bodies_made_at_once(wire.client):
        wire.client.put_records(**stream, Records=records)
    by_botocore, at_once = wire.sent
    assert json.loads(at_once.body) == json.loads(by_botocore.body)
    for name in ("Content-Type", "X-Amz-Target"):
        assert at_once.headers[name] == by_botocore.headers[name]
    assert int(at_once.headers["Content-Length"]) == len(at_once.body)


def test_the_callers_records_stay_whole_and_other_handlers_see_them(wire: Wire) -> None:
    seen: list[Any] = []
    events = wire.client.meta.events
    events.register("before-parameter-build.kinesis.PutRecords", lambda params, **_: seen.append(params["Records"]))
    events.register(
        "before-call.kinesis.PutRecords", lambda params, **_: seen.append(json.loads(params["body"])["Records"])
    )
    records = list(RECORDS)
    with bodies_made_at_once(wire.client):
        wire.client.put_records(StreamName="a", Records=records)
    assert records == RECORDS
    assert seen[0] == RECORDS
    assert [record["PartitionKey"] for record in seen[1]] == [record["PartitionKey"] for record in RECORDS]


def test_afterwards_and_with_other_values_the_client_is_as_it_was() -> None:
    wire = Wire()
    with bodies_made_at_once(wire.client), bodies_made_at_once(wire.client):
        pass
    for records, words in (([{"Data": b"a", "PartitionKey": 1}], "PartitionKey"), ([], "Records")):
        with pytest.raises(ParamValidationError, match=words):
            wire.client.put_records(StreamName="a", Records=[RECORDS[0], *records] if records else [])
    with bodies_made_at_once(wire.client):
        wire.client.put_records(StreamName="a", Records=[{"Data": "text", "PartitionKey": "1"}])
        with pytest.raises(ParamValidationError, match="Records"):
            wire.client.put_records(StreamName="a", Records=[])
    assert json.loads(wire.sent[-1].body)["Records"] == [{"Data": "dGV4dA==", "PartitionKey": "1"}]


def test_something_else_than_a_client_may_send() -> None:
    with bodies_made_at_once(object()):
        pass
