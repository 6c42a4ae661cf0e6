"""A stack owns its resources: the clean-up empties its bucket, deletes it first, and then what it left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from whole_lab import clients_of, lab_of, make_bucket, seen

from helpers.clean_up import burning, survey, sweep
from helpers.lab import Lab


@pytest.fixture
def lab(local_aws: str, tmp_path: Path) -> Iterator[Lab]:
    with clients_of(local_aws):
        yield lab_of("stack-lab", local_aws, tmp_path)


@pytest.fixture
def make_stack(lab: Lab) -> Callable[[str], None]:
    """Make a stack of one stream and the lab's bucket, and wait for it."""

    def make(name: str) -> None:
        stream = {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": lab.settings.events_stream, "ShardCount": 1}}
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": lab.settings.bucket}}
        template = json.dumps({"Resources": {"Stream": stream, "Bucket": bucket}})
        cloudformation = lab.client("cloudformation")
        cloudformation.create_stack(StackName=name, TemplateBody=template)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    return make


def test_the_stack_goes_first_and_takes_its_resources_along_with_a_bucket_that_is_not_empty(
    lab: Lab, make_stack: Callable[[str], None]
) -> None:
    make_stack(lab.settings.prefix)
    lab.client("s3").put_object(Bucket=lab.settings.bucket, Key="delivered", Body=b"since")
    first = survey(lab)
    assert str(first.found[0]) == "CloudFormation stack stack-lab"
    said: list[str] = []
    assert sweep(lab, first, said.append).is_clean
    assert said[0].split() == ["deleted", "CloudFormation", "stack", "stack-lab"]


def test_another_stack_is_left_alone_and_what_bears_our_names_in_it_is_found(
    lab: Lab, make_stack: Callable[[str], None]
) -> None:
    make_stack("stack-lab-of-a-friend")
    found = survey(lab)
    assert [str(each) for each in found.left_alone] == [
        "CloudFormation stack stack-lab-of-a-friend looks similar and is left alone: it has no tag `project`"
    ]
    lab.client("cloudformation").delete_stack(StackName="stack-lab-of-a-friend")
    sweep(lab, survey(lab), lambda line: None)


def test_burning_names_what_is_billed_by_the_hour_and_its_price(lab: Lab) -> None:
    assert burning(lab) == "burning $0.00 an hour: nothing that is billed by the hour"
    make_bucket(lab)
    kinesis, cloudwatch = lab.client("kinesis"), lab.client("cloudwatch")
    kinesis.create_stream(StreamName=lab.settings.events_stream, ShardCount=3)
    kinesis.create_stream(StreamName=lab.settings.activity_stream, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    for stream in (lab.settings.events_stream, lab.settings.activity_stream):
        kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    cloudwatch.put_dashboard(DashboardName=lab.settings.dashboard, DashboardBody='{"widgets": []}')
    # Three shards at $0.015, an on-demand stream at $0.04, a dashboard at $3 for 730 hours; the bucket by the month.
    assert burning(lab) == "burning $0.089 an hour: 2 streams $0.085, 1 dashboard $0.004"
    sweep(lab, survey(lab), lambda line: None)
    assert seen(lab) == []
