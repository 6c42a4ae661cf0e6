"""The resources that a call touches, as ARNs: one function for each service of the lab.

Types and patterns of ARNs: Service Authorization Reference, "Resource types defined by …" of each service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from helpers.iam import quicksight_rights
from helpers.iam.place import Place

Params = Mapping[str, Any]
_EVERY = ["*"]


def of(namespace: str, action: str, operation: str, params: Params, place: Place) -> list[str]:
    """Return the resources that an action of a call is checked on; `*` alone if the action has no resource type."""
    finder = _FINDERS.get(namespace)
    if finder is None or f"{namespace}:{action}" in WITHOUT_RESOURCE:
        return _EVERY
    return finder(operation, params, place) or _EVERY


def created(namespace: str, operation: str, params: Params, place: Place) -> list[str]:
    """Return what a call creates, if its own action has no resource type: its tags are checked on that."""
    if (namespace, operation) == ("glue", "CreateCrawler"):
        return [place.arn("glue", f"crawler/{params['Name']}")]
    if (namespace, operation) == ("kinesisanalytics", "CreateApplication"):
        return [place.arn("kinesisanalytics", f"application/{params['ApplicationName']}")]
    return quicksight_rights.created(operation, params, place) if namespace == "quicksight" else []


def copy_source(source: str | Mapping[str, str]) -> str:
    """Return `bucket/key` of the source of a copy, however it is given."""
    if isinstance(source, str):
        return unquote(source.partition("?")[0]).lstrip("/")
    return f"{source['Bucket']}/{source['Key']}"


# Actions of the lab that AWS checks on `*` alone.
WITHOUT_RESOURCE = frozenset(
    {
        "athena:ListWorkGroups",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListDashboards",
        "cloudwatch:ListMetrics",
        "cloudwatch:PutMetricData",
        "dynamodb:ListBackups",
        "dynamodb:ListTables",
        "firehose:ListDeliveryStreams",
        "glue:CreateClassifier",
        "glue:CreateCrawler",
        "glue:DeleteClassifier",
        "glue:GetClassifier",
        "glue:GetClassifiers",
        "glue:GetCrawlers",
        "glue:GetJobs",
        "glue:ListCrawlers",
        "glue:ListJobs",
        "iam:ListRoles",
        "kinesis:ListStreams",
        "kinesisanalytics:CreateApplication",
        "kinesisanalytics:ListApplications",
        "lambda:CreateEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
        "quicksight:CreateAccountSubscription",
        "quicksight:CreateDataSource",
        "quicksight:DescribeAccountSettings",
        "quicksight:ListDataSets",
        "quicksight:ListDataSources",
        "quicksight:ListIngestions",
        "quicksight:ListRefreshSchedules",
        "s3:ListAllMyBuckets",
        "sns:ListTopics",
        "sns:Unsubscribe",
        "sqs:ListQueues",
        "tag:GetResources",
    }
)


def _s3(operation: str, params: Params, place: Place) -> list[str]:
    bucket = params.get("Bucket")
    if bucket is None:
        return []
    if operation == "DeleteObjects":
        return [place.s3(f"{bucket}/{each['Key']}") for each in params["Delete"]["Objects"]]
    return [place.s3(f"{bucket}/{params['Key']}" if "Key" in params else bucket)]


def _kinesis(operation: str, params: Params, place: Place) -> list[str]:
    arn = params.get("StreamARN") or params.get("ResourceARN")
    return [arn] if arn else [place.arn("kinesis", f"stream/{params.get('StreamName', '*')}")]


def _firehose(operation: str, params: Params, place: Place) -> list[str]:
    return [place.arn("firehose", f"deliverystream/{params['DeliveryStreamName']}")]


def _glue(operation: str, params: Params, place: Place) -> list[str]:
    if "Crawler" in operation:
        return [place.arn("glue", f"crawler/{params.get('Name', '*')}")]
    if "Job" in operation:
        return [place.arn("glue", f"job/{params.get('JobName') or params.get('Name', '*')}")]
    if "Tag" in operation:
        return [params["ResourceArn"]]
    return _catalog(operation, params, place)


def _catalog(operation: str, params: Params, place: Place) -> list[str]:
    """Return what an operation of the Data Catalog is checked on: the thing, and all that it lies in.

    https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    if operation == "GetDatabases":
        return catalog_arns(place, "*")
    if operation.endswith("Database"):
        return catalog_arns(place, params.get("Name") or params["DatabaseInput"]["Name"])
    if operation in ("GetTables", "SearchTables"):
        return catalog_arns(place, params.get("DatabaseName", "*"), "*")
    if operation == "BatchDeleteTable":
        names = params["TablesToDelete"]
        return sorted({arn for name in names for arn in catalog_arns(place, params["DatabaseName"], name)})
    table = params.get("TableName") or params.get("Name") or params.get("TableInput", {}).get("Name", "*")
    return catalog_arns(place, params.get("DatabaseName", "*"), table)


