"""Which rights a call needs: actions and resources as the Service Authorization Reference has them."""

from __future__ import annotations

from typing import Any

import policy_lint
import pytest
from botocore.session import Session

from helpers.iam import rights
from helpers.iam.place import Place
from helpers.iam.resources import WITHOUT_RESOURCE
from helpers.iam.rights import Right, rights_of

PLACE = Place("aws", "eu-west-1", "123456789012")
ROLE = "arn:aws:iam::123456789012:role/lab-etl"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:123456789012:{resource}"


def needed(signer: str, operation: str, **params: Any) -> list[tuple[str, str]]:
    return [(right.action, right.resource) for right in rights_of(signer, operation, params, PLACE)]


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        ("HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("ListObjectsV2", {"Bucket": "b", "Prefix": "raw/"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("CreateMultipartUpload", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
        ("UploadPart", {"Bucket": "b", "Key": "k"}, [("s3:PutObject", "arn:aws:s3:::b/k")]),
        ("AbortMultipartUpload", {"Bucket": "b", "Key": "k"}, [("s3:AbortMultipartUpload", "arn:aws:s3:::b/k")]),
        ("PutBucketEncryption", {"Bucket": "b"}, [("s3:PutEncryptionConfiguration", "arn:aws:s3:::b")]),
        ("PutPublicAccessBlock", {"Bucket": "b"}, [("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::b")]),
        (
            "CopyObject",
            {"Bucket": "b", "Key": "new", "CopySource": "a/old%20one?versionId=1"},
            [("s3:PutObject", "arn:aws:s3:::b/new"), ("s3:GetObject", "arn:aws:s3:::a/old one")],
        ),
        (
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObject", "arn:aws:s3:::b/2")],
        ),
    ],
)
def test_actions_of_s3_differ_from_its_operations(
    operation: str, params: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert needed("s3", operation, **params) == expected


def test_a_version_of_an_object_needs_a_right_of_its_own() -> None:
    versioned = {"Bucket": "b", "Key": "k", "VersionId": "null"}
    assert needed("s3", "GetObject", **versioned) == [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]
    assert needed("s3", "DeleteObject", **versioned) == [("s3:DeleteObjectVersion", "arn:aws:s3:::b/k")]
    objects = [{"Key": "k", "VersionId": "1"}]
    assert needed("s3", "DeleteObjects", Bucket="b", Delete={"Objects": objects}) == [
        ("s3:DeleteObjectVersion", "arn:aws:s3:::b/k")
    ]


def test_a_stream_is_known_by_name_or_arn() -> None:
    own = arn("kinesis", "stream/s")
    assert needed("kinesis", "PutRecords", StreamName="s") == [("kinesis:PutRecords", own)]
    assert needed("kinesis", "PutRecords", StreamARN=own) == [("kinesis:PutRecords", own)]
    assert needed("kinesis", "ListStreams") == [("kinesis:ListStreams", "*")]


def test_a_role_that_a_call_names_is_passed_to_its_service() -> None:
    found = rights_of("firehose", "CreateDeliveryStream", {
        "DeliveryStreamName": "d",
        "KinesisStreamSourceConfiguration": {"RoleARN": ROLE},
        "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE.replace("etl", "other"), "BucketARN": "arn:aws:s3:::b"},
    }, PLACE)  # fmt: skip
    passed = {"iam:PassedToService": "firehose.amazonaws.com"}
    assert found == [
        Right("firehose:CreateDeliveryStream", arn("firehose", "deliverystream/d")),
        Right("iam:PassRole", ROLE, passed),
        Right("iam:PassRole", ROLE.replace("etl", "other"), passed),
    ]
    assert needed("lambda", "UpdateFunctionCode", FunctionName="f") == [
        ("lambda:UpdateFunctionCode", arn("lambda", "function:f"))
    ]


def test_tags_of_a_new_resource_need_the_right_to_tag() -> None:
    found = needed("glue", "CreateCrawler", Name="c", Role="lab-crawler", Tags={"a": "b"})
    assert found == [
        ("glue:CreateCrawler", "*"),
        ("glue:TagResource", arn("glue", "crawler/c")),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/lab-crawler"),
    ]
    assert needed("sqs", "CreateQueue", QueueName="q", tags={"a": "b"}) == [
        ("sqs:CreateQueue", arn("sqs", "q")),
        ("sqs:TagQueue", arn("sqs", "q")),
    ]
    assert needed("sqs", "CreateQueue", QueueName="q") == [("sqs:CreateQueue", arn("sqs", "q"))]


def test_a_table_is_checked_with_its_database_and_the_catalog() -> None:
    assert needed("glue", "GetTable", DatabaseName="d", Name="t") == [
        ("glue:GetTable", arn("glue", "catalog")),
        ("glue:GetTable", arn("glue", "database/d")),
        ("glue:GetTable", arn("glue", "table/d/t")),
    ]
    assert needed("glue", "CreateDatabase", DatabaseInput={"Name": "d"}) == [
        ("glue:CreateDatabase", arn("glue", "catalog")),
        ("glue:CreateDatabase", arn("glue", "database/d")),
    ]


@pytest.mark.parametrize(
    ("signer", "operation", "params", "expected"),
    [
        ("budgets", "CreateBudget", {"Budget": {"BudgetName": "b"}}, "budgets:ModifyBudget"),
        ("budgets", "DescribeSubscribersForNotification", {"BudgetName": "b"}, "budgets:ViewBudget"),
        ("lambda", "Invoke", {"FunctionName": "f"}, "lambda:InvokeFunction"),
        ("monitoring", "GetMetricData", {}, "cloudwatch:GetMetricData"),
        ("kinesisanalytics", "StartApplication", {"ApplicationName": "a"}, "kinesisanalytics:StartApplication"),
    ],
)
def test_namespaces_and_actions_of_other_services(
    signer: str, operation: str, params: dict[str, Any], expected: str
) -> None:
    assert [action for action, _ in needed(signer, operation, **params)] == [expected]


def test_who_asks_who_he_is_needs_no_right() -> None:
    assert needed("sts", "GetCallerIdentity") == []


def test_conditions_come_with_the_call() -> None:
    [mapping] = rights_of("lambda", "CreateEventSourceMapping", {"FunctionName": "f"}, PLACE)
    assert mapping == Right("lambda:CreateEventSourceMapping", "*", {"lambda:FunctionArn": arn("lambda", "function:f")})
    topic = arn("sns", "t")
    [mail] = rights_of("sns", "Subscribe", {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.c"}, PLACE)
    assert mail == Right("sns:Subscribe", topic, {"sns:Protocol": "email", "sns:Endpoint": "a@b.c"})


def test_a_query_needs_what_athena_does_in_the_callers_name() -> None:
    found = needed(
        "athena",
        "StartQueryExecution",
        WorkGroup="w",
        QueryExecutionContext={"Database": "d"},
        ResultPlace="b/results/",
        DataPlaces={"t": ["b/lake/t/"]},
        QueryString="WITH few AS (SELECT * FROM t LIMIT 3) SELECT few.* FROM few JOIN other.u ON true",
    )
    assert ("athena:StartQueryExecution", arn("athena", "workgroup/w")) in found
    assert ("s3:PutObject", "arn:aws:s3:::b/results/*") in found
    assert ("s3:GetBucketLocation", "arn:aws:s3:::b") in found
    assert ("s3:GetObject", "arn:aws:s3:::b/lake/t/*") in found
    tables = {resource for action, resource in found if action == "glue:GetTable" and ":table/" in resource}
    assert tables == {arn("glue", "table/d/t"), arn("glue", "table/other/u")}
    assert ("glue:GetDatabase", arn("glue", "database/default")) in found
    assert not {action for action, _ in found} & {"glue:CreateTable", "glue:BatchCreatePartition"}


def test_a_query_that_makes_a_table_writes_it() -> None:
    found = needed(
        "athena",
        "StartQueryExecution",
        QueryExecutionContext={"Database": "d"},
        ResultConfiguration={"OutputLocation": "s3://b/results/"},
        QueryString="CREATE TABLE t WITH (external_location = 's3://b/lake/t/') AS SELECT 1 AS n FROM s",
    )
    assert ("athena:StartQueryExecution", arn("athena", "workgroup/primary")) in found
    assert ("glue:CreateTable", arn("glue", "table/d/t")) in found
    assert ("glue:BatchCreatePartition", arn("glue", "table/d/t")) in found
    assert ("s3:PutObject", "arn:aws:s3:::b/lake/t/*") in found
    assert ("glue:GetTable", arn("glue", "table/d/s")) in found


def test_every_action_that_is_not_its_operation_is_in_the_reference() -> None:
    named = [f"{service}:{action}" for (service, _), actions in rights._ACTIONS.items() for action in actions]
    assert [action for action in named + list(WITHOUT_RESOURCE) if action.lower() not in policy_lint.reference()] == []
    assert [action for action in WITHOUT_RESOURCE if policy_lint.has_resource_types(action)] == []
    # A misspelt operation would never be looked up.
    operations = {service: _operations(service) for service, _ in rights._ACTIONS}
    assert [key for key in rights._ACTIONS if key[1] not in operations[key[0]]] == []


def _operations(service: str) -> set[str]:
    return set(Session().get_service_model(service).operation_names)
