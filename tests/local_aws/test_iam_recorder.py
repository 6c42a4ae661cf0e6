"""The recorder notes the calls of boto3, awswrangler and the AWS CLI, and of what runs under the service roles."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awswrangler as wr
import boto3
import pandas as pd
import pytest
from function_world import make_world
from lambda_events import FakeContext, kinesis_event
from recorded_rights import in_vain, many, read_calls, refused, rights_of_calls

from functions.alert import handler as alert
from functions.watch import handler as watch
from helpers.cli import main
from helpers.iam import documents
from helpers.iam.recorder import ACCOUNT_VARIABLE, FILE_VARIABLE, record_command_line, recording
from helpers.iam.rights import Right
from helpers.settings import DEFAULT_REGION, LOCAL_ACCOUNT, Settings, find_project_root

# What the services do under the lab's roles beside running its code, none of it seen from here: by role, with AWS's
# list of it.
DOCUMENTED = {
    # https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, and for the queue and the log
    # https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
    "functions": {
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
        "kinesis:ListShards", "kinesis:ListStreams", "logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage",
    },
    # https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
    "etl": {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
    # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    "delivery": {
        "kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
        "s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
        "s3:ListBucketMultipartUploads", "s3:PutObject",
    },
    # https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html
    "crawler": {
        "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:CreateTable", "glue:GetDatabase",
        "glue:GetPartitions", "glue:GetTable", "glue:UpdateTable", "logs:CreateLogGroup", "logs:CreateLogStream",
        "logs:PutLogEvents", "s3:GetObject", "s3:ListBucket",
    },
    # https://docs.aws.amazon.com/managed-flink/latest/java/how-zeppelin-iam.html
    "flink": {
        "glue:CreateTable", "glue:DeleteTable", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions",
        "glue:GetTable", "glue:GetTables", "glue:GetUserDefinedFunction", "glue:UpdateTable",
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
        "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords", "kinesisanalytics:DescribeApplication",
        "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents", "s3:GetBucketLocation",
        "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject",
    },
}  # fmt: skip

SETTINGS = Settings("iam-lab", LOCAL_ACCOUNT, DEFAULT_REGION, "local", None, Path("build"))


@pytest.fixture
def calls(tmp_path: Path, local_aws: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """File of the calls; boto3's default session is new, so that it is recorded."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return tmp_path / "build" / "calls.jsonl"


def noted(calls: Path) -> list[tuple[str, str]]:
    return [(right.action, right.resource) for right in rights_of_calls(read_calls(calls))]


