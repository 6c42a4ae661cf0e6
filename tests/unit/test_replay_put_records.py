"""PutRecords requests written at once, and answers read at once, are the ones of botocore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from helpers.replay import SENDING_CONFIG
from helpers.replay.put_records import whole_put_records

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
        self.status, self.answer = 200, json.dumps({"FailedRecordCount": 0, "Records": []}).encode()
        self.client = boto3.client(
            "kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", **options
        )
        self.client.meta.events.register("before-send.kinesis.PutRecords", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.sent.append(request)
        return AWSResponse(request.url, self.status, {"x-amzn-RequestId": "1"}, Body(self.answer))


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
    with whole_put_records(wire.client):
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
    with whole_put_records(wire.client):
        wire.client.put_records(StreamName="a", Records=records)
    assert records == RECORDS
    assert seen[0] == RECORDS
    assert [record["PartitionKey"] for record in seen[1]] == [record["PartitionKey"] for record in RECORDS]


def test_afterwards_and_with_other_values_the_client_is_as_it_was() -> None:
    wire = Wire()
    with whole_put_records(wire.client), whole_put_records(wire.client):
        pass
    for records, words in (([{"Data": b"a", "PartitionKey": 1}], "PartitionKey"), ([], "Records")):
        with pytest.raises(ParamValidationError, match=words):
            wire.client.put_records(StreamName="a", Records=[RECORDS[0], *records] if records else [])
    with whole_put_records(wire.client):
        wire.client.put_records(StreamName="a", Records=[{"Data": "text", "PartitionKey": "1"}])
        with pytest.raises(ParamValidationError, match="Records"):
            wire.client.put_records(StreamName="a", Records=[])
    assert json.loads(wire.sent[-1].body)["Records"] == [{"Data": "dGV4dA==", "PartitionKey": "1"}]


TAKEN = {"SequenceNumber": "4961", "ShardId": "shardId-000000000000"}
REFUSED = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded, caf\u00e9"}


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"FailedRecordCount": 1, "EncryptionType": "KMS", "Records": [TAKEN, REFUSED]}),
        json.dumps({"FailedRecordCount": 0, "Records": [TAKEN | {"ErrorCode": None, "ErrorMessage": None}]}),
        json.dumps({"FailedRecordCount": 0, "Records": []}),
        json.dumps({"Records": [TAKEN]})[:-3],
        json.dumps({"message": "half"}),
        json.dumps([TAKEN]),
        "",
    ],
    ids=["some refused", "nulls", "none", "broken off", "another", "no object", "empty"],
)
def test_the_answer_is_read_the_same(answer: str) -> None:
    wire = Wire()
    wire.answer = answer.encode()
    assert called(wire) == called_at_once(wire)


def test_an_error_is_the_same() -> None:
    wire = Wire(config=SENDING_CONFIG)
    wire.status = 400
    wire.answer = json.dumps({"__type": "ResourceNotFoundException", "message": "Stream a not found"}).encode()
    assert called(wire) == called_at_once(wire)
    assert "ResourceNotFoundException" in called(wire)


def called(wire: Wire) -> Any:
    """Return the answer, or the error in words."""
    try:
        return wire.client.put_records(StreamName="a", Records=RECORDS)
    except (BotoCoreError, ClientError, ResponseParserError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def called_at_once(wire: Wire) -> Any:
    with whole_put_records(wire.client):
        return called(wire)


def test_something_else_than_a_client_may_send() -> None:
    with whole_put_records(object()):
        pass
