"""Crawlers: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCrawler.html and its neighbours."""

from __future__ import annotations

import contextvars
import copy
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import glue as emulated

from helpers.local.crawler import classifiers
from helpers.local.crawler.changes import Changes
from helpers.local.crawler.checks import check_schedule, check_settings, new_folders_only
from helpers.local.crawler.errors import (
    CrawlerBusyError,
    CrawlerExistsError,
    CrawlerNotFoundError,
    CrawlerNotRunningError,
    CrawlerRunningError,
    CrawlerStoppingError,
    NoScheduleError,
    ScheduleNotRunningError,
    ScheduleRunningError,
)
from helpers.local.crawler.history import selected
from helpers.local.crawler.life import Run, lock, work
from helpers.local.glue.errors import InvalidInputError

# The most that a page holds, if the caller does not say: GetCrawlers and ListCrawlers, and ListCrawls.
_PAGE, _CRAWLS_PAGE = 100, 20
_SETTINGS = (
    "Role", "DatabaseName", "Description", "Targets", "Classifiers", "TablePrefix", "SchemaChangePolicy",
    "RecrawlPolicy", "LineageConfiguration", "LakeFormationConfiguration", "Configuration",
    "CrawlerSecurityConfiguration",
)  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "Classifiers": [],
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
}


