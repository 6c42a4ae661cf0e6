"""A local AWS that holds callers to their policies: the learner's are enough, and none of their statements too many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import cbor2
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from recorded_rights import without_each

from helpers.iam import documents
from helpers.iam.refusals import MissingRightError
from helpers.lab import LOCAL_ROLE, Lab, connect
from helpers.local import process
from helpers.settings import DEFAULT_PREFIX, DEFAULT_REGION, LOCAL_ACCOUNT, Settings
from helpers.waiting import until

TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{LOCAL_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    },
}


@pytest.fixture(scope="module")
def strict_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build folder of a local AWS that checks access."""
    build_dir = tmp_path_factory.mktemp("strict")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTH", "true")
        process.start(build_dir)
    try:
        yield build_dir
    finally:
        process.stop(build_dir)


@pytest.fixture
def settings(strict_aws: Path) -> Settings:
    endpoint = process.running_endpoint(strict_aws)
    return Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", endpoint, strict_aws)


@pytest.fixture
def acting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], Lab]:
    """Open the lab as somebody who has one policy."""
    root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    iam = boto3.client("iam", endpoint_url=settings.endpoint_url, region_name=settings.region, **root)
    names = (f"learner-{number}" for number in range(100))
    monkeypatch.setenv("LAB_BUILD_DIR", str(settings.build_dir))
    monkeypatch.setenv("LAB_TARGET", "local")
    # The lab sets these for good: after the test they are as before.
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PAGER"):
        monkeypatch.setenv(name, "")

    def act(policy: dict[str, Any]) -> Lab:
        role = next(names)
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(policy))
        monkeypatch.setenv(LOCAL_ROLE, role)
        return connect()

    return act


