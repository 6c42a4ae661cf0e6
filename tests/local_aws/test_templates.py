"""Templates and parameters that CloudFormation does not take, in AWS's words, and that make no stack."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

TOPIC = {"Type": "AWS::SNS::Topic"}
FORMAT = "Template format error: "


@pytest.fixture(scope="module")
def cloudformation(client: Callable[[str], Any]) -> Any:
    return client("cloudformation")


@pytest.fixture
def stack() -> str:
    return f"templates-{uuid.uuid4().hex[:8]}"


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def topic(**properties: Any) -> dict[str, Any]:
    return {"Resources": {"Topic": {**TOPIC, "Properties": properties}}}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({}, f"{FORMAT}At least one Resources member must be defined."),
        ({"Resources": {}}, f"{FORMAT}At least one Resources member must be defined."),
        ({"Resources": {"Topic": TOPIC}, "Resource": {}}, "Invalid template property or properties [Resource]"),
        ({"Resources": {"Topic": "AWS::SNS::Topic"}}, f"{FORMAT}Any Resources member must be an object."),
        (
            {"Resources": {"A": {"Properties": {}}}},
            f"{FORMAT}[/Resources/A] Every Resources object must contain a Type member.",
        ),
        ({"Resources": {"A": {**TOPIC, "Invalid": 10}}}, "Invalid template resource property 'Invalid'"),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"Out": {"Value": None}}},
            "[/Outputs/Out/Value] 'null' values are not allowed in templates",
        ),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"Out": {}}},
            f"{FORMAT}Every Outputs member must contain a Value object",
        ),
        (
            topic(TopicName={"Ref": "Nmae"}, DisplayName={"Fn::Sub": "${Stage}-${AWS::Region}-${!literal}"}),
            f"{FORMAT}Unresolved resource dependencies [Nmae, Stage] in the Resources block of the template",
        ),
        (
            {"Resources": {"A": {**TOPIC, "DependsOn": "B"}}},
            f"{FORMAT}Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            {"Resources": {"A": TOPIC}, "Outputs": {"Out": {"Value": {"Ref": "B"}}}},
            f"{FORMAT}Unresolved resource dependencies [B] in the Outputs block of the template",
        ),
        (
            topic(TopicName={"Fn::GetAtt": ["Queue", "QueueName"]}),
            "Template error: instance of Fn::GetAtt references undefined resource Queue",
        ),
    ],
)
def test_a_wrong_template_makes_no_stack(cloudformation: Any, stack: str, template: object, message: str) -> None:
    body = json.dumps(template)
    expected = ("ValidationError", message)
    assert refused(cloudformation.create_stack, StackName=stack, TemplateBody=body) == expected
    change = {"StackName": stack, "ChangeSetName": "first", "ChangeSetType": "CREATE", "TemplateBody": body}
    assert refused(cloudformation.create_change_set, **change) == expected
    assert refused(cloudformation.validate_template, TemplateBody=body) == expected
    missing = ("ValidationError", f"Stack with id {stack} does not exist")
    assert refused(cloudformation.describe_stacks, StackName=stack) == missing


def test_parameters_are_those_of_the_template(cloudformation: Any, stack: str) -> None:
    declared = {"Email": {"Type": "String"}, "Stage": {"Type": "String", "Default": "dev"}}
    template = {"Parameters": declared, **topic(DisplayName={"Ref": "Stage"})}
    given = {"StackName": stack, "TemplateBody": json.dumps(template)}
    assert refused(cloudformation.create_stack, **given) == ("ValidationError", "Parameters: [Email] must have values")
    values = [{"ParameterKey": key, "ParameterValue": "x"} for key in ("Email", "Mail")]
    assert refused(cloudformation.create_stack, **given, Parameters=values) == (
        "ValidationError",
        "Parameters: [Mail] do not exist in the template",
    )


def test_what_makes_roles_needs_to_be_acknowledged(cloudformation: Any, stack: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": policy}
    for name, capability in (({}, "CAPABILITY_IAM"), ({"RoleName": stack}, "CAPABILITY_NAMED_IAM")):
        role = {"Type": "AWS::IAM::Role", "Properties": {**properties, **name}}
        template = json.dumps({"Resources": {"Role": role}})
        assert refused(cloudformation.create_stack, StackName=stack, TemplateBody=template) == (
            "InsufficientCapabilitiesException",
            f"Requires capabilities : [{capability}]",
        )


def test_stacks_that_are_not_there_are_named_in_two_ways(cloudformation: Any, stack: str) -> None:
    by_id = ("ValidationError", f"Stack with id {stack} does not exist")
    by_name = ("ValidationError", f"Stack [{stack}] does not exist")
    for call in (cloudformation.describe_stacks, cloudformation.list_stack_resources, cloudformation.get_template):
        assert refused(call, StackName=stack) == by_id
    assert refused(cloudformation.describe_stack_events, StackName=stack) == by_name
    body = json.dumps(topic())
    assert refused(cloudformation.update_stack, StackName=stack, TemplateBody=body) == by_name
