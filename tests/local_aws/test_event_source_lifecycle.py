"""An event source mapping's life: created, changed, disabled, listed, deleted.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import EventSources, until

GONE = {"Code": "ResourceNotFoundException", "Message": "The resource you requested does not exist."}


def test_a_new_mapping_has_the_defaults_that_aws_answers(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    source_arn = sources.stream_arn(stream)
    answer = sources.aws.create_event_source_mapping(
        EventSourceArn=source_arn, FunctionName=function, StartingPosition="LATEST"
    )
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 202
    identifier = answer.pop("UUID")
    assert abs(datetime.now(UTC) - answer.pop("LastModified")) < timedelta(seconds=10)
    expected = {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": source_arn,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{identifier}",
        "FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }
    assert answer == expected
    enabled = sources.await_state(identifier, "Enabled")
    del enabled["ResponseMetadata"], enabled["UUID"], enabled["LastModified"]
    assert enabled == {**expected, "State": "Enabled"}
    sources.aws.delete_event_source_mapping(UUID=identifier)


def test_every_setting_is_kept_as_given(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    _, queue = sources.queue()
    settings = {
        "BatchSize": 10_000,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": queue}},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 300,
        "MaximumRecordAgeInSeconds": 604_800,
        "MaximumRetryAttempts": 10_000,
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "ParallelizationFactor": 10,
        "TumblingWindowInSeconds": 900,
    }
    found = sources.get(sources.map(stream, function, **settings))
    assert {name: found[name] for name in settings} == settings


def test_a_second_mapping_of_the_same_source_and_function_is_refused(sources: EventSources) -> None:
    stream, function, other = sources.stream(), sources.function(), sources.function()
    mapping = sources.map(stream, function)
    with pytest.raises(ClientError) as refused:
        sources.map(stream, function)
    arn = sources.stream_arn(stream)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert refused.value.response["Type"] == "User"
    assert refused.value.response["Error"] == {
        "Code": "ResourceConflictException",
        "Message": f'The event source arn (" {arn} ") and function (" {function} ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {mapping}",
    }
    assert sources.map(stream, other) != mapping


def test_a_disabled_mapping_resumes_where_it_stopped(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function)
    sources.put(stream, b"1")
    sources.await_records(function, 1)
    answer = sources.aws.update_event_source_mapping(UUID=mapping, Enabled=False)
    assert (answer["State"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("Disabling", 202)
    sources.await_state(mapping, "Disabled")
    sources.put(stream, b"2")
    time.sleep(0.5)
    assert sources.batches(function) == [[b"1"]]
    assert sources.aws.update_event_source_mapping(UUID=mapping, Enabled=True)["State"] == "Enabling"
    sources.await_state(mapping, "Enabled")
    assert sources.await_records(function, 2) == [[b"1"], [b"2"]]


def test_a_mapping_may_be_created_disabled(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function, Enabled=False, StartingPosition="LATEST")
    sources.await_state(mapping, "Disabled")
    sources.put(stream, b"1")
    sources.aws.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert sources.await_records(function, 1) == [[b"1"]]


def test_a_changed_setting_holds_for_the_next_batches(sources: EventSources) -> None:
    stream, function, other = sources.stream(), sources.function(), sources.function()
    mapping = sources.map(stream, function, BatchSize=1)
    sources.put(stream, b"1", b"2")
    sources.await_records(function, 2)
    answer = sources.aws.update_event_source_mapping(UUID=mapping, BatchSize=3, FunctionName=other)
    assert (answer["State"], answer["BatchSize"]) == ("Updating", 3)
    assert answer["FunctionArn"].endswith(f":function:{other}")
    sources.await_state(mapping, "Enabled")
    sources.put(stream, b"3", b"4", b"5", b"6")
    assert sources.await_records(other, 4) == [[b"3", b"4", b"5"], [b"6"]]
    assert sources.batches(function) == [[b"1"], [b"2"]]


def test_a_retry_limit_set_later_frees_a_blocked_shard(sources: EventSources) -> None:
    stream = sources.stream()
    function = sources.function("import base64\ndef answer(event):\n    raise ValueError('always')\n")
    url, queue = sources.queue()
    sources.put(stream, b"1")
    mapping = sources.map(stream, function)
    sources.await_result(mapping, "PROBLEM")
    sources.aws.update_event_source_mapping(
        UUID=mapping, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    assert sources.received(url)[0]["KinesisBatchInfo"]["batchSize"] == 1


def test_a_deleted_mapping_is_deleting_and_then_gone(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function)
    answer = sources.aws.delete_event_source_mapping(UUID=mapping)
    assert (answer["UUID"], answer["State"]) == (mapping, "Deleting")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    until(
        lambda: sources.aws.list_event_source_mappings(FunctionName=function)["EventSourceMappings"],
        lambda found: found == [],
    )
    sources.put(stream, b"1")
    sources.map(stream, sources.function())
    with pytest.raises(ClientError) as gone:
        sources.get(mapping)
    assert gone.value.response["Error"] == GONE
    assert sources.calls(function) == []


@pytest.mark.parametrize(
    "action", ["get_event_source_mapping", "update_event_source_mapping", "delete_event_source_mapping"]
)
def test_an_unknown_mapping_is_not_found(sources: EventSources, action: str) -> None:
    with pytest.raises(ClientError) as unknown:
        getattr(sources.aws, action)(UUID=str(uuid.uuid4()))
    assert unknown.value.response["Error"] == GONE
    assert unknown.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_change_of_a_deleted_mapping_is_refused(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    time.sleep(2)\n")
    mapping = sources.map(stream, function)
    sources.put(stream, b"1")
    sources.events(function, 1)
    # The call under way keeps the mapping from being gone.
    sources.aws.delete_event_source_mapping(UUID=mapping)
    with pytest.raises(ClientError) as refused:
        sources.aws.update_event_source_mapping(UUID=mapping, BatchSize=1)
    assert refused.value.response["Error"] == {
        "Code": "ResourceInUseException",
        "Message": "Cannot update the event source mapping because it is in use.",
    }
    with pytest.raises(ClientError) as refused:
        sources.aws.delete_event_source_mapping(UUID=mapping)
    assert refused.value.response["Error"]["Message"] == "Cannot delete the event source mapping because it is in use."


def test_mappings_are_listed_by_function_and_by_source(sources: EventSources) -> None:
    streams = [sources.stream(), sources.stream()]
    function, other = sources.function(), sources.function()
    first, second = (sources.map(stream, function) for stream in streams)
    third = sources.map(streams[0], other)

    def listed(**arguments: object) -> set[str]:
        pages = sources.aws.get_paginator("list_event_source_mappings").paginate(
            PaginationConfig={"PageSize": 1}, **arguments
        )
        return {mapping["UUID"] for page in pages for mapping in page["EventSourceMappings"]}

    assert listed(FunctionName=function) == {first, second}
    assert listed(EventSourceArn=sources.stream_arn(streams[0])) == {first, third}
    assert listed(EventSourceArn=sources.stream_arn(streams[0]), FunctionName=other) == {third}
    (shown,) = sources.aws.list_event_source_mappings(FunctionName=other)["EventSourceMappings"]
    found = sources.get(third)
    del found["ResponseMetadata"]
    assert shown == found


def test_tags_are_kept_beside_the_mapping(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function, Tags={"lab": "1"})
    found = sources.get(mapping)
    arn = found["EventSourceMappingArn"]
    assert "Tags" not in found
    assert sources.aws.list_tags(Resource=arn)["Tags"] == {"lab": "1"}
    sources.aws.tag_resource(Resource=arn, Tags={"more": "2"})
    sources.aws.untag_resource(Resource=arn, TagKeys=["lab"])
    assert sources.aws.list_tags(Resource=arn)["Tags"] == {"more": "2"}


def test_queues_stay_sources_as_they_were(sources: EventSources) -> None:
    function = sources.function()
    url, queue = sources.queue()
    mapping = sources.aws.create_event_source_mapping(EventSourceArn=queue, FunctionName=function)["UUID"]
    sources.sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert sources.events(function, 1)[0]["Records"][0]["body"] == "hello"
    assert sources.get(mapping)["StateTransitionReason"] == "USER_INITIATED"
    sources.aws.delete_event_source_mapping(UUID=mapping)


def test_cloudformation_makes_changes_and_deletes_mappings(sources: EventSources, client: Callable[[str], Any]) -> None:
    stream, function = sources.stream(), sources.function()
    cloudformation = client("cloudformation")
    name = f"stack-{uuid.uuid4().hex[:10]}"

    def template(**settings: Any) -> str:
        properties = {
            "EventSourceArn": sources.stream_arn(stream),
            "FunctionName": function,
            "StartingPosition": "TRIM_HORIZON",
            **settings,
        }
        resource = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
        return json.dumps({"Resources": {"Mapping": resource}})

    sources.put(stream, b"1", b"2", b"3")
    cloudformation.create_stack(StackName=name, TemplateBody=template(BatchSize=2))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert sources.await_records(function, 3) == [[b"1", b"2"], [b"3"]]
    (found,) = sources.aws.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    assert (found["BatchSize"], found["MaximumRetryAttempts"], found["State"]) == (2, -1, "Enabled")
    changed = {"BatchSize": "1", "ParallelizationFactor": 3, "TumblingWindowInSeconds": 0, "Enabled": "true"}
    cloudformation.update_stack(StackName=name, TemplateBody=template(**changed))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    sources.put(stream, b"4", b"5")
    assert sources.await_records(function, 5)[2:] == [[b"4"], [b"5"]]
    assert sources.get(found["UUID"])["ParallelizationFactor"] == 3
    cloudformation.delete_stack(StackName=name)
    until(
        lambda: sources.aws.list_event_source_mappings(FunctionName=function)["EventSourceMappings"],
        lambda left: left == [],
    )


def test_cloudformation_names_why_a_mapping_cannot_be_made(sources: EventSources, client: Callable[[str], Any]) -> None:
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/no-such-stream"
    properties = {"EventSourceArn": arn, "FunctionName": sources.function(), "StartingPosition": "LATEST"}
    template = {"Resources": {"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}}}
    cloudformation, name = client("cloudformation"), f"stack-{uuid.uuid4().hex[:10]}"
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def reasons() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events if event["LogicalResourceId"] == "Mapping"]

    until(reasons, lambda found: any(f"Stream not found: {arn}" in reason for reason in found))
