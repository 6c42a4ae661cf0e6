"""Asynchronous calls: their settings, repetitions, destinations and dead-letter queues.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import until
from lambda_functions import Functions

SOURCE = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no")
    return {"ok": 1}
"""
ACCOUNT = "arn:aws:lambda:us-east-1:000000000000:function"
MISSING = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"


class Queue:
    """A queue that outcomes are sent to."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.sqs = client("sqs")
        name = f"outcomes-{uuid.uuid4().hex[:8]}"
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def message(self) -> dict[str, Any]:
        """Return the next message, as soon as there is one."""
        return until(self._received, bool)[0]  # type: ignore[no-any-return]

    def _received(self) -> Any:
        return self.sqs.receive_message(QueueUrl=self.url, MessageAttributeNames=["All"]).get("Messages")

    def record(self) -> dict[str, Any]:
        """Return the next message's invocation record."""
        return json.loads(self.message()["Body"])  # type: ignore[no-any-return]


@pytest.fixture
def queue(shared_client: Callable[[str], Any]) -> Iterator[Queue]:
    made = Queue(shared_client)
    yield made
    made.sqs.delete_queue(QueueUrl=made.url)


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def send(functions: Functions, name: str, event: Any, **settings: Any) -> str:
    """Call a function asynchronously; return the request's id."""
    answer = functions.aws.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event), **settings)
    assert answer["StatusCode"] == 202
    assert "ExecutedVersion" not in answer
    assert answer["Payload"].read() == b""
    request_id: str = answer["ResponseMetadata"]["RequestId"]
    return request_id


def test_success_is_sent_to_its_destination(functions: Functions, queue: Queue) -> None:
    name = functions.make(SOURCE)
    both = {kind: {"Destination": queue.arn} for kind in ("OnSuccess", "OnFailure")}
    functions.aws.put_function_event_invoke_config(FunctionName=name, DestinationConfig=both)
    request_id = send(functions, name, {"n": 1})
    record = queue.record()
    assert datetime.fromisoformat(record.pop("timestamp"))
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ACCOUNT}:{name}:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"n": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"ok": 1},
    }


def test_a_failure_is_repeated_with_the_same_request_and_sent_on(functions: Functions, queue: Queue) -> None:
    name = functions.make(SOURCE)
    functions.aws.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": queue.arn}}
    )
    request_id = send(functions, name, {"fail": True})
    record = queue.record()
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"{ACCOUNT}:{name}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 2,
    }
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert (record["responsePayload"]["errorMessage"], record["responsePayload"]["requestId"]) == ("no", request_id)
    ends = [line for line in functions.log(name) if line.startswith("END ")]
    assert ends == [f"END RequestId: {request_id}\n"] * 2


def test_a_dead_letter_queue_gets_the_event_itself(functions: Functions, queue: Queue) -> None:
    name = functions.make(SOURCE, DeadLetterConfig={"TargetArn": queue.arn})
    functions.aws.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    request_id = send(functions, name, {"fail": True})
    message = queue.message()
    assert json.loads(message["Body"]) == {"fail": True}
    attributes = {name: (a["DataType"], a["StringValue"]) for name, a in message["MessageAttributes"].items()}
    assert attributes == {
        "RequestID": ("String", request_id),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "no"),
    }


def test_a_function_without_concurrency_fails_at_once(functions: Functions, queue: Queue) -> None:
    name = functions.make(SOURCE)
    functions.aws.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": queue.arn}}
    )
    functions.aws.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    send(functions, name, {})
    record = queue.record()
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    assert "responsePayload" not in record


def test_a_function_can_be_the_destination_of_another(functions: Functions) -> None:
    second = functions.make("def handler(event, context):\n    print(event['requestContext']['condition'])\n")
    first = functions.make(SOURCE)
    functions.aws.put_function_event_invoke_config(
        FunctionName=first, DestinationConfig={"OnSuccess": {"Destination": f"{ACCOUNT}:{second}"}}
    )
    send(functions, first, {})
    until(
        lambda: (
            functions.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{second}")["logGroups"]
            and functions.log(second)
        ),
        lambda log: bool(log) and "Success\n" in log,
    )


def test_settings_are_kept_for_each_qualifier(functions: Functions) -> None:
    name = functions.make(SOURCE)
    aws = functions.aws
    put = aws.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60, MaximumRetryAttempts=2)
    assert put["FunctionArn"] == f"{ACCOUNT}:{name}:$LATEST"
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    again = aws.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    assert "MaximumEventAgeInSeconds" not in again
    changed = aws.update_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=21_600)
    assert (changed["MaximumEventAgeInSeconds"], changed["MaximumRetryAttempts"]) == (21_600, 0)
    aws.publish_version(FunctionName=name)
    aws.put_function_event_invoke_config(FunctionName=name, Qualifier="1", MaximumRetryAttempts=1)
    listed = aws.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    assert [config["FunctionArn"] for config in listed] == [f"{ACCOUNT}:{name}:$LATEST", f"{ACCOUNT}:{name}:1"]
    aws.delete_function_event_invoke_config(FunctionName=name, Qualifier="1")
    without = f"The function {ACCOUNT}:{name}:1 doesn't have an EventInvokeConfig"
    for call in (aws.get_function_event_invoke_config, aws.delete_function_event_invoke_config):
        assert refusal(call, FunctionName=name, Qualifier="1") == (MISSING, without)
    assert refusal(
        aws.update_function_event_invoke_config, FunctionName=name, Qualifier="1", MaximumRetryAttempts=1
    ) == (MISSING, without)


def test_settings_that_cannot_be_are_refused(functions: Functions) -> None:
    name = functions.make(SOURCE)
    put = functions.aws.put_function_event_invoke_config
    assert refusal(put, FunctionName="none", MaximumRetryAttempts=1) == (MISSING, "The function doesn't exist.")
    assert refusal(put, FunctionName=name) == (
        INVALID,
        "You must specify at least one of error handling or destination setting.",
    )
    for arn, message in (
        (f"{ACCOUNT}:none", f"The destination ARN {ACCOUNT}:none is invalid."),
        (f"{ACCOUNT}:{name}", "You can't specify the function as a destination for itself."),
        (
            "arn:aws:iam:us-east-1:000000000000:function:x",
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination="
            "arn:aws:iam:us-east-1:000000000000:function:x), onFailure=null) is invalid.",
        ),
    ):
        destination = {"OnSuccess": {"Destination": arn}}
        assert refusal(put, FunctionName=name, DestinationConfig=destination) == (INVALID, message)
    assert refusal(put, FunctionName=name, MaximumRetryAttempts=3) == (
        "ValidationException",
        "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must "
        "have value less than or equal to 2",
    )


def test_an_asynchronous_payload_has_at_most_1_mb(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return len(event)\n")
    limit = 2**20
    send(functions, name, "x" * (limit - 2))
    with pytest.raises(ClientError) as refused:
        send(functions, name, "x" * (limit - 1))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refused.value.response["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
    }
