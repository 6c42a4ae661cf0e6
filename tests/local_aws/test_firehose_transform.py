"""Records pass a Lambda function: kept, changed, dropped or failed, and every failure is kept with its reason."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from delivering import ROLE, Deliveries, processors

RULES = """
import base64, json

def handler(event, context):
    print(json.dumps({k: v for k, v in event.items() if k != "records"}))
    answers = []
    for record in event["records"]:
        text = base64.b64decode(record["data"]).decode()
        if text.startswith("crash"):
            raise RuntimeError("told to crash")
        if text.startswith("forget"):
            continue
        result = {"drop": "Dropped", "fail": "ProcessingFailed", "odd": "Maybe"}.get(text.split()[0], "Ok")
        answer = {"recordId": record["recordId"], "result": result,
                  "data": base64.b64encode(text.upper().encode()).decode()}
        answers += [answer, answer] if text.startswith("twice") else [answer]
    return {"records": answers}
"""
ECHO = """
import base64, json

def handler(event, context):
    out = []
    for record in event["records"]:
        seen = {**{k: v for k, v in event.items() if k != "records"}, "record": record}
        out.append({"recordId": record["recordId"], "result": "Ok",
                    "data": base64.b64encode(json.dumps(seen).encode() + b"\\n").decode()})
    return {"records": out}
