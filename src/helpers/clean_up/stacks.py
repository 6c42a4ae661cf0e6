"""CloudFormation: the stack of those who skipped the steps. It owns its resources, so it goes first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from helpers.clean_up import s3
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_of
from helpers.clean_up.trouble import delete, exists
from helpers.errors import LabError
from helpers.waiting import until

_STACK_SECONDS = 1800.0
_OVER = ("DELETE_COMPLETE", "DELETE_FAILED")


class StackStaysError(LabError):
    """CloudFormation could not delete a stack."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"CloudFormation could not delete stack {name}: {reason}.")


def find(search: Search) -> Iterator[Found]:
    """Yield the stack; what it owns is found by its own service, too."""
    cloudformation, settings = search.client("cloudformation"), search.settings
    for stack in search.pages("cloudformation", "describe_stacks", "Stacks"):
        name, arn = stack["StackName"], stack["StackId"]
        # A nested stack goes with its parent.
        if stack["StackStatus"] == "DELETE_COMPLETE" or "ParentId" in stack:
            continue
        tagged = project_of(stack.get("Tags", []))
        if search.is_ours("CloudFormation", "stack", name, arn, {settings.prefix}, tagged):
            buckets = search.client("s3")
            yield Found(
                "CloudFormation", "stack", name, arn, partial(_remove, cloudformation, buckets, name, settings.bucket)
            )


def _remove(cloudformation: Any, buckets: Any, name: str, bucket: str) -> None:
    for mode in ("STANDARD", "FORCE_DELETE_STACK"):
        # CloudFormation deletes no bucket that holds anything.
        if bucket in _buckets_of(cloudformation, name) and exists(buckets.head_bucket, Bucket=bucket):
            s3.empty(buckets, bucket)
        # What a forced deletion leaves behind, the services' own finders delete.
        forced = {} if mode == "STANDARD" else {"DeletionMode": mode}
        delete(cloudformation.delete_stack, StackName=name, **forced)
        status, reason = until(partial(_ended, cloudformation, name), f"the end of stack {name}", _STACK_SECONDS)
        if status == "DELETE_COMPLETE":
            return
    raise StackStaysError(name, reason)


def _ended(cloudformation: Any, name: str) -> tuple[str, ...]:
    stack = _described(cloudformation, name)
    if stack is None:
        return "DELETE_COMPLETE", ""
    status = stack["StackStatus"]
    return (status, stack.get("StackStatusReason", status)) if status in _OVER else ()


def _described(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as error:
        # CloudFormation's one code for everything: `Stack with id NAME does not exist`.
        if "does not exist" in str(error):
            return None
        raise


def _buckets_of(cloudformation: Any, name: str) -> set[str]:
    if _described(cloudformation, name) is None:
        return set()
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    owned = (each for page in pages for each in page["StackResourceSummaries"])
    return {each.get("PhysicalResourceId", "") for each in owned if each["ResourceType"] == "AWS::S3::Bucket"}
