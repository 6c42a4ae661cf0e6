"""The tagging API finds, adds and removes tags in every service that the lab touches."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from helpers.clean_up.trouble import delete

Client = Callable[[str], Any]


def tagged(client: Client, project: str, *types: str) -> dict[str, dict[str, str]]:
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    filters = {"TagFilters": [{"Key": "project", "Values": [project]}], "ResourceTypeFilters": list(types)}
    found = (each for page in pages.paginate(**filters) for each in page["ResourceTagMappingList"])
    return {each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in found}


@pytest.fixture
def project() -> str:
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
def made(client: Client, project: str) -> Iterator[dict[str, str]]:
    """One tagged thing of each service, by the service in its ARN."""
    tags, listed = {"project": project}, [{"Key": "project", "Value": project}]
    kinesis, logs, cloudwatch = client("kinesis"), client("logs"), client("cloudwatch")
    athena, firehose, flink = client("athena"), client("firehose"), client("kinesisanalyticsv2")
    kinesis.create_stream(StreamName=project, ShardCount=1, Tags=tags)
    kinesis.get_waiter("stream_exists").wait(StreamName=project)
    logs.create_log_group(logGroupName=f"/lab/{project}", tags=tags)
    alarm = {"MetricName": "m", "Namespace": project, "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    cloudwatch.put_metric_alarm(
        AlarmName=project, Threshold=0, ComparisonOperator="GreaterThanThreshold", Tags=listed, **alarm
    )
    athena.create_work_group(Name=project, Tags=listed)
    destination = {"RoleARN": f"arn:aws:iam::000000000000:role/{project}", "BucketARN": f"arn:aws:s3:::{project}"}
    client("s3").create_bucket(Bucket=project)
    firehose.create_delivery_stream(
        DeliveryStreamName=project, ExtendedS3DestinationConfiguration=destination, Tags=listed
    )
    role = f"arn:aws:iam::000000000000:role/{project}"
    application = flink.create_application(
        ApplicationName=project, RuntimeEnvironment="FLINK-1_20", ServiceExecutionRole=role, Tags=listed
    )["ApplicationDetail"]
    start = "us-east-1:000000000000"
    quicksight = client("quicksight")
    source = {"AwsAccountId": "000000000000", "DataSourceId": project}
    parameters = {"AthenaParameters": {"WorkGroup": project}}
    quicksight.create_data_source(**source, Name=project, Type="ATHENA", DataSourceParameters=parameters, Tags=listed)
    yield {
        "quicksight": f"arn:aws:quicksight:{start}:datasource/{project}",
        "kinesis": f"arn:aws:kinesis:{start}:stream/{project}",
        "logs": f"arn:aws:logs:{start}:log-group:/lab/{project}",
        "cloudwatch": f"arn:aws:cloudwatch:{start}:alarm:{project}",
        "athena": f"arn:aws:athena:{start}:workgroup/{project}",
        "firehose": f"arn:aws:firehose:{start}:deliverystream/{project}",
        "kinesisanalytics": application["ApplicationARN"],
    }
    quicksight.delete_data_source(**source)
    kinesis.delete_stream(StreamName=project)
    logs.delete_log_group(logGroupName=f"/lab/{project}")
    cloudwatch.delete_alarms(AlarmNames=[project])
    athena.delete_work_group(WorkGroup=project, RecursiveDeleteOption=True)
    # It may still be made.
    delete(firehose.delete_delivery_stream, DeliveryStreamName=project)
    flink.delete_application(ApplicationName=project, CreateTimestamp=application["CreateTimestamp"])
    client("s3").delete_bucket(Bucket=project)


def test_everything_tagged_is_found_by_its_tag_and_by_its_type(
    client: Client, project: str, made: dict[str, str]
) -> None:
    assert tagged(client, project) == {arn: {"project": project} for arn in made.values()}
    assert list(tagged(client, project, "kinesis:stream", "logs")) == [made["kinesis"], made["logs"]]


def test_tags_added_and_removed_there_are_those_of_the_service(
    client: Client, project: str, made: dict[str, str]
) -> None:
    tagging = client("resourcegroupstaggingapi")
    arns = list(made.values())
    assert tagging.tag_resources(ResourceARNList=arns, Tags={"team": "shop"})["FailedResourcesMap"] == {}
    stream_tags = client("kinesis").list_tags_for_stream(StreamName=project)["Tags"]
    assert {"Key": "team", "Value": "shop"} in stream_tags
    answer = client("firehose").list_tags_for_delivery_stream(DeliveryStreamName=project)
    assert {"Key": "team", "Value": "shop"} in answer["Tags"]
    assert tagging.untag_resources(ResourceARNList=arns, TagKeys=["project"])["FailedResourcesMap"] == {}
    assert tagged(client, project) == {}
    assert client("logs").list_tags_for_resource(resourceArn=made["logs"])["tags"] == {"team": "shop"}


def test_what_does_not_exist_cannot_be_tagged(client: Client) -> None:
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/nowhere"
    failed = client("resourcegroupstaggingapi").tag_resources(ResourceARNList=[arn], Tags={"a": "b"})
    assert failed["FailedResourcesMap"][arn]["ErrorCode"] == "InvalidParameterException"


def test_what_is_deleted_is_found_no_more(client: Client, project: str, made: dict[str, str]) -> None:
    client("logs").delete_log_group(logGroupName=f"/lab/{project}")
    assert made["logs"] not in tagged(client, project)
    client("logs").create_log_group(logGroupName=f"/lab/{project}")
    assert made["logs"] not in tagged(client, project)