def test_a_call_is_noted_with_its_rights_once(calls: Path) -> None:
    name = f"iam-{uuid.uuid4().hex[:8]}"
    with recording(calls, LOCAL_ACCOUNT):
        kinesis = boto3.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    shard = kinesis.list_shards(StreamName=name)["Shards"][0]["ShardId"]
    place = {"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamName=name, **place)["ShardIterator"]
    for _ in range(3):
        iterator = kinesis.get_records(ShardIterator=iterator)["NextShardIterator"]
    kinesis.delete_stream(StreamName=name)
    lines = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    operations = ["CreateStream", "ListShards", "GetShardIterator", "GetRecords", "DeleteStream"]
    assert [line["operation"] for line in lines] == operations
    own = SETTINGS.arn("kinesis", f"stream/{name}")
    # Of GetRecords too: its iterator stands for the stream.
    assert [line["rights"] for line in lines] == [
        [{"action": f"kinesis:{operation}", "resource": own, "context": {}}] for operation in operations
    ]


def test_clients_made_after_the_block_are_not_recorded(calls: Path) -> None:
    with recording(calls, LOCAL_ACCOUNT):
        pass
    boto3.client("kinesis").list_streams()
    assert not calls.exists()


def test_a_refused_call_is_noted_too(calls: Path) -> None:
    with recording(calls, LOCAL_ACCOUNT):
        kinesis = boto3.client("kinesis")
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        kinesis.describe_stream_summary(StreamName="none")
    assert noted(calls) == [("kinesis:DescribeStreamSummary", SETTINGS.arn("kinesis", "stream/none"))]


def test_awswrangler_is_recorded(calls: Path) -> None:
    bucket = f"iam-{uuid.uuid4().hex[:8]}"
    with recording(calls, LOCAL_ACCOUNT):
        boto3.setup_default_session(region_name=DEFAULT_REGION)
        boto3.client("s3").create_bucket(Bucket=bucket)
        wr.s3.to_parquet(pd.DataFrame({"n": [1]}), f"s3://{bucket}/t/x.parquet")
        wr.s3.read_parquet(f"s3://{bucket}/t/x.parquet")
    assert {
        ("s3:PutObject", f"arn:aws:s3:::{bucket}/t/x.parquet"),
        ("s3:GetObject", f"arn:aws:s3:::{bucket}/t/x.parquet"),
    } <= set(noted(calls))


@pytest.fixture
def aws_cli(calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command of the AWS CLI, recorded, in a process of its own."""
    monkeypatch.setenv(FILE_VARIABLE, str(calls))
    monkeypatch.setenv(ACCOUNT_VARIABLE, LOCAL_ACCOUNT)
    monkeypatch.setenv("AWS_CONFIG_FILE", "")
    record_command_line(tmp_path)
    program = [sys.executable, "-c", "import sys; from awscli.clidriver import main; sys.exit(main())"]

    def run(*words: str) -> str:
        done = subprocess.run([*program, *words], env=os.environ, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return run


def test_the_aws_cli_is_recorded(calls: Path, aws_cli: Callable[..., str]) -> None:
    aws_cli("kinesis", "list-streams")
    assert noted(calls) == [("kinesis:ListStreams", "*")]


def test_what_one_command_was_told_the_next_one_knows(calls: Path, aws_cli: Callable[..., str]) -> None:
    name = f"iam-{uuid.uuid4().hex[:8]}"
    place = f"ResultConfiguration={{OutputLocation=s3://{name}/results/}}"
    aws_cli("athena", "create-work-group", "--name", name, "--configuration", place)
    asking = ("--query-string", "SELECT 1", "--work-group", name, "--query", "QueryExecutionId", "--output", "text")
    query = aws_cli("athena", "start-query-execution", *asking)
    aws_cli("athena", "get-query-execution", "--query-execution-id", query)
    own, rights = SETTINGS.arn("athena", f"workgroup/{name}"), noted(calls)
    assert {resource for action, resource in rights if action.startswith("athena:")} == {own}
    assert ("s3:PutObject", f"arn:aws:s3:::{name}/results/*") in rights


def test_the_policies_are_written_for_the_command_line(
    services_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PAGER"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LAB_BUILD_DIR", str(services_dir))
    assert main(["policies", "--target", "local", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "learner-batch.json") in capsys.readouterr().out.splitlines()
    written = json.loads((tmp_path / "learner-batch.json").read_text(encoding="utf-8"))
    assert written["Statement"][0]["Resource"] == f"arn:aws:s3:::ecommerce-lab-{LOCAL_ACCOUNT}-{DEFAULT_REGION}"


@pytest.mark.parametrize(("function", "table"), [(alert, "activity_table"), (watch, "watch_table")])
def test_the_functions_need_no_more_than_their_role_gives(
    function: Any, table: str, calls: Path, client: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(client)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(function.metrics, "namespace", world.table, raising=False)
    function._worker.cache_clear()
    window = {"window_start": "2019-10-01T00:00:00", "window_end": "2019-10-01T00:00:10", "user_id": "1"}
    event = {"event_time": "2019-10-01 00:00:01 UTC", "event_type": "view", "user_id": "1"}
    records = [window | {"actions": 11}] if function is alert else [event | {"n": n} for n in range(12)]
    with recording(calls, LOCAL_ACCOUNT):
        boto3.setup_default_session()
        answer = function.handler(kinesis_event(records), FakeContext())
    function._worker.cache_clear()
    assert answer == {"batchItemFailures": []}
    # The topic first: its name in the test is the table's.
    names = {world.topic_arn: SETTINGS.arn("sns", SETTINGS.alerts_topic), world.table: getattr(SETTINGS, table)}
    rights = under_names(rights_of_calls(read_calls(calls)), names)
    assert {right.action for right in rights} >= {"dynamodb:UpdateItem", "sns:Publish", "sns:GetTopicAttributes"}
    assert refused([documents.policy(SETTINGS, "functions")], rights) == []


def test_the_job_needs_what_its_role_gives_and_no_less(calls: Path, client: Callable[[str], Any]) -> None:
    glue = client("glue")
    bucket = f"iam-{uuid.uuid4().hex[:8]}"
    client("s3").create_bucket(Bucket=bucket)
    database = bucket.replace("-", "_")
    glue.create_database(DatabaseInput={"Name": database})
    storage = {"Columns": [{"Name": "user_id", "Type": "bigint"}], "Location": f"s3://{bucket}/lake/stream_events/"}
    keys = [{"Name": "event_date", "Type": "string"}]
    table = {"Name": SETTINGS.stream_table, "StorageDescriptor": storage, "PartitionKeys": keys}
    glue.create_table(DatabaseName=database, TableInput=table)
    script = find_project_root() / SCRIPT
    good = json.dumps(EVENT).encode()
    client("s3").put_object(Bucket=bucket, Key="stream/a", Body=good + b"\nno event\n")
    with recording(calls, LOCAL_ACCOUNT):
        session = boto3.Session(region_name=DEFAULT_REGION)
    s3, glue = session.client("s3"), session.client("glue")
    done = loaded(script).run(s3, glue, {**OPTIONS, "bucket": bucket, "database": database})
    assert (done["rows"], done["rejected"]) == (1, 1)
    rights = under_names(rights_of_calls(read_calls(calls)), {bucket: SETTINGS.bucket, database: SETTINGS.database})
    policy = documents.policy(SETTINGS, "etl")
    assert refused([policy], rights) == []
    unused = set(in_vain({"etl": policy}, rights).get("etl", []))
    assert unused <= DOCUMENTED["etl"], unused


SCRIPT = Path("src/functions/stream_to_table.py")
EVENT = {
    "event_time": "2019-10-01 00:00:01 UTC", "event_type": "view", "product_id": "1", "category_id": "2",
    "category_code": "", "brand": "", "price": "1.00", "user_id": "1", "user_session": "s",
    "txn_timestamp": "2026-11-24T12:00:00.000",
}  # fmt: skip
OPTIONS = {
    "stream_prefix": SETTINGS.delivered_prefix,
    "table_prefix": SETTINGS.stream_table_prefix,
    "rejected_prefix": SETTINGS.rejected_prefix,
    "ledger_key": SETTINGS.etl_ledger_key,
    "table": SETTINGS.stream_table,
}


@pytest.mark.parametrize("role", documents.ROLES)
def test_a_role_gives_nothing_that_neither_code_nor_aws_asks_for(role: str) -> None:
    code = {"functions": {"dynamodb:PutItem", "dynamodb:UpdateItem", "sns:Publish", "sns:GetTopicAttributes"}}
    code["etl"] = {"s3:ListBucket", "s3:GetObject", "s3:PutObject", "glue:GetTable", "glue:BatchCreatePartition"}
    given = {action for each in documents.policy(SETTINGS, role)["Statement"] for action in many(each["Action"])}
    assert given == DOCUMENTED[role] | code.get(role, set())


def under_names(rights: list[Right], names: dict[str, str]) -> list[Right]:
    """Return the rights with the test's names turned into the lab's."""
    turned = []
    for right in rights:
        resource = right.resource
        for own, lab in names.items():
            resource = resource.replace(own, lab)
        turned.append(Right(right.action, resource, right.context))
    return turned


def loaded(script: Path) -> Any:
    spec = importlib.util.spec_from_file_location("stream_to_table", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
