"""CloudFormation's resource types that the emulator has not, or not as the lab's services want them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from helpers.local.stacks import buckets, quicksight, resources, tables

Handler = Callable[..., Awaitable[Any]]


def install(handlers: dict[str, Any]) -> None:
    """Add them with the first request to CloudFormation, when the emulator has loaded what makes resources."""
    emulated: Handler = handlers["cloudformation"]

    async def handle_request(*request: Any) -> Any:
        _add()
        return await emulated(*request)

    handlers["cloudformation"] = handle_request


@cache
def _add() -> None:
    from ministack.services.cloudformation import provisioners, stacks

    for each in quicksight.KINDS:
        provisioners._RESOURCE_HANDLERS[f"{quicksight.PREFIX}{each.kind}"] = {
            "create": each.create,
            "update": each.update,
            "delete": each.delete,
        }
    stacks._runs_on_worker_thread = _waiting(stacks._runs_on_worker_thread)
    for kind in resources.KINDS:
        provisioners._RESOURCE_HANDLERS[kind.type_name] = {
            "create": kind.create,
            "update": kind.update,
            "delete": kind.delete,
        }
    jobs = provisioners._RESOURCE_HANDLERS["AWS::Glue::Job"]
    jobs["create"] = resources.shell_jobs(jobs["create"])
    applications = provisioners._RESOURCE_HANDLERS["AWS::KinesisAnalyticsV2::Application"]
    applications |= {name: resources.typed_applications(applications[name]) for name in ("create", "update")}
    provisioners._S3_BUCKET_CONFIGURATIONS = (*provisioners._S3_BUCKET_CONFIGURATIONS, *buckets.configurations())
    tables.take_over(provisioners._RESOURCE_HANDLERS[tables.TYPE])


def _waiting(emulated: Callable[[str], bool]) -> Callable[[str], bool]:
    """Return what says which types block; those of Quick Sight wait, and ask Athena in this process."""

    def waits(resource_type: str) -> bool:
        return resource_type.startswith(quicksight.PREFIX) or emulated(resource_type)

    return waits
