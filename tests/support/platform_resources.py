"""What the platform consists of, as the services describe it, to hold a stack against the notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import stack
from helpers.iam import documents
from helpers.settings import LOCAL_ACCOUNT, Settings

Client = Callable[[str], Any]
Described = dict[str, Any]
CODE_BUCKET = "platform-code"
QUICK_SIGHT_DATA_SETS = ("visitors", "carts", "hours", "brands", "windows")


def described(client: Client, settings: Settings) -> Described:
    """Return each resource's settings by its logical name; what AWS gives it, such as times, left out."""
    return {name: value for part in PARTS for name, value in part(client, settings).items()}


def create_stack(client: Client, code: Path, email: str) -> None:
    """Make the platform by its template, with Quick Sight; the functions' code and the template uploaded before."""
    s3, cloudformation, written = client("s3"), client("cloudformation"), stack.write(code)
    s3.create_bucket(Bucket=CODE_BUCKET)
    for path in written.code.iterdir():
        s3.put_object(Bucket=CODE_BUCKET, Key=f"{written.code.name}/{path.name}", Body=path.read_bytes())
    s3.put_object(Bucket=CODE_BUCKET, Key=written.template.name, Body=written.template.read_bytes())
    given = {"Email": email, "CodeBucket": CODE_BUCKET, "CodePrefix": written.code.name}
    given["QuickSightOwner"] = quick_sight_author(client)
    cloudformation.create_stack(
        StackName="platform",
        TemplateURL=f"https://s3.amazonaws.com/{CODE_BUCKET}/{written.template.name}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="platform", WaiterConfig={"Delay": 1})


def quick_sight_author(client: Client) -> str:
    """Register the author that notebook 11 registers, and return its ARN."""
    who = {"IdentityType": "QUICKSIGHT", "UserRole": "AUTHOR", "Email": "you@example.com", "UserName": "you"}
    answer = client("quicksight").register_user(AwsAccountId=LOCAL_ACCOUNT, Namespace="default", **who)
    return str(answer["User"]["Arn"])


def _own(tags: Any) -> dict[str, str]:
    """Return tags as a mapping; CloudFormation adds some of its own."""
    pairs = tags.items() if isinstance(tags, dict) else ((tag["Key"], tag["Value"]) for tag in tags)
    return {key: value for key, value in pairs if not key.startswith("aws:")}


def _without(record: Described, *names: str) -> Described:
    return {name: value for name, value in record.items() if name not in names}


def _bucket(client: Client, settings: Settings) -> Described:
    s3, where = client("s3"), {"Bucket": settings.bucket}
    rules = s3.get_bucket_lifecycle_configuration(**where)["Rules"]
    return {
        "bucket encryption": s3.get_bucket_encryption(**where)["ServerSideEncryptionConfiguration"]["Rules"][0][
            "ApplyServerSideEncryptionByDefault"
        ],
        "bucket access": s3.get_public_access_block(**where)["PublicAccessBlockConfiguration"],
        "bucket policy": json.loads(s3.get_bucket_policy(**where)["Policy"])["Statement"],
        "bucket lifecycle": {rule["ID"]: _without(rule, "ID", "Filter", "Prefix") | _prefix(rule) for rule in rules},
        "bucket tags": _own(s3.get_bucket_tagging(**where)["TagSet"]),
    }


def _prefix(rule: Described) -> Described:
    # Either form of the API says the same.
    return {"Prefix": rule.get("Prefix", rule.get("Filter", {}).get("Prefix", ""))}


def _streams(client: Client, settings: Settings) -> Described:
    kinesis, found = client("kinesis"), {}
    for stream in (settings.events_stream, settings.activity_stream):
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        found[stream] = _without(summary, "StreamCreationTimestamp", "StreamId") | {
            "Tags": _own(kinesis.list_tags_for_stream(StreamName=stream)["Tags"])
        }
    return found


def _catalog(client: Client, settings: Settings) -> Described:
    glue = client("glue")
    crawler = glue.get_crawler(Name=settings.crawler)["Crawler"]
    classifier = glue.get_classifier(Name=settings.csv_classifier)["Classifier"]["CsvClassifier"]
    job = glue.get_job(JobName=settings.etl_job)["Job"]
    table = glue.get_table(DatabaseName=settings.database, Name=settings.stream_table)["Table"]
    storage = table["StorageDescriptor"]
    return {
        "database": glue.get_database(Name=settings.database)["Database"]["Name"],
        "crawler": _without(crawler, "CreationTime", "LastUpdated", "LastCrawl", "CrawlElapsedTime"),
        # CloudFormation has no property for the SerDe.
        "classifier": _without(classifier, "CreationTime", "LastUpdated", "Serde"),
        "job": _without(job, "CreatedOn", "LastModifiedOn"),
        "table": (storage["Columns"], storage["Location"], storage["SerdeInfo"]["SerializationLibrary"]),
        "table partitions": table["PartitionKeys"],
        "glue tags": [
            _own(glue.get_tags(ResourceArn=settings.arn("glue", f"{kind}/{name}"))["Tags"])
            for kind, name in (("crawler", settings.crawler), ("job", settings.etl_job))
        ],
    }


def _athena(client: Client, settings: Settings) -> Described:
    group = client("athena").get_work_group(WorkGroup=settings.workgroup)["WorkGroup"]
    configuration = group["Configuration"]
    wanted = ("BytesScannedCutoffPerQuery", "EnforceWorkGroupConfiguration", "ResultConfiguration")
    return {"workgroup": {name: configuration[name] for name in wanted}}


def _delivery(client: Client, settings: Settings) -> Described:
    firehose = client("firehose")
    stream = firehose.describe_delivery_stream(DeliveryStreamName=settings.delivery_stream)
    [destination] = stream["DeliveryStreamDescription"]["Destinations"]
    source = stream["DeliveryStreamDescription"]["Source"]["KinesisStreamSourceDescription"]
    return {
        "delivery": destination["ExtendedS3DestinationDescription"],
        "delivery source": _without(source, "DeliveryStartTimestamp"),
        "delivery tags": _own(
            firehose.list_tags_for_delivery_stream(DeliveryStreamName=settings.delivery_stream)["Tags"]
        ),
    }


def _tables(client: Client, settings: Settings) -> Described:
    dynamodb, found = client("dynamodb"), {}
    wanted = ("AttributeDefinitions", "KeySchema")
    for name in (settings.activity_table, settings.watch_table):
        table = dynamodb.describe_table(TableName=name)["Table"]
        found[f"table {name}"] = {each: table[each] for each in wanted} | {
            "BillingMode": table["BillingModeSummary"]["BillingMode"],
            "TimeToLive": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
            "Tags": _own(dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]),
        }
    return found


