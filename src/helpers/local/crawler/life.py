"""One crawl in a thread of its own: from RUNNING over STOPPING to READY, with its history and its log."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from helpers.local.crawler.changes import Changes
from helpers.local.crawler.crawl_log import LOG_GROUP, CrawlLog
from helpers.local.crawler.errors import CrawlError, CrawlStoppedError

logger = logging.getLogger(__name__)

# A crawl on AWS takes minutes; here it lasts at least so long that RUNNING can be seen and a crawl stopped.
LEAST_SECONDS = 0.3
# How long a crawl that has done its work is seen STOPPING, as on AWS.
STOPPING_SECONDS = 0.1
_LAST_STATUS = {"COMPLETED": "SUCCEEDED", "FAILED": "FAILED", "STOPPED": "CANCELLED"}
# Guards the crawlers' states.
lock = threading.RLock()


@dataclass
class Run:
    """One crawl of a crawler.

    Parameters
    ----------
    crawler
        The crawler's name.
    state
        RUNNING, COMPLETED, FAILED or STOPPED.
    seconds
        How long it took; 0 while it runs.
    """

    crawler: str
    crawl_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.time)
    state: str = "RUNNING"
    seconds: float = 0.0
    message: str | None = None
    changes: Changes = field(default_factory=Changes)
    stopped: threading.Event = field(default_factory=threading.Event)

    def last_crawl(self) -> dict[str, Any]:
        """Return it as GetCrawler shows the last crawl."""
        return {"Status": _LAST_STATUS[self.state], "StartTime": round(self.started, 3), **self._log(), **self._error()}

    def history(self) -> dict[str, Any]:
        """Return it as ListCrawls shows it."""
        found = {"CrawlId": self.crawl_id, "State": self.state, "StartTime": round(self.started, 3)}
        if self.state != "RUNNING":
            found["EndTime"] = round(self.started + self.seconds, 3)
        return found | self._log() | self._error()

    def _log(self) -> dict[str, str]:
        return {"LogGroup": LOG_GROUP, "LogStream": self.crawler, "MessagePrefix": self.crawl_id}

    def _error(self) -> dict[str, str]:
        return {} if self.message is None else {"ErrorMessage": self.message[:2048]}


def work(held: dict[str, Any], custom: list[dict[str, Any]], run: Run) -> None:
    """Crawl once, and leave the crawler READY whatever happens.

    Parameters
    ----------
    held
        The crawler as it is kept, in state RUNNING.
    custom
        Its classifiers.
    run
        This crawl; `run.stopped` is set by StopCrawler.
    """
    began = time.monotonic()
    log = CrawlLog(run.crawler, run.crawl_id)
    log.add("BENCHMARK", f"Running Start Crawl for Crawler {run.crawler}")
    state = _crawl(held, custom, run, log)
    with lock:
        held["State"] = "STOPPING"
    log.add("BENCHMARK", "Crawler has finished running and is in state READY")
    log.write()
    if state == "COMPLETED":
        time.sleep(STOPPING_SECONDS)
    with lock:
        run.seconds, run.state = time.monotonic() - began, state
        held |= {"LastCrawl": run.last_crawl(), "CrawlElapsedTime": round(run.seconds * 1000)}
        # Last, so that whoever reads READY reads the rest as well.
        held["State"] = "READY"


def _crawl(held: dict[str, Any], custom: list[dict[str, Any]], run: Run, log: CrawlLog) -> str:
    """Return the state in which the crawl ends."""
    # Its libraries are Athena's, which a start does without.
    from helpers.local.crawler.run import crawl

    run.stopped.wait(LEAST_SECONDS)
    try:
        again = any(earlier.state == "COMPLETED" for earlier in held["_runs"])
        run.changes = crawl(held, custom, run_id=run.crawl_id, again=again, stopped=run.stopped)
    except CrawlStoppedError:
        log.add("INFO", "Crawler has been stopped")
        return "STOPPED"
    except CrawlError as error:
        run.message = str(error)
    except Exception as error:
        logger.exception("Crawler %s broke", run.crawler)
        run.message = f"Internal Service Exception: {error}"
    if run.message is not None:
        log.add("ERROR", run.message)
        return "FAILED"
    database = held.get("DatabaseName") or "default"
    log.add("BENCHMARK", f"Classification complete, writing results to database {database}")
    log.add("INFO", f"Crawler configured with SchemaChangePolicy {json.dumps(held['SchemaChangePolicy'])}.")
    found = run.changes
    for count, change in ((found.created, "created"), (found.updated, "updated"), (found.deleted, "deleted")):
        if count:
            log.add("INFO", f"{count} tables {change} in database {database}")
    log.add("BENCHMARK", "Finished writing to Catalog")
    return "COMPLETED"
