"""What a crawl writes to CloudWatch Logs.

https://docs.aws.amazon.com/glue/latest/dg/crawler-logging.html
"""

from __future__ import annotations

import logging
import time

from helpers.local.in_process import ServiceCallError
from helpers.local.log_stream import make_log_stream, put_log_events

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
        try:
            make_log_stream(LOG_GROUP, self._crawler)
            put_log_events(LOG_GROUP, self._crawler, self._events)
        except ServiceCallError as error:
            logger.warning("The log of crawler %s is lost: %s", self._crawler, error)