def first_calls(lab: Lab) -> None:
    """Do what notebooks 03, 04 and 07 do first with the streams and the delivery, each call whatever is there."""
    settings, kinesis, firehose, iam = lab.settings, *(lab.client(each) for each in ("kinesis", "firehose", "iam"))
    stream = {"StreamName": settings.events_stream}
    with suppress(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(**stream, ShardCount=1)
    kinesis.add_tags_to_stream(**stream, Tags=settings.tags)
    shard = kinesis.list_shards(**stream)["Shards"][0]["ShardId"]
    kinesis.put_record(**stream, Data=b"x", PartitionKey="1")
    place = kinesis.get_shard_iterator(**stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert kinesis.get_records(ShardIterator=place)["Records"]
    with suppress(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(StreamName=settings.trial_stream, ShardCount=1)
    for role in ("delivery", "etl"):
        name = getattr(settings, f"{role}_role")
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(documents.trust(settings, role)))
        policy = json.dumps(documents.policy(settings, role))
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=policy)
    with suppress(firehose.exceptions.ResourceNotFoundException):
        firehose.describe_delivery_stream(DeliveryStreamName=settings.delivery_stream)
    with suppress(lab.client("glue").exceptions.EntityNotFoundException):
        lab.client("glue").get_job(JobName=settings.etl_job)


def test_the_learners_policy_is_enough(settings: Settings, acting: Callable[[dict[str, Any]], Lab]) -> None:
    first_calls(acting(documents.policy(settings, "learner-stream")))


def test_without_a_statement_the_call_is_refused_with_the_policys_name(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    # The emulator does not check whether a role may be passed.
    unseen = {"HandARoleToFirehose", "HandARoleToTheJob"}
    for statement, rest in without_each(documents.policy(settings, "learner-stream")):
        if statement not in unseen:
            with pytest.raises(MissingRightError, match=r"iam/learner-stream\.json\.$"):
                first_calls(acting(rest))


def test_another_ones_stream_is_refused(settings: Settings, acting: Callable[[dict[str, Any]], Lab]) -> None:
    lab = acting(documents.policy(settings, "learner-stream"))
    with pytest.raises(MissingRightError, match="for the lab's own resources alone"):
        lab.client("kinesis").create_stream(StreamName="somebody-elses", ShardCount=1)


def test_a_bucket_policy_that_asks_for_tls_lets_the_laptop_in(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    s3 = acting(documents.policy(settings, "learner-batch")).client("s3")
    s3.create_bucket(Bucket=settings.bucket)
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{settings.bucket}/*"}
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = {"Version": "2012-10-17", "Statement": [{**tls, "Condition": condition}]}
    s3.put_bucket_policy(Bucket=settings.bucket, Policy=json.dumps(policy))
    s3.put_object(Bucket=settings.bucket, Key="raw/x", Body=b"1")
    assert s3.get_object(Bucket=settings.bucket, Key="raw/x")["Body"].read() == b"1"


def test_a_budget_is_checked_under_the_action_that_aws_has(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    limit = {"BudgetLimit": {"Amount": "10", "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    asked = {"AccountId": LOCAL_ACCOUNT, "Budget": {"BudgetName": settings.budget, **limit}}
    acting(documents.policy(settings, "learner-start")).client("budgets").create_budget(**asked)
    with pytest.raises(MissingRightError, match=r"budgets:ModifyBudget on .*iam/learner-start\.json"):
        acting(documents.policy(settings, "learner-batch")).client("budgets").create_budget(**asked)


def test_what_athena_does_in_the_callers_name_works(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    lab = acting(documents.policy(settings, "learner-batch"))
    with suppress(lab.client("s3").exceptions.BucketAlreadyOwnedByYou):
        lab.client("s3").create_bucket(Bucket=settings.bucket)
    athena = lab.client("athena")
    athena.create_work_group(Name=settings.workgroup)
    query = athena.start_query_execution(
        QueryString="SELECT 1 AS n",
        WorkGroup=settings.workgroup,
        ResultConfiguration={"OutputLocation": settings.query_results_uri},
    )["QueryExecutionId"]
    asked = {"QueryExecutionId": query}
    over = ("SUCCEEDED", "FAILED")
    state: Any = until(
        lambda: (s := athena.get_query_execution(**asked)["QueryExecution"]["Status"])["State"] in over and s, "it", 60
    )
    assert state["State"] == "SUCCEEDED", state
    assert athena.get_query_results(**asked)["ResultSet"]["Rows"][1]["Data"] == [{"VarCharValue": "1"}]


def test_requests_in_cbor_are_checked_like_those_in_json(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    lab = acting(documents.policy(settings, "learner-stream"))
    kinesis, keys = lab.client("kinesis"), lab.session.get_credentials().get_frozen_credentials()
    with suppress(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(StreamName=settings.events_stream, ShardCount=1)

    def put(stream: str) -> tuple[int, bytes]:
        record = {"Data": b"\xbf\xff", "PartitionKey": "1"}
        asked = AWSRequest(
            "POST",
            str(settings.endpoint_url),
            {"X-Amz-Target": "Kinesis_20131202.PutRecords", "Content-Type": "application/x-amz-cbor-1.1"},
            cbor2.dumps({"StreamName": stream, "Records": [record]}),
        )
        SigV4Auth(keys, "kinesis", settings.region).add_auth(asked)
        answer = URLLib3Session().send(asked.prepare())
        return answer.status_code, answer.content

    assert put(settings.events_stream)[0] == 200
    status, refusal = put("somebody-elses")
    assert status in (400, 403)
    assert b"is not authorized to perform: kinesis:PutRecords" in refusal, refusal


def test_conditions_on_a_subscription_and_a_mapping_are_checked(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    lab = acting(documents.policy(settings, "learner-alerts"))
    sns, functions = lab.client("sns"), lab.client("lambda")
    topic = sns.create_topic(Name=settings.alerts_topic)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint="you@example.com")
    with pytest.raises(MissingRightError, match="AWS refuses sns:Subscribe"):
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.com")
    stream = {"EventSourceArn": settings.arn("kinesis", "stream/x"), "StartingPosition": "LATEST"}
    with pytest.raises(MissingRightError, match="AWS refuses lambda:CreateEventSourceMapping"):
        functions.create_event_source_mapping(FunctionName="somebody-elses", **stream)
    with pytest.raises(ClientError, match="Function does not exist"):
        functions.create_event_source_mapping(FunctionName=settings.alert_function, **stream)
    with pytest.raises(MissingRightError, match="AWS refuses lambda:UpdateEventSourceMapping"):
        functions.update_event_source_mapping(UUID="86ab5bd6-0ae2-4c76-b0c9-3d1d0d2b1c5f", BatchSize=1)
    with pytest.raises(MissingRightError, match="AWS refuses lambda:CreateFunction"):
        functions.create_function(FunctionName="x", Role=settings.arn("iam", "role/x"), Code={"ZipFile": b"x"})


def test_the_learner_may_look_for_stacks_of_any_name(
    settings: Settings, acting: Callable[[dict[str, Any]], Lab]
) -> None:
    assert (
        acting(documents.policy(settings, "learner-clean-up")).client("cloudformation").describe_stacks()["Stacks"]
        == []
    )
    with pytest.raises(MissingRightError, match="AWS refuses cloudformation:DescribeStacks"):
        acting(documents.policy(settings, "learner-batch")).client("cloudformation").describe_stacks()
