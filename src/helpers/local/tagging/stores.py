"""Where the local services keep the tags that the emulator's tagging API does not see.

Each store gives, of every resource there is, the ARN and where its tags are: a container and the key in it. Which
resources the tagging API knows on AWS:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch as alarm_emulator
from ministack.services import cloudwatch_logs as logs_emulator
from ministack.services import kinesis as kinesis_emulator
from ministack.services import kinesisanalyticsv2 as flink_emulator

from helpers.local.firehose import streams as delivery_streams
from helpers.local.quicksight import store as quicksight_store

Place = tuple[str, Any, str]
Store = Callable[[], Iterator[Place]]


def kinesis() -> Iterator[Place]:
    """Streams and their consumers."""
    for stream in kinesis_emulator._streams.values():
        yield stream["StreamARN"], stream, "tags"
    for arn, consumer in kinesis_emulator._consumers.items():
        yield arn, consumer, "tags"


def firehose() -> Iterator[Place]:
    """Delivery streams."""
    for name in delivery_streams.names(None):
        stream = delivery_streams.find(name)
        if stream is not None:
            yield stream.arn, vars(stream), "tags"


def athena() -> Iterator[Place]:
    """Workgroups and data catalogs."""
    from ministack.services import athena as athena_emulator

    start = f":{get_region()}:{get_account_id()}"
    kinds = {"workgroup": athena_emulator._workgroups, "datacatalog": athena_emulator._data_catalogs}
    for kind, named in kinds.items():
        for name in named:
            arn = f"arn:aws:athena{start}:{kind}/{name}"
            yield arn, athena_emulator._tags, arn


def flink() -> Iterator[Place]:
    """Applications of Managed Service for Apache Flink."""
    for record in flink_emulator._applications.values():
        arn = record["ApplicationARN"]
        yield arn, flink_emulator._tags, arn


def log_groups() -> Iterator[Place]:
    """Log groups, whose ARN in tagging does not end in `:*`."""
    for group in logs_emulator._log_groups.values():
        yield group["arn"].removesuffix(":*"), group, "tags"


def alarms() -> Iterator[Place]:
    """Metric and composite alarms."""
    for held in (alarm_emulator._alarms, alarm_emulator._composite_alarms):
        for alarm in held.values():
            arn = alarm["AlarmArn"]
            yield arn, alarm_emulator._resource_tags, arn


def stacks() -> Iterator[Place]:
    """CloudFormation stacks; their tags are changed by updating them."""
    # The emulator loads it with the first request, as it takes a while.
    from ministack.services.cloudformation import _stacks

    for stack in _stacks.values():
        if stack["StackStatus"] != "DELETE_COMPLETE":
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            yield stack["StackId"], {"tags": tags}, "tags"


def quicksight() -> Iterator[Place]:
    """Data sources, data sets, analyses and dashboards."""
    world = quicksight_store.here()
    for held in (world.data_sources, world.data_sets, world.analyses, world.dashboards):
        for resource in list(held.values()):
            yield resource.arn, vars(resource), "tags"


# By the service in the ARN.
STORES: Mapping[str, Store] = {
    "kinesis": kinesis,
    "firehose": firehose,
    "athena": athena,
    "kinesisanalytics": flink,
    "logs": log_groups,
    "cloudwatch": alarms,
    "cloudformation": stacks,
    "quicksight": quicksight,
}
