"""One of everything that the lab makes, by the shortest calls, under any prefix."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.clean_up import Survey, survey
from helpers.lab import Lab
from helpers.settings import LOCAL_ACCOUNT, Settings

REGION = "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@contextmanager
def clients_of(endpoint: str) -> Iterator[None]:
    """Point every client of this process at a local AWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        yield


def lab_of(prefix: str, endpoint: str, build_dir: Path) -> Lab:
    """Return a lab of a prefix of its own in the local AWS."""
    settings = Settings(prefix, LOCAL_ACCOUNT, REGION, "local", endpoint, build_dir)
    return Lab(settings, boto3.Session(region_name=REGION))


def names(found: Survey) -> list[str]:
    """Return what a survey found, as text."""
    return [str(each) for each in found.found]


def seen(lab: Lab) -> list[str]:
    """Search, and return what was found."""
    return names(survey(lab))


def make_everything(lab: Lab) -> None:
    """Make one of everything, without waiting for more than must be."""
    role = _role(lab, lab.settings.functions_role)
    for name in (lab.settings.crawler_role, lab.settings.delivery_role, lab.settings.etl_role, lab.settings.flink_role):
        _role(lab, name)
    make_bucket(lab)
    _streams(lab)
    _catalog(lab, role)
    _queries(lab)
    _functions(lab, role)
    _messages(lab)
    _watching(lab)
    _flink(lab)
    _drawing(lab)


def _role(lab: Lab, name: str) -> str:
    iam = lab.client("iam")
    tags = [{"Key": key, "Value": value} for key, value in lab.settings.tags.items()]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)["Role"]
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{lab.settings.bucket}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document)
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    return str(role["Arn"])


def make_bucket(lab: Lab) -> None:
    """Make the bucket with an old version, a delete marker and an unfinished upload."""
    s3, bucket = lab.client("s3"), lab.settings.bucket
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"old", b"new"):
        s3.put_object(Bucket=bucket, Key=lab.settings.raw_key, Body=body)
    s3.delete_object(Bucket=bucket, Key=lab.settings.raw_key)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="unfinished")
    s3.upload_part(Bucket=bucket, Key="unfinished", PartNumber=1, UploadId=upload["UploadId"], Body=b"part")


def _streams(lab: Lab) -> None:
    kinesis, settings = lab.client("kinesis"), lab.settings
    for stream in (settings.events_stream, settings.activity_stream):
        kinesis.create_stream(StreamName=stream, ShardCount=2, Tags=settings.tags)
    for stream in (settings.events_stream, settings.activity_stream):
        kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    arn = settings.arn("kinesis", f"stream/{settings.events_stream}")
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")
    role = f"arn:aws:iam::{settings.account}:role/{settings.delivery_role}"
    lab.client("firehose").create_delivery_stream(
        DeliveryStreamName=settings.delivery_stream, DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": role},
        ExtendedS3DestinationConfiguration={"RoleARN": role, "BucketARN": f"arn:aws:s3:::{settings.bucket}"},
    )  # fmt: skip


def _catalog(lab: Lab, role: str) -> None:
    glue, settings = lab.client("glue"), lab.settings
    glue.create_database(DatabaseInput={"Name": settings.database})
    for table in (settings.raw_table, "made_by_a_note"):
        glue.create_table(DatabaseName=settings.database, TableInput={"Name": table})
    glue.create_classifier(CsvClassifier={"Name": settings.csv_classifier, "Delimiter": ","})
    targets = {"S3Targets": [{"Path": settings.raw_uri}]}
    glue.create_crawler(Name=settings.crawler, Role=role, DatabaseName=settings.database, Targets=targets)
    command = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": settings.s3_uri("etl/none.py")}
    glue.create_job(Name=settings.etl_job, Role=role, Command=command, MaxCapacity=0.0625)


def _queries(lab: Lab) -> None:
    athena, settings = lab.client("athena"), lab.settings
    athena.create_work_group(Name=settings.workgroup)
    of_lab = {"WorkGroup": settings.workgroup}
    athena.create_named_query(Name="kept", Database=settings.database, QueryString="SELECT 1", **of_lab)
    athena.create_prepared_statement(StatementName="prepared", QueryStatement="SELECT 1", **of_lab)


def _functions(lab: Lab, role: str) -> None:
    functions, settings = lab.client("lambda"), lab.settings
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return {}\n")
    for name in (settings.alert_function, settings.watch_function):
        functions.create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="handler.handle",
            Code={"ZipFile": packed.getvalue()}, Tags=settings.tags,
        )  # fmt: skip
        lab.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}", tags=settings.tags)
    stream = settings.arn("kinesis", f"stream/{settings.activity_stream}")
    functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=settings.alert_function, StartingPosition="LATEST"
    )


def _messages(lab: Lab) -> None:
    sns, sqs, dynamodb, settings = lab.client("sns"), lab.client("sqs"), lab.client("dynamodb"), lab.settings
    topic = sns.create_topic(Name=settings.alerts_topic)["TopicArn"]
    sqs.create_queue(QueueName=settings.failed_queue)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=settings.arn("sqs", settings.failed_queue))
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="you@example.com")
    for table in (settings.activity_table, settings.watch_table):
        dynamodb.create_table(
            TableName=table, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "user_id", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "user_id", "KeyType": "HASH"}],
        )  # fmt: skip
    dynamodb.create_backup(TableName=settings.activity_table, BackupName="backup")


def _watching(lab: Lab) -> None:
    cloudwatch, settings = lab.client("cloudwatch"), lab.settings
    alarm: dict[str, Any] = {"MetricName": "Alerts", "Namespace": settings.metric_namespace, "Statistic": "Sum"}
    alarm |= {"Period": 60, "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName=settings.alarm, **alarm)
    cloudwatch.put_dashboard(DashboardName=settings.dashboard, DashboardBody='{"widgets": []}')
    cloudwatch.put_metric_data(Namespace=settings.metric_namespace, MetricData=[{"MetricName": "Alerts", "Value": 1}])
    budget = {"BudgetName": settings.budget, "BudgetLimit": {"Amount": "10", "Unit": "USD"}}
    budget |= {"TimeUnit": "MONTHLY", "BudgetType": "COST"}
    lab.client("budgets").create_budget(AccountId=settings.account, Budget=budget)


def _flink(lab: Lab) -> None:
    flink, settings = lab.client("kinesisanalyticsv2"), lab.settings
    role = f"arn:aws:iam::{settings.account}:role/{settings.flink_role}"
    for name in (settings.studio_application, f"{settings.studio_application}-2_detect_bots"):
        flink.create_application(ApplicationName=name, RuntimeEnvironment="FLINK-1_20", ServiceExecutionRole=role)
    lab.client("logs").create_log_group(logGroupName=f"/aws/kinesis-analytics/{settings.studio_application}")


def _drawing(lab: Lab) -> None:
    tags = [{"Key": key, "Value": value} for key, value in lab.settings.tags.items()]
    lab.client("quicksight").create_data_source(
        AwsAccountId=lab.settings.account, DataSourceId=lab.settings.quicksight_source, Name="lab", Type="ATHENA",
        DataSourceParameters={"AthenaParameters": {"WorkGroup": lab.settings.workgroup}}, Tags=tags,
    )  # fmt: skip