"""


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


@pytest.fixture(scope="module")
def rules(deliveries: Deliveries) -> str:
    return deliveries.function(RULES)


def step(arn: str, **parameters: str) -> dict[str, Any]:
    return processors(("Lambda", {"LambdaArn": arn, "BufferIntervalInSeconds": "1", **parameters}))


def through(deliveries: Deliveries, folder: str, configuration: dict[str, Any], *records: bytes, **more: Any) -> None:
    """Send records through a delivery stream of their own and wait until all is delivered."""
    name = deliveries.create(
        Prefix=f"{folder}/ok/",
        ErrorOutputPrefix=f"{folder}/!{{firehose:error-output-type}}/",
        ProcessingConfiguration=configuration,
        **more,
    )
    deliveries.put(name, *records)
    deliveries.delete(name)


def reasons(deliveries: Deliveries, folder: str) -> list[tuple[str, str]]:
    """Return (error code, raw data) of each failed record."""
    found = deliveries.documents(f"{folder}/processing-failed/")
    return [(item["errorCode"], base64.b64decode(item["rawData"]).decode()) for item in found]


def test_records_are_changed_dropped_and_failed_one_by_one(deliveries: Deliveries, rules: str) -> None:
    through(deliveries, "each", step(rules), b"one\n", b"drop two\n", b"fail three\n", b"forget four\n", b"five\n")
    assert deliveries.text("each/ok/") == b"ONE\nFIVE\n"
    assert reasons(deliveries, "each") == [
        ("Lambda.ProcessingFailedStatus", "fail three\n"),
        ("Lambda.MissingRecordId", "forget four\n"),
    ]
    failed = deliveries.documents("each/processing-failed/")[0]
    assert failed["attemptsMade"] == 1
    assert failed["errorMessage"] == "ProcessingFailed status set for record"
    assert failed["lambdaArn"] == rules
    assert isinstance(failed["arrivalTimestamp"], int)
    assert failed["attemptEndingTimestamp"] >= failed["arrivalTimestamp"]


def test_an_error_of_the_function_fails_the_batch_after_the_retries(deliveries: Deliveries, rules: str) -> None:
    through(deliveries, "crash", step(rules, NumberOfRetries="2"), b"kept\n", b"crash\n")
    assert deliveries.keys("crash/ok/") == []
    assert reasons(deliveries, "crash") == [("Lambda.FunctionError", "kept\n"), ("Lambda.FunctionError", "crash\n")]
    document = deliveries.documents("crash/processing-failed/")[0]
    assert document["attemptsMade"] == 3
    assert document["errorMessage"] == "The Lambda function was successfully invoked but it returned an error result."


@pytest.mark.parametrize(("word", "code"), [("twice", "Lambda.DuplicatedRecordId"), ("odd", "Lambda.FunctionError")])
def test_an_answer_against_the_rules_fails_the_batch(deliveries: Deliveries, rules: str, word: str, code: str) -> None:
    through(deliveries, word, step(rules), b"good\n", f"{word} bad\n".encode())
    assert deliveries.keys(f"{word}/ok/") == []
    assert reasons(deliveries, word) == [(code, "good\n"), (code, f"{word} bad\n")]


def test_a_function_that_is_not_there_fails_the_batch(deliveries: Deliveries) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:nowhere"
    through(deliveries, "absent", step(arn, NumberOfRetries="0"), b"x")
    assert reasons(deliveries, "absent") == [("Lambda.ResourceNotFound", "x")]


def test_the_backup_keeps_every_record_as_it_came(deliveries: Deliveries, rules: str) -> None:
    records = [b"one\n", b"drop two\n", b"fail three\n"]
    backup = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{deliveries.bucket}", "Prefix": "backup/raw/"}
    through(deliveries, "backup", step(rules), *records, S3BackupMode="Enabled", S3BackupConfiguration=backup)
    assert deliveries.text("backup/raw/") == b"".join(records)
    assert deliveries.text("backup/ok/") == b"ONE\n"


def test_the_event_is_that_of_aws(deliveries: Deliveries) -> None:
    through(deliveries, "event", step(deliveries.function(ECHO)), b"hello")
    [event] = deliveries.documents("event/ok/")
    assert event["invocationId"]
    assert event["deliveryStreamArn"].startswith("arn:aws:firehose:us-east-1:000000000000:deliverystream/")
    assert event["region"] == "us-east-1"
    assert "sourceKinesisStreamArn" not in event
    assert set(event["record"]) == {"recordId", "approximateArrivalTimestamp", "data"}
    assert base64.b64decode(event["record"]["data"]) == b"hello"


def test_the_event_tells_where_in_the_source_a_record_stood(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="origin/", ProcessingConfiguration=step(deliveries.function(ECHO)))
    put = deliveries.kinesis.put_record(StreamName=stream, Data=b"hello", PartitionKey="key")
    deliveries.delete(name)
    [event] = deliveries.documents("origin/")
    assert event["sourceKinesisStreamArn"] == arn
    metadata = event["record"]["kinesisRecordMetadata"]
    assert metadata.pop("approximateArrivalTimestamp") == event["record"]["approximateArrivalTimestamp"]
    assert metadata == {
        "sequenceNumber": put["SequenceNumber"],
        "subsequenceNumber": 0,
        "partitionKey": "key",
        "shardId": put["ShardId"],
    }


def test_batches_have_the_size_of_the_processor(deliveries: Deliveries) -> None:
    records = [json.dumps({"n": number}).encode().ljust(60_000) for number in range(10)]
    configuration = step(deliveries.function(ECHO), BufferSizeInMBs="0.2", BufferIntervalInSeconds="900")
    through(deliveries, "batches", configuration, *records)
    ids = [event["invocationId"] for event in deliveries.documents("batches/ok/")]
    assert [ids.count(one) for one in dict.fromkeys(ids)] == [4, 4, 2]


def test_the_description_has_every_parameter(deliveries: Deliveries, rules: str) -> None:
    name = deliveries.create(ProcessingConfiguration=processors(("Lambda", {"LambdaArn": rules})))
    extended = deliveries.describe(name)["Destinations"][0]["ExtendedS3DestinationDescription"]
    [processor] = extended["ProcessingConfiguration"]["Processors"]
    assert {item["ParameterName"]: item["ParameterValue"] for item in processor["Parameters"]} == {
        "LambdaArn": rules,
        "RoleArn": ROLE,
        "NumberOfRetries": "3",
        "BufferSizeInMBs": "1",
        "BufferIntervalInSeconds": "60",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"LambdaArn": "arn:x", "BufferSizeInMBs": "3.1"}, "BufferSizeInMBs must be between 0.2 and 3, but is 3.1."),
        ({"LambdaArn": "arn:x", "NumberOfRetries": "many"}, "NumberOfRetries must be a number, but is many."),
        ({"NumberOfRetries": "1"}, "LambdaArn parameter is required for Lambda processor."),
    ],
)
def test_parameters_are_checked(deliveries: Deliveries, given: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.create(ProcessingConfiguration=processors(("Lambda", given)))
    assert error.value.response["Error"] == {"Code": "InvalidArgumentException", "Message": message}
