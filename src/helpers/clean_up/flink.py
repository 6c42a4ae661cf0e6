"""Managed Service for Apache Flink: the Studio notebook, what was deployed from it, and their snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from helpers import costs
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import await_end, code_of, delete, exists, if_allowed
from helpers.waiting import until

_STOP_SECONDS = 600.0
# https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ApplicationDetail.html
_AT_REST = ("READY", "ROLLED_BACK")


def find(search: Search) -> Iterator[Found]:
    """Yield snapshots and applications; what Studio deployed is the lab's if it works with the lab's role."""
    flink, settings = search.client("kinesisanalyticsv2"), search.settings
    for summary in search.pages("kinesisanalyticsv2", "list_applications", "ApplicationSummaries"):
        name, arn = summary["ApplicationName"], summary["ApplicationARN"]
        if not search.looks_similar(name) and not search.has_our_tag(arn):
            continue
        detail = _described(flink, name)
        tagged = project_asked(flink.list_tags_for_resource, "Tags", ResourceARN=arn)
        known = {settings.studio_application}
        if detail.get("ServiceExecutionRole", "").endswith(f":role/{settings.flink_role}"):
            known.add(name)
        if search.is_ours("Flink", "application", name, arn, known, tagged):
            # The group that Studio makes for what it deploys has no tag.
            search.log_groups.add(f"/aws/kinesis-analytics/{name}")
            yield from _snapshots(flink, name)
            yield Found("Flink", "application", name, arn, partial(_remove, flink, name), *_price(detail))


def _described(flink: Any, name: str) -> dict[str, Any]:
    # Of another lab it may say nothing: its name and tags decide.
    return dict(if_allowed(flink.describe_application, ApplicationName=name).get("ApplicationDetail", {}))


def _price(detail: dict[str, Any]) -> tuple[float, str]:
    if detail.get("ApplicationStatus", "READY") in _AT_REST:
        return 0.0, "stopped"
    kinds = detail.get("ApplicationConfigurationDescription", {})
    flink = kinds.get("FlinkApplicationConfigurationDescription", {})
    parallel = flink.get("ParallelismConfigurationDescription", {})
    tasks, a_kpu = parallel.get("Parallelism", 1), parallel.get("ParallelismPerKPU", 1)
    kpus = -(-tasks // a_kpu)
    studio = detail.get("ApplicationMode") == "INTERACTIVE"
    return costs.flink_hourly_usd(kpus, studio), f"{detail['ApplicationStatus'].lower()}, {kpus} KPUs"


def _snapshots(flink: Any, name: str) -> Iterator[Found]:
    try:
        pages = flink.get_paginator("list_application_snapshots").paginate(ApplicationName=name)
        found = [each for page in pages for each in page.get("SnapshotSummaries", [])]
    except ClientError as error:
        # A Studio notebook has none.
        if code_of(error) != "UnsupportedOperationException":
            raise
        return
    for each in found:
        which = {"ApplicationName": name, "SnapshotName": each["SnapshotName"]}
        when = {"SnapshotCreationTimestamp": each["SnapshotCreationTimestamp"]}
        remove = partial(delete, flink.delete_application_snapshot, **which, **when)
        yield Found("Flink", "snapshot", f"{name}/{each['SnapshotName']}", "", remove)


def _remove(flink: Any, name: str) -> None:
    def detail() -> dict[str, Any] | None:
        answer = exists(flink.describe_application, ApplicationName=name)
        return answer["ApplicationDetail"] if answer else None

    found = detail()
    if found is None:
        return
    if found["ApplicationStatus"] not in _AT_REST:
        # Force: without it an application with snapshots enabled makes one more, which would be left.
        delete(flink.stop_application, ApplicationName=name, Force=True)
        until(
            lambda: (now := detail()) is None or now["ApplicationStatus"] in _AT_REST, f"{name} to stop", _STOP_SECONDS
        )
    made = found["CreateTimestamp"]
    delete(flink.delete_application, ApplicationName=name, CreateTimestamp=made)
    await_end(flink.describe_application, f"application {name}", ApplicationName=name)
