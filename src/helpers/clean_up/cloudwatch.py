"""CloudWatch: alarms, dashboards and log groups; its metrics cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from helpers import costs
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete


def find(search: Search) -> Iterator[Found]:
    """Yield alarms and dashboards, and note the metrics that were sent."""
    cloudwatch, settings = search.client("cloudwatch"), search.settings
    for kind in ("MetricAlarms", "CompositeAlarms"):
        kinds = ["MetricAlarm" if kind == "MetricAlarms" else "CompositeAlarm"]
        for alarm in search.pages("cloudwatch", "describe_alarms", kind, AlarmTypes=kinds):
            name, arn = alarm["AlarmName"], alarm["AlarmArn"]
            tagged = None
            if search.looks_similar(name):
                tagged = project_asked(cloudwatch.list_tags_for_resource, "Tags", ResourceARN=arn)
            if search.is_ours("CloudWatch", "alarm", name, arn, {settings.alarm}, tagged):
                remove = partial(delete, cloudwatch.delete_alarms, AlarmNames=[name])
                yield Found("CloudWatch", "alarm", name, arn, remove, costs.monitoring_hourly_usd(0, 1, 0))
    for dashboard in search.pages("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = dashboard["DashboardName"]
        if search.is_ours("CloudWatch", "dashboard", name, dashboard["DashboardArn"], {settings.dashboard}):
            remove = partial(delete, cloudwatch.delete_dashboards, DashboardNames=[name])
            hourly = costs.monitoring_hourly_usd(0, 0, 1)
            yield Found("CloudWatch", "dashboard", name, dashboard["DashboardArn"], remove, hourly)
    _note_metrics(search)


def _note_metrics(search: Search) -> None:
    sent = list(search.pages("cloudwatch", "list_metrics", "Metrics", Namespace=search.settings.metric_namespace))
    if sent:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
        search.notes.append(
            f"CloudWatch keeps {len(sent)} metrics in {search.settings.metric_namespace} for 15 months. They cannot be "
            "deleted, and cost nothing from the hour in which nothing is sent to them."
        )


def find_log_groups(search: Search) -> Iterator[Found]:
    """Yield log groups, after what writes to them."""
    logs, settings = search.client("logs"), search.settings
    known = {
        *(f"/aws/lambda/{name}" for name in (settings.alert_function, settings.watch_function)),
        f"/aws/kinesis-analytics/{settings.studio_application}",
        f"/aws/kinesisfirehose/{settings.delivery_stream}",
        *search.log_groups,
    }
    for group in search.pages("logs", "describe_log_groups", "logGroups"):
        name, arn = group["logGroupName"], group["arn"].removesuffix(":*")
        last = name.rpartition("/")[2]
        tagged = None
        if search.looks_similar(last):
            tagged = project_asked(logs.list_tags_for_resource, "tags", resourceArn=arn)
        if search.is_ours("CloudWatch Logs", "log group", name, arn, known, tagged, stem=last):
            stored = group.get("storedBytes", 0)
            remove = partial(delete, logs.delete_log_group, logGroupName=name)
            hourly = costs.logs_hourly_usd(stored)
            yield Found("CloudWatch Logs", "log group", name, arn, remove, hourly, f"{stored:,} bytes")
