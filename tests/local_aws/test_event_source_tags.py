"""Tags of event source mappings, those of a stack too, and what is checked of mappings of any kind.

https://docs.aws.amazon.com/lambda/latest/dg/tags-esm.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import EventSources

NOBODY = "11111111-2222-3333-4444-555555555555"


def test_a_mapping_of_a_stack_has_its_tags(sources: EventSources, shared_client: Callable[[str], Any]) -> None:
    stacks, stack = shared_client("cloudformation"), f"stack-{uuid.uuid4().hex[:8]}"
    properties = {
        "FunctionName": sources.function(),
        "EventSourceArn": sources.stream_arn(sources.stream()),
        "StartingPosition": "LATEST",
        "Tags": [{"Key": "my", "Value": "tag"}],
    }
    template = {
        "Resources": {"Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Mapping", "EventSourceMappingArn"]}}},
    }
    stack_id = stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template))["StackId"]
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    (output,) = stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    assert sources.aws.list_tags(Resource=output["OutputValue"])["Tags"] == {
        "my": "tag",
        "aws:cloudformation:stack-name": stack,
        "aws:cloudformation:stack-id": stack_id,
        "aws:cloudformation:logical-id": "Mapping",
    }
    stacks.delete_stack(StackName=stack)


def test_a_mapping_that_is_not_there_is_said_so(sources: EventSources) -> None:
    for call in (
        sources.aws.get_event_source_mapping,
        sources.aws.delete_event_source_mapping,
        sources.aws.update_event_source_mapping,
    ):
        with pytest.raises(ClientError) as refused:
            call(UUID=NOBODY)
        answer = refused.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
        assert answer["Error"]["Code"] == "ResourceNotFoundException"
        assert (answer["Message"], answer["Type"]) == ("The resource you requested does not exist.", "User")


def test_mappings_of_queues_are_checked_for_their_function_and_position(sources: EventSources) -> None:
    _, queue = sources.queue()

    def refusal(**request: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as refused:
            sources.aws.create_event_source_mapping(EventSourceArn=queue, **request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    function = sources.function()
    assert refusal(FunctionName="nobody") == ("InvalidParameterValueException", "Function does not exist")
    assert refusal(FunctionName=function, StartingPosition="LATEST") == (
        "InvalidParameterValueException",
        "StartingPosition is not valid for SQS event sources.",
    )
    assert refusal(FunctionName=function, StartingPosition="0") == (
        "ValidationException",
        "1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: Member must "
        "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    )
