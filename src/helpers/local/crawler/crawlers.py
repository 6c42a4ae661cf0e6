"""Crawlers: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCrawler.html and its neighbours."""

from __future__ import annotations

import contextvars
import copy
import json
import logging
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import glue as emulated

from helpers.local.crawler import classifiers
from helpers.local.crawler.errors import (
    CrawlerExistsError,
    CrawlerNotFoundError,
    CrawlerNotRunningError,
    CrawlError,
    CrawlerRunningError,
    CrawlerStoppingError,
)
from helpers.local.crawler.run import crawl
from helpers.local.crawler.tables import Changes
from helpers.local.glue.errors import InvalidInputError

logger = logging.getLogger(__name__)

# A crawl on AWS takes minutes; here it lasts at least so long that RUNNING can be seen and a crawl stopped.
LEAST_SECONDS = 0.5
LOG_GROUP = "/aws-glue/crawlers"
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
_lock = threading.RLock()


def create(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateCrawler."""
    name = request["Name"]
    if name in emulated._crawlers:
        raise CrawlerExistsError(name)
    _check(request)
    now = round(time.time(), 3)
    held = copy.deepcopy(_DEFAULTS) | {key: request[key] for key in _SETTINGS if key in request}
    if _new_folders_only(held) and "SchemaChangePolicy" not in request:
        held["SchemaChangePolicy"] = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    held |= {
        "Name": name,
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": now,
        "LastUpdated": now,
        "Version": 1,
    }
    if request.get("Schedule"):
        held["Schedule"] = {"ScheduleExpression": request["Schedule"], "State": "SCHEDULED"}
    emulated._crawlers[name] = held | {"_runs": []}
    if request.get("Tags"):
        emulated._tags[f"arn:aws:glue:{get_region()}:{get_account_id()}:crawler/{name}"] = dict(request["Tags"])
    return {}


def update(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateCrawler."""
    held = _idle(request["Name"])
    changed = {key: request[key] for key in _SETTINGS if key in request}
    _check({**held, **changed})
    if _new_folders_only(held) and changed.get("Targets", held["Targets"]) != held["Targets"]:
        raise InvalidInputError("Amazon S3 target is immutable when Crawl new folders only is selected")
    held |= changed | {"LastUpdated": round(time.time(), 3), "Version": held["Version"] + 1}
    if "Schedule" in request:
        held["Schedule"] = {"ScheduleExpression": request["Schedule"], "State": "SCHEDULED"}
    return {}


def get(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawler."""
    return {"Crawler": _shown(_get(request["Name"]))}


def get_all(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawlers."""
    found, token = _page(sorted(emulated._crawlers), request)
    return {"Crawlers": [_shown(_get(name)) for name in found]} | token


def list_names(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListCrawlers; by tags if some are given."""
    arn = f"arn:aws:glue:{get_region()}:{get_account_id()}:crawler/"
    wanted = (request.get("Tags") or {}).items()
    names = [name for name in sorted(emulated._crawlers) if wanted <= (emulated._tags.get(arn + name) or {}).items()]
    found, token = _page(names, request)
    return {"CrawlerNames": found} | token


def batch_get(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetCrawlers."""
    names = request["CrawlerNames"]
    found = [_shown(_get(name)) for name in names if name in emulated._crawlers]
    return {"Crawlers": found, "CrawlersNotFound": [name for name in names if name not in emulated._crawlers]}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteCrawler."""
    _idle(request["Name"])
    del emulated._crawlers[request["Name"]]
    return {}


def start(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StartCrawler: the crawl goes on in a thread of its own."""
    with _lock:
        held = _idle(request["Name"])
        custom = classifiers.definitions(held.get("Classifiers") or [])
        stopped = threading.Event()
        held |= {"State": "RUNNING", "_stopped": stopped, "_started": time.time(), "CrawlElapsedTime": 0}
        held["_runs"] = held.get("_runs", [])
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_work, held, custom, stopped), daemon=True, name="crawler").start()
    return {}


def stop(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StopCrawler."""
    with _lock:
        held = _get(request["Name"])
        if held["State"] == "STOPPING":
            raise CrawlerStoppingError(request["Name"])
        if held["State"] != "RUNNING":
            raise CrawlerNotRunningError(request["Name"])
        held["State"] = "STOPPING"
        held["_stopped"].set()
    return {}


def metrics(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCrawlerMetrics."""
    names = request.get("CrawlerNameList") or sorted(emulated._crawlers)
    found = []
    for name in names:
        held = emulated._crawlers.get(name)
        if held is None:
            continue
        runs = held.get("_runs", [])
        changes: Changes = runs[-1]["changes"] if runs else Changes()
        seconds = [run["seconds"] for run in runs]
        found.append(
            {
                "CrawlerName": name,
                "TimeLeftSeconds": 0.0,
                "StillEstimating": held["State"] == "RUNNING" and not runs,
                "LastRuntimeSeconds": seconds[-1] if seconds else 0.0,
                "MedianRuntimeSeconds": statistics.median(seconds) if seconds else 0.0,
                "TablesCreated": changes.created,
                "TablesUpdated": changes.updated,
                "TablesDeleted": changes.deleted,
            }
        )
    return {"CrawlerMetricsList": found}


def set_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    held["Schedule"] = {"ScheduleExpression": request.get("Schedule", ""), "State": "SCHEDULED"}
    return {}


def start_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StartCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    if not held.get("Schedule"):
        raise InvalidInputError("Crawler has no schedule")
    held["Schedule"]["State"] = "SCHEDULED"
    return {}


def stop_schedule(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StopCrawlerSchedule."""
    held = _get(request["CrawlerName"])
    if held.get("Schedule"):
        held["Schedule"]["State"] = "NOT_SCHEDULED"
    return {}


def list_crawls(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListCrawls, the latest first."""
    runs = _get(request["CrawlerName"]).get("_runs", [])[::-1]
    return {"Crawls": [run["history"] for run in runs[: request.get("MaxResults") or 20]]}


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


def _work(held: dict[str, Any], custom: list[dict[str, Any]], stopped: threading.Event) -> None:
    began = time.monotonic()
    changes, status, message = Changes(), "SUCCEEDED", None
    if not stopped.wait(LEAST_SECONDS):
        try:
            again = any(run["history"]["State"] == "COMPLETED" for run in held["_runs"])
            changes = crawl(held, custom, again=again)
        except CrawlError as error:
            status, message = "FAILED", str(error)
        except Exception as error:
            logger.exception("Crawler %s broke", held["Name"])
            status, message = "FAILED", f"Internal Service Exception: {error}"
    if stopped.is_set():
        status = "CANCELLED"
    seconds = time.monotonic() - began
    run_id = str(uuid.uuid4())
    last = {
        "Status": status,
        "LogGroup": LOG_GROUP,
        "LogStream": held["Name"],
        "MessagePrefix": run_id,
        "StartTime": round(held["_started"], 3),
    }
    if message is not None:
        last["ErrorMessage"] = message
    state = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}[status]
    history = {
        "CrawlId": run_id,
        "State": state,
        "StartTime": last["StartTime"],
        "EndTime": round(time.time(), 3),
        "LogGroup": LOG_GROUP,
        "LogStream": held["Name"],
        "MessagePrefix": run_id,
    }
    with _lock:
        held["_runs"].append({"seconds": seconds, "changes": changes, "history": history})
        held |= {"LastCrawl": last, "CrawlElapsedTime": round(seconds * 1000)}
        held.pop("_stopped", None)
        # Last, so that whoever reads READY reads the rest as well.
        held["State"] = "READY"


def _get(name: str) -> dict[str, Any]:
    held: dict[str, Any] | None = emulated._crawlers.get(name)
    if held is None:
        raise CrawlerNotFoundError(name)
    return held


def _idle(name: str) -> dict[str, Any]:
    held = _get(name)
    if held["State"] != "READY":
        raise CrawlerRunningError(name)
    return held


def _shown(held: dict[str, Any]) -> dict[str, Any]:
    with _lock:
        shown = {key: value for key, value in held.items() if not key.startswith("_")}
        if held["State"] != "READY":
            shown["CrawlElapsedTime"] = round((time.time() - held["_started"]) * 1000)
        return copy.deepcopy(shown)


def _page(names: list[str], request: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    start_at = int(request.get("NextToken") or 0)
    size = request.get("MaxResults") or 100
    token = {"NextToken": str(start_at + size)} if start_at + size < len(names) else {}
    return names[start_at : start_at + size], token


def _new_folders_only(settings: dict[str, Any]) -> bool:
    return (settings.get("RecrawlPolicy") or {}).get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY"


def _check(settings: dict[str, Any]) -> None:
    targets = settings.get("Targets") or {}
    if not any(targets.values()):
        raise InvalidInputError("Crawler must have at least one target")
    change = settings.get("SchemaChangePolicy") or {}
    if _new_folders_only(settings) and any(behaviour != "LOG" for behaviour in change.values()):
        raise InvalidInputError(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        )
    for target in targets.get("S3Targets") or []:
        if not str(target.get("Path") or "").strip():
            raise InvalidInputError("S3 target path cannot be empty")
    if settings.get("Configuration"):
        try:
            json.loads(settings["Configuration"])
        except ValueError as error:
            raise InvalidInputError(f"Crawler configuration is not valid JSON: {error}") from error
    classifiers.definitions(settings.get("Classifiers") or [])