def _messages(client: Client, settings: Settings) -> Described:
    sns, sqs = client("sns"), client("sqs")
    url = sqs.get_queue_url(QueueName=settings.failed_queue)["QueueUrl"]
    topic = settings.arn("sns", settings.alerts_topic)
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)
    return {
        "topic tags": _own(sns.list_tags_for_resource(ResourceArn=topic)["Tags"]),
        "readers": [(each["Protocol"], each["Endpoint"]) for each in subscriptions["Subscriptions"]],
        "queue tags": _own(sqs.list_queue_tags(QueueUrl=url)["Tags"]),
    }


def _functions(client: Client, settings: Settings) -> Described:
    functions, logs, found = client("lambda"), client("logs"), {}
    wanted = ("Runtime", "Role", "Handler", "Timeout", "MemorySize", "CodeSha256", "Architectures", "Environment")
    for name in (settings.alert_function, settings.watch_function):
        function = functions.get_function(FunctionName=name)
        [group] = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
        found[f"function {name}"] = {each: function["Configuration"][each] for each in wanted} | {
            "Tags": _own(function["Tags"]),
            "log days": group["retentionInDays"],
        }
    [mapping] = functions.list_event_source_mappings(FunctionName=settings.alert_function)["EventSourceMappings"]
    own = ("UUID", "EventSourceMappingArn", "LastModified", "LastProcessingResult")
    # The notebooks begin where they begin, a stack at the end of the stream.
    return found | {"mapping": _without(mapping, *own, "StartingPosition", "StartingPositionTimestamp")}


def _watching(client: Client, settings: Settings) -> Described:
    cloudwatch = client("cloudwatch")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[settings.alarm])["MetricAlarms"]
    wanted = (
        "AlarmDescription", "MetricName", "Namespace", "Statistic", "Dimensions", "Period", "EvaluationPeriods",
        "Threshold", "ComparisonOperator", "TreatMissingData",
    )  # fmt: skip
    dashboard = cloudwatch.get_dashboard(DashboardName=settings.dashboard)["DashboardBody"]
    return {"alarm": {name: alarm[name] for name in wanted}, "dashboard": json.loads(dashboard)}


