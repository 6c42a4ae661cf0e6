"""What a stack of the local AWS makes is what the API would make of the same properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.waiting import until

STACK = "kinds"
ACCOUNT = "000000000000"
ENDED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")

CLASSIFIER = {
    "Type": "AWS::Glue::Classifier",
    "Properties": {"CsvClassifier": {"Name": "kinds-csv", "Delimiter": ";", "ContainsHeader": "PRESENT"}},
}
CRAWLER = {
    "Type": "AWS::Glue::Crawler",
    "DependsOn": "Classifier",
    "Properties": {
        "Name": "kinds-crawler",
        "Role": "arn:aws:iam::000000000000:role/kinds",
        "DatabaseName": "kinds",
        "Targets": {"S3Targets": [{"Path": "s3://kinds/raw/"}]},
        "Classifiers": ["kinds-csv"],
        "Schedule": {"ScheduleExpression": "cron(0 3 * * ? *)"},
        "Tags": {"project": "kinds"},
    },
}
JOB = {
    "Type": "AWS::Glue::Job",
    "Properties": {
        "Name": "kinds-job",
        "Role": "arn:aws:iam::000000000000:role/kinds",
        "Command": {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://kinds/job.py"},
        "MaxCapacity": 0.0625,
        "Tags": {"project": "kinds"},
    },
}
BUDGET = {
    "Type": "AWS::Budgets::Budget",
    "Properties": {
        "Budget": {
            "BudgetName": "kinds-budget",
            "BudgetLimit": {"Amount": 7.5, "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        "NotificationsWithSubscribers": [
            {
                "Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80},
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "reader@example.com"}],
            }
        ],
    },
}


def template(**resources: Any) -> str:
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


@pytest.fixture
def stacks(client: Callable[[str], Any]) -> Iterator[Any]:
    cloudformation = client("cloudformation")
    yield cloudformation
    cloudformation.delete_stack(StackName=STACK)
    until(lambda: not exists(cloudformation), "the stack to go", 30)


def exists(cloudformation: Any) -> bool:
    found = cloudformation.list_stacks()["StackSummaries"]
    return any(stack["StackName"] == STACK and stack["StackStatus"] != "DELETE_COMPLETE" for stack in found)


def status(cloudformation: Any) -> str:
    def ended() -> str | None:
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return str(stack["StackStatus"]) if stack["StackStatus"] in ENDED else None

    return str(until(ended, "the stack", 30))


def create(cloudformation: Any, **resources: Any) -> str:
    cloudformation.create_stack(StackName=STACK, TemplateBody=template(**resources))
    return status(cloudformation)


def update(cloudformation: Any, **resources: Any) -> str:
    cloudformation.update_stack(StackName=STACK, TemplateBody=template(**resources))
    return status(cloudformation)


def changed(resource: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return resource | {"Properties": resource["Properties"] | properties}


def test_a_crawler_of_a_stack_is_one_of_the_api(stacks: Any, client: Callable[[str], Any]) -> None:
    glue = client("glue")
    assert create(stacks, Classifier=CLASSIFIER, Crawler=CRAWLER) == "CREATE_COMPLETE"
    crawler = glue.get_crawler(Name="kinds-crawler")["Crawler"]
    assert crawler["Classifiers"] == ["kinds-csv"]
    assert crawler["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert glue.list_crawlers(Tags={"project": "kinds"})["CrawlerNames"] == ["kinds-crawler"]
    assert glue.get_classifier(Name="kinds-csv")["Classifier"]["CsvClassifier"]["Delimiter"] == ";"

    other = changed(CLASSIFIER, CsvClassifier=CLASSIFIER["Properties"]["CsvClassifier"] | {"Delimiter": "|"})  # type: ignore[index]
    assert update(stacks, Classifier=other, Crawler=changed(CRAWLER, TablePrefix="raw_")) == "UPDATE_COMPLETE"
    assert glue.get_crawler(Name="kinds-crawler")["Crawler"]["TablePrefix"] == "raw_"
    assert glue.get_classifier(Name="kinds-csv")["Classifier"]["CsvClassifier"]["Delimiter"] == "|"


def test_a_number_that_is_a_parameter_is_a_number(stacks: Any, client: Callable[[str], Any]) -> None:
    flink, parallelism = client("kinesisanalyticsv2"), {"ConfigurationType": "CUSTOM", "Parallelism": {"Ref": "Tasks"}}
    application = {
        "Type": "AWS::KinesisAnalyticsV2::Application",
        "Properties": {
            "ApplicationName": "kinds-studio",
            "ApplicationMode": "INTERACTIVE",
            "RuntimeEnvironment": "ZEPPELIN-FLINK-3_0",
            "ServiceExecutionRole": "arn:aws:iam::000000000000:role/kinds",
            "ApplicationConfiguration": {
                "FlinkApplicationConfiguration": {"ParallelismConfiguration": parallelism},
            },
        },
    }
    body = json.dumps({"Parameters": {"Tasks": {"Type": "Number"}}, "Resources": {"Studio": application}})

    def tasks(act: Callable[..., Any], number: int) -> Any:
        act(
            StackName=STACK,
            TemplateBody=body,
            Parameters=[{"ParameterKey": "Tasks", "ParameterValue": str(number)}],
        )
        assert status(stacks) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        detail = flink.describe_application(ApplicationName="kinds-studio")["ApplicationDetail"]
        described = detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"]
        return described["ParallelismConfigurationDescription"]["Parallelism"]

    assert tasks(stacks.create_stack, 2) == 2
    assert tasks(stacks.update_stack, 3) == 3


def test_what_a_stack_no_longer_has_is_deleted(stacks: Any, client: Callable[[str], Any]) -> None:
    glue = client("glue")
    assert create(stacks, Classifier=CLASSIFIER, Crawler=CRAWLER) == "CREATE_COMPLETE"
    assert update(stacks, Classifier=CLASSIFIER) == "UPDATE_COMPLETE"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_crawler(Name="kinds-crawler")


def test_a_new_name_makes_another_resource(stacks: Any, client: Callable[[str], Any]) -> None:
    glue = client("glue")
    assert create(stacks, Classifier=CLASSIFIER) == "CREATE_COMPLETE"
    renamed = changed(CLASSIFIER, CsvClassifier={"Name": "kinds-other", "Delimiter": ";"})
    assert update(stacks, Classifier=renamed) == "UPDATE_COMPLETE"
    assert glue.get_classifier(Name="kinds-other")["Classifier"]["CsvClassifier"]["Delimiter"] == ";"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_classifier(Name="kinds-csv")


def test_what_the_api_refuses_fails_the_stack_with_its_words(stacks: Any) -> None:
    wrong = changed(CRAWLER, Schedule={"ScheduleExpression": "daily"})
    assert create(stacks, Classifier=CLASSIFIER, Crawler=wrong) == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName=STACK)["StackEvents"]
    [reason] = [
        e["ResourceStatusReason"]
        for e in events
        if e["LogicalResourceId"] == "Crawler" and "FAILED" in e["ResourceStatus"]
    ]
    assert "daily" in reason


def test_a_python_shell_job_of_a_stack_has_no_workers(stacks: Any, client: Callable[[str], Any]) -> None:
    glue = client("glue")
    assert create(stacks, Job=JOB) == "CREATE_COMPLETE"
    job = glue.get_job(JobName="kinds-job")["Job"]
    assert job["MaxCapacity"] == 0.0625
    assert "WorkerType" not in job
    assert "NumberOfWorkers" not in job
    assert glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:{ACCOUNT}:job/kinds-job")["Tags"] == {"project": "kinds"}


def test_a_budget_of_a_stack_warns_its_readers(stacks: Any, client: Callable[[str], Any]) -> None:
    budgets = client("budgets")
    named = {"AccountId": ACCOUNT, "BudgetName": "kinds-budget"}
    assert create(stacks, Budget=BUDGET) == "CREATE_COMPLETE"
    assert budgets.describe_budget(**named)["Budget"]["BudgetLimit"] == {"Amount": "7.5", "Unit": "USD"}
    [warning] = budgets.describe_notifications_for_budget(**named)["Notifications"]
    assert warning["Threshold"] == 80.0
    readers = budgets.describe_subscribers_for_notification(**named, Notification=warning)["Subscribers"]
    assert readers == [{"SubscriptionType": "EMAIL", "Address": "reader@example.com"}]

    budget = BUDGET["Properties"]["Budget"] | {"BudgetLimit": {"Amount": 9, "Unit": "USD"}}  # type: ignore[index]
    assert update(stacks, Budget=changed(BUDGET, Budget=budget)) == "UPDATE_COMPLETE"
    assert budgets.describe_budget(**named)["Budget"]["BudgetLimit"]["Amount"] == "9"


def test_a_bucket_of_a_stack_has_encryption_lifecycle_and_tags(stacks: Any, client: Callable[[str], Any]) -> None:
    s3 = client("s3")
    rules = [
        {"Id": "old", "Status": "Enabled", "Prefix": "old/", "ExpirationInDays": 3},
        {"Id": "parts", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
        {
            "Id": "cold",
            "Status": "Disabled",
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
        },
    ]
    properties = {
        "BucketName": "kinds-bucket",
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "LifecycleConfiguration": {"Rules": rules},
        "Tags": [{"Key": "project", "Value": "kinds"}],
    }
    assert create(stacks, Bucket={"Type": "AWS::S3::Bucket", "Properties": properties}) == "CREATE_COMPLETE"
    [encryption] = s3.get_bucket_encryption(Bucket="kinds-bucket")["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    old, parts, cold = s3.get_bucket_lifecycle_configuration(Bucket="kinds-bucket")["Rules"]
    assert (old["ID"], old["Filter"], old["Expiration"]) == ("old", {"Prefix": "old/"}, {"Days": 3})
    assert parts["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    assert (cold["Status"], cold["Transitions"]) == ("Disabled", [{"Days": 30, "StorageClass": "GLACIER"}])
    assert {"Key": "project", "Value": "kinds"} in s3.get_bucket_tagging(Bucket="kinds-bucket")["TagSet"]

    del properties["LifecycleConfiguration"]
    assert update(stacks, Bucket={"Type": "AWS::S3::Bucket", "Properties": properties}) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket="kinds-bucket")


def test_a_table_of_a_stack_has_its_time_to_live(stacks: Any, client: Callable[[str], Any]) -> None:
    dynamodb = client("dynamodb")
    properties: dict[str, Any] = {
        "TableName": "kinds-table",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
    }
    table = {"Type": "AWS::DynamoDB::Table", "Properties": properties}

    def time_to_live() -> str:
        found = dynamodb.describe_time_to_live(TableName="kinds-table")["TimeToLiveDescription"]
        return str(found["TimeToLiveStatus"])

    assert create(stacks, Table=table) == "CREATE_COMPLETE"
    assert time_to_live() == "ENABLED"
    without = {name: value for name, value in properties.items() if name != "TimeToLiveSpecification"}
    assert update(stacks, Table=table | {"Properties": without}) == "UPDATE_COMPLETE"
    assert time_to_live() == "DISABLED"
