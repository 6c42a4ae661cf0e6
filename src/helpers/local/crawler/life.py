"""One crawl in a thread of its own: from RUNNING over STOPPING to READY, its history and its log."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from typing import Any

from helpers.local.crawler.crawl_log import LOG_GROUP, CrawlLog
from helpers.local.crawler.errors import CrawlError, CrawlStoppedError
from helpers.local.crawler.run import crawl
from helpers.local.crawler.tables import Changes

logger = logging.getLogger(__name__)

# A crawl on AWS takes minutes; here it lasts at least so long that RUNNING can be seen and a crawl stopped.
LEAST_SECONDS = 0.5
# How long a crawl that has done its work is seen STOPPING, as on AWS.
STOPPING_SECONDS = 0.1
# Guards the crawlers' states.
lock = threading.RLock()


def work(held: dict[str, Any], custom: list[dict[str, Any]], stopped: threading.Event) -> None:
    """Crawl once, and leave the crawler READY whatever happens.

    Parameters
    ----------
    held
        The crawler as it is kept, in state RUNNING.
    custom
        Its classifiers.
    stopped
        Set by StopCrawler.
    """
    began = time.monotonic()
    run_id = str(uuid.uuid4())
    log = CrawlLog(held["Name"], run_id)
    log.add("BENCHMARK", f"Running Start Crawl for Crawler {held['Name']}")
    changes, status, message = _crawl(held, custom, stopped, log)
    with lock:
        held["State"] = "STOPPING"
    log.add("BENCHMARK", "Crawler has finished running and is in state READY")
    log.write()
    if status == "SUCCEEDED":
        time.sleep(STOPPING_SECONDS)
    _end(held, run_id, status, message, changes, time.monotonic() - began)


def _crawl(
    held: dict[str, Any], custom: list[dict[str, Any]], stopped: threading.Event, log: CrawlLog
) -> tuple[Changes, str, str | None]:
    if stopped.wait(LEAST_SECONDS):
        log.add("INFO", "Crawler has been stopped")
        return Changes(), "CANCELLED", None
    try:
        again = any(run["history"]["State"] == "COMPLETED" for run in held["_runs"])
        changes = crawl(held, custom, again=again, stopped=stopped)
    except CrawlStoppedError:
        log.add("INFO", "Crawler has been stopped")
        return Changes(), "CANCELLED", None
    except CrawlError as error:
        log.add("ERROR", str(error))
        return Changes(), "FAILED", str(error)
    except Exception as error:
        logger.exception("Crawler %s broke", held["Name"])
        log.add("ERROR", f"Internal Service Exception: {error}")
        return Changes(), "FAILED", "Internal Service Exception"
    database = held.get("DatabaseName") or "default"
    log.add("BENCHMARK", f"Classification complete, writing results to database {database}")
    log.add("INFO", f"Crawler configured with SchemaChangePolicy {json.dumps(held['SchemaChangePolicy'])}.")
    for change, count in (("created", changes.created), ("updated", changes.updated), ("deleted", changes.deleted)):
        if count:
            log.add("INFO", f"{count} tables {change} in database {database}")
    log.add("BENCHMARK", "Finished writing to Catalog")
    return changes, "SUCCEEDED", None


def _end(held: dict[str, Any], run_id: str, status: str, message: str | None, changes: Changes, seconds: float) -> None:
    written = {"LogGroup": LOG_GROUP, "LogStream": held["Name"], "MessagePrefix": run_id}
    times = {"StartTime": round(held["_started"], 3)}
    failure = {} if message is None else {"ErrorMessage": message[:2048]}
    state = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}[status]
    history = {"CrawlId": run_id, "State": state, **times, "EndTime": round(time.time(), 3), **written, **failure}
    if status == "SUCCEEDED":
        history["Summary"] = json.dumps({"TABLE": json.dumps({"ADD": changes.created, "UPDATE": changes.updated})})
    with lock:
        held["_runs"].append({"seconds": seconds, "changes": changes, "history": history})
        held |= {
            "LastCrawl": {"Status": status, **written, **times, **failure},
            "CrawlElapsedTime": round(seconds * 1000),
        }
        held.pop("_stopped", None)
        # Last, so that whoever reads READY reads the rest as well.
        held["State"] = "READY"