def _studio(client: Client, settings: Settings) -> Described:
    studio = client("kinesisanalyticsv2")
    detail = studio.describe_application(ApplicationName=settings.studio_application)["ApplicationDetail"]
    wanted = ("RuntimeEnvironment", "ApplicationMode", "ServiceExecutionRole", "ApplicationStatus")
    described = detail["ApplicationConfigurationDescription"]
    return {
        "studio": {name: detail[name] for name in wanted},
        "studio log": [each["LogStreamARN"] for each in detail["CloudWatchLoggingOptionDescriptions"]],
        "studio configuration": {
            name: described[name]
            for name in ("FlinkApplicationConfigurationDescription", "ZeppelinApplicationConfigurationDescription")
        },
        "studio tags": _own(studio.list_tags_for_resource(ResourceARN=detail["ApplicationARN"])["Tags"]),
    }


def _roles(client: Client, settings: Settings) -> Described:
    iam, found = client("iam"), {}
    for name in (getattr(settings, f"{role}_role") for role in documents.ROLES):
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        found[f"role {name}"] = {
            "trust": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
            "policies": [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in policies],
            "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        }
    return found


def _budget(client: Client, settings: Settings) -> Described:
    budgets, named = client("budgets"), {"AccountId": settings.account, "BudgetName": settings.budget}
    budget = budgets.describe_budget(**named)["Budget"]
    [warning] = budgets.describe_notifications_for_budget(**named)["Notifications"]
    readers = budgets.describe_subscribers_for_notification(**named, Notification=warning)["Subscribers"]
    limit = {"Amount": float(budget["BudgetLimit"]["Amount"]), "Unit": budget["BudgetLimit"]["Unit"]}
    return {"budget": (budget["BudgetType"], budget["TimeUnit"], limit), "budget warning": (warning, readers)}


def _quick_sight(client: Client, settings: Settings) -> Described:
    quick_sight, mine = client("quicksight"), {"AwsAccountId": settings.account}
    table = client("glue").get_table(DatabaseName=settings.database, Name=settings.windows_table)["Table"]
    storage = table["StorageDescriptor"]
    source = {**mine, "DataSourceId": settings.quicksight_source}
    analysis = {**mine, "AnalysisId": settings.quicksight_analysis}
    dashboard = {**mine, "DashboardId": settings.quicksight_dashboard}
    made = quick_sight.describe_data_source(**source)["DataSource"]
    granted = {
        "source": quick_sight.describe_data_source_permissions(**source)["Permissions"],
        "analysis": quick_sight.describe_analysis_permissions(**analysis)["Permissions"],
        "dashboard": quick_sight.describe_dashboard_permissions(**dashboard)["Permissions"],
    }
    pages = (("analysis", settings.quicksight_analysis), ("dashboard", settings.quicksight_dashboard))
    arns = [made["Arn"], *(settings.arn("quicksight", f"{kind}/{name}") for kind, name in pages)]
    found: Described = {
        "windows": (
            [(column["Name"], column["Type"]) for column in storage["Columns"]],
            storage["Location"].rstrip("/"),
            storage["SerdeInfo"]["SerializationLibrary"],
        ),
        "quick sight source": _without(made, "CreatedTime", "LastUpdatedTime", "Status"),
        "quick sight analysis": _page(quick_sight.describe_analysis_definition(**analysis)),
        # The notebook's exercise publishes another version.
        "quick sight dashboard": _page(quick_sight.describe_dashboard_definition(**dashboard, VersionNumber=1)),
    }
    for name in QUICK_SIGHT_DATA_SETS:
        of = {**mine, "DataSetId": settings.quicksight_data_set(name)}
        data_set = quick_sight.describe_data_set(**of)["DataSet"]
        own = ("CreatedTime", "LastUpdatedTime", "ConsumedSpiceCapacityInBytes")
        found[f"quick sight {name}"] = _without(data_set, *own)
        found[f"quick sight {name} schedules"] = quick_sight.list_refresh_schedules(**of)["RefreshSchedules"]
        granted[name] = quick_sight.describe_data_set_permissions(**of)["Permissions"]
        arns.append(data_set["Arn"])
    tags = {arn: _own(quick_sight.list_tags_for_resource(ResourceArn=arn)["Tags"]) for arn in arns}
    return {**found, "quick sight owners": granted, "quick sight tags": tags}


def _page(described: Described) -> Described:
    return {name: described[name] for name in ("Name", "Definition")}


PARTS = (
    _bucket,
    _streams,
    _catalog,
    _athena,
    _delivery,
    _tables,
    _messages,
    _functions,
    _watching,
    _studio,
    _roles,
    _budget,
    _quick_sight,
)