def create(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateCrawler."""
    name = request["Name"]
    if name in emulated._crawlers:
        raise CrawlerExistsError(name)
    check_settings(request)
    check_schedule(request.get("Schedule"))
    now = round(time.time(), 3)
    held = copy.deepcopy(_DEFAULTS) | {key: request[key] for key in _SETTINGS if key in request}
    if new_folders_only(held) and "SchemaChangePolicy" not in request:
        held["SchemaChangePolicy"] = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    elif request["Targets"].get("CatalogTargets") and "SchemaChangePolicy" not in request:
        held["SchemaChangePolicy"]["DeleteBehavior"] = "LOG"
    held |= {
        "Name": name,
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": now,
        "LastUpdated": now,
        "Version": 1,
    }
    _schedule(held, request.get("Schedule"))
    emulated._crawlers[name] = held | {"_runs": []}
    if request.get("Tags"):
        emulated._tags[_arn(name)] = dict(request["Tags"])
    return {}


def update(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateCrawler."""
    held = _idle(request["Name"], "update")
    changed = {key: request[key] for key in _SETTINGS if key in request}
    check_settings({**held, **changed})
    check_schedule(request.get("Schedule"))
    if new_folders_only(held) and changed.get("Targets", held["Targets"]) != held["Targets"]:
        raise InvalidInputError("Amazon S3 target is immutable when Crawl new folders only is selected")
    held |= changed | {"LastUpdated": round(time.time(), 3), "Version": held["Version"] + 1}
    if "Schedule" in request:
        _schedule(held, request["Schedule"])
    return {}


def get(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawler."""
    return {"Crawler": _shown(_get(request["Name"]))}


def get_all(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawlers."""
    found, token = _page(sorted(emulated._crawlers), request, _PAGE)
    return {"Crawlers": [_shown(_get(name)) for name in found]} | token


def list_names(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListCrawlers; by tags if some are given."""
    wanted = (request.get("Tags") or {}).items()
    names = [name for name in sorted(emulated._crawlers) if wanted <= (emulated._tags.get(_arn(name)) or {}).items()]
    found, token = _page(names, request, _PAGE)
    return {"CrawlerNames": found} | token


def batch_get(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetCrawlers."""
    names = request["CrawlerNames"]
    found = [_shown(_get(name)) for name in names if name in emulated._crawlers]
    return {"Crawlers": found, "CrawlersNotFound": [name for name in names if name not in emulated._crawlers]}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteCrawler."""
    _idle(request["Name"], "delete")
    del emulated._crawlers[request["Name"]]
    emulated._tags.pop(_arn(request["Name"]), None)
    return {}


def start(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StartCrawler: the crawl goes on in a thread of its own."""
    name = request["Name"]
    with lock:
        held = _get(name, entry=False)
        if held["State"] != "READY":
            raise CrawlerRunningError(name)
        custom = classifiers.definitions(held.get("Classifiers") or [])
        run = Run(name)
        held["_runs"].append(run)
        held |= {"State": "RUNNING", "CrawlElapsedTime": 0}
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work, held, custom, run), daemon=True, name="crawler").start()
    return {}


def stop(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StopCrawler."""
    with lock:
        held = _get(request["Name"], entry=False)
        if held["State"] == "STOPPING":
            raise CrawlerStoppingError(request["Name"])
        if held["State"] != "RUNNING":
            raise CrawlerNotRunningError(request["Name"])
        held["State"] = "STOPPING"
        held["_runs"][-1].stopped.set()
    return {}


def metrics(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawlerMetrics; names that do not exist are left out."""
    names = request.get("CrawlerNameList") or sorted(emulated._crawlers)
    known, token = _page([name for name in names if name in emulated._crawlers], request, _PAGE)
    return {"CrawlerMetricsList": [_metrics(name) for name in known]} | token


def set_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    check_schedule(request.get("Schedule"))
    _schedule(held, request.get("Schedule"))
    return {}


def start_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StartCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    if not held.get("Schedule"):
        raise NoScheduleError(request["CrawlerName"])
    if held["Schedule"]["State"] == "SCHEDULED":
        raise ScheduleRunningError(request["CrawlerName"])
    held["Schedule"]["State"] = "SCHEDULED"
    return {}


def stop_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StopCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    if not held.get("Schedule") or held["Schedule"]["State"] != "SCHEDULED":
        raise ScheduleNotRunningError(request["CrawlerName"])
    held["Schedule"]["State"] = "NOT_SCHEDULED"
    return {}


def list_crawls(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListCrawls, the latest first."""
    with lock:
        runs = [run.history() for run in reversed(_get(request["CrawlerName"])["_runs"])]
    found, token = _page(selected(runs, request.get("Filters") or []), request, _CRAWLS_PAGE)
    return {"Crawls": found} | token


ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "CreateCrawler": create,
    "UpdateCrawler": update,
    "GetCrawler": get,
    "GetCrawlers": get_all,
    "ListCrawlers": list_names,
    "BatchGetCrawlers": batch_get,
    "DeleteCrawler": delete,
    "StartCrawler": start,
    "StopCrawler": stop,
    "GetCrawlerMetrics": metrics,
    "UpdateCrawlerSchedule": set_schedule,
    "StartCrawlerSchedule": start_schedule,
    "StopCrawlerSchedule": stop_schedule,
    "ListCrawls": list_crawls,
}


def _get(name: str, *, entry: bool = True) -> dict[str, Any]:
    held: dict[str, Any] | None = emulated._crawlers.get(name)
    if held is None:
        raise CrawlerNotFoundError(name, entry=entry)
    return held


def _idle(name: str, action: str) -> dict[str, Any]:
    held = _get(name)
    if held["State"] != "READY":
        raise CrawlerBusyError(action)
    return held


def _schedule(held: dict[str, Any], expression: str | None) -> None:
    if expression:
        held["Schedule"] = {"ScheduleExpression": expression, "State": "SCHEDULED"}
    else:
        held.pop("Schedule", None)


def _shown(held: dict[str, Any]) -> dict[str, Any]:
    with lock:
        shown = copy.deepcopy({key: value for key, value in held.items() if key != "_runs"})
        if held["State"] != "READY":
            shown["CrawlElapsedTime"] = round((time.time() - held["_runs"][-1].started) * 1000)
        return shown


def _metrics(name: str) -> dict[str, Any]:
    with lock:
        held = emulated._crawlers[name]
        ended = [run for run in held["_runs"] if run.state != "RUNNING"]
        changes = ended[-1].changes if ended else Changes()
        seconds = [run.seconds for run in ended]
        return {
            "CrawlerName": name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": held["State"] == "RUNNING" and not ended,
            "LastRuntimeSeconds": seconds[-1] if seconds else 0.0,
            "MedianRuntimeSeconds": statistics.median(seconds) if seconds else 0.0,
            "TablesCreated": changes.created,
            "TablesUpdated": changes.updated,
            "TablesDeleted": changes.deleted,
        }


def _arn(name: str) -> str:
    return f"arn:aws:glue:{get_region()}:{get_account_id()}:crawler/{name}"


def _page(items: list[Any], request: dict[str, Any], size: int) -> tuple[list[Any], dict[str, str]]:
    token = str(request.get("NextToken") or "0")
    if not token.isdecimal():
        raise InvalidInputError("Invalid NextToken")
    end = int(token) + int(request.get("MaxResults") or size)
    return items[int(token) : end], {"NextToken": str(end)} if end < len(items) else {}
