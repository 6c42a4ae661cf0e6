"""What a crawl writes to CloudWatch Logs.

https://docs.aws.amazon.com/glue/latest/dg/crawler-logging.html
"""

from __future__ import annotations

import logging
import time

from helpers.local import in_process
from helpers.local.in_process import ServiceCallError

logger = logging.getLogger(__name__)
LOG_GROUP = "/aws-glue/crawlers"


class CrawlLog:
    """The lines of one crawl, written at its end.

    Parameters
    ----------
    crawler
        The crawler's name, which is the log stream's as well.
    run_id
        What each line begins with.
    """

    def __init__(self, crawler: str, run_id: str) -> None:
        self._crawler = crawler
        self._run_id = run_id
        self._events: list[dict[str, int | str]] = []

    def add(self, level: str, text: str) -> None:
        """Add a line; `level` is BENCHMARK, INFO, WARN or ERROR."""
        message = f"[{self._run_id}] {level} : {text}"
        self._events.append({"timestamp": int(time.time() * 1000), "message": message})

    def write(self) -> None:
        """Send the lines; a crawl does not fail because of its log."""
        stream = {"logGroupName": LOG_GROUP, "logStreamName": self._crawler}
        try:
            _make("CreateLogGroup", {"logGroupName": LOG_GROUP})
            _make("CreateLogStream", stream)
            in_process.call("logs", "PutLogEvents", {**stream, "logEvents": self._events})
        except ServiceCallError as error:
            logger.warning("The log of crawler %s is lost: %s", self._crawler, error)


def _make(action: str, request: dict[str, str]) -> None:
    try:
        in_process.call("logs", action, request)
    except ServiceCallError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