def catalog_arns(place: Place, database: str, table: str | None = None) -> list[str]:
    """Return the ARNs of the catalog, a database and, if given, a table."""
    names = ["catalog", f"database/{database}", *([f"table/{database}/{table}"] if table else [])]
    return [place.arn("glue", name) for name in names]


def _athena(operation: str, params: Params, place: Place) -> list[str]:
    group = params.get("WorkGroup") or (params.get("Name") if "WorkGroup" in operation else None)
    return [params.get("ResourceARN") or place.arn("athena", f"workgroup/{group or 'primary'}")]


def _lambda(operation: str, params: Params, place: Place) -> list[str]:
    if "EventSourceMapping" in operation:
        return [place.arn("lambda", f"event-source-mapping:{params['UUID']}")]
    return [params["Resource"]] if "Resource" in params else [place.arn("lambda", f"function:{params['FunctionName']}")]


def _sns(operation: str, params: Params, place: Place) -> list[str]:
    if "SubscriptionArn" in params:
        return [params["SubscriptionArn"].rpartition(":")[0]]
    return [params.get("TopicArn") or params.get("ResourceArn") or place.arn("sns", params.get("Name", "*"))]


def _sqs(operation: str, params: Params, place: Place) -> list[str]:
    return [place.arn("sqs", params.get("QueueName") or params.get("QueueUrl", "*").rpartition("/")[2])]


def _dynamodb(operation: str, params: Params, place: Place) -> list[str]:
    names = params.get("RequestItems") or [params.get("TableName", "*")]
    return [params["ResourceArn"]] if "ResourceArn" in params else [place.arn("dynamodb", f"table/{n}") for n in names]


def _logs(operation: str, params: Params, place: Place) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    group, stream = params.get("logGroupName", "*"), params.get("logStreamName", "")
    return [place.arn("logs", f"log-group:{group}:log-stream:{stream}")]


def _cloudwatch(operation: str, params: Params, place: Place) -> list[str]:
    if "ResourceARN" in params:
        return [params["ResourceARN"]]
    if "Dashboard" in operation:
        names = params.get("DashboardNames") or [params.get("DashboardName", "*")]
        return [place.global_arn("cloudwatch", f"dashboard/{name}") for name in names]
    names = params.get("AlarmNames") or [params.get("AlarmName", "*")]
    return [place.arn("cloudwatch", f"alarm:{name}") for name in names]


def _budgets(operation: str, params: Params, place: Place) -> list[str]:
    if "ResourceARN" in params:
        return [params["ResourceARN"]]
    name = params.get("BudgetName") or (params.get("Budget") or params.get("NewBudget") or {}).get("BudgetName", "*")
    return [place.global_arn("budgets", f"budget/{name}")]


def _iam(operation: str, params: Params, place: Place) -> list[str]:
    return [params.get("PolicyArn") or place.role(params.get("RoleName", "*"))]


def _kinesisanalytics(operation: str, params: Params, place: Place) -> list[str]:
    return [params.get("ResourceARN") or place.arn("kinesisanalytics", f"application/{params['ApplicationName']}")]


def _cloudformation(operation: str, params: Params, place: Place) -> list[str]:
    return [place.arn("cloudformation", f"stack/{params.get('StackName', '*')}/*")]


_FINDERS: dict[str, Callable[[str, Params, Place], list[str]]] = {
    "s3": _s3,
    "kinesis": _kinesis,
    "firehose": _firehose,
    "glue": _glue,
    "athena": _athena,
    "lambda": _lambda,
    "sns": _sns,
    "sqs": _sqs,
    "dynamodb": _dynamodb,
    "logs": _logs,
    "cloudwatch": _cloudwatch,
    "budgets": _budgets,
    "iam": _iam,
    "kinesisanalytics": _kinesisanalytics,
    "cloudformation": _cloudformation,
    "quicksight": quicksight_rights.located,
}
