"""What Firehose tells CloudWatch: metrics of each delivery stream, and errors in the log that its destination names.

https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from ministack.services import cloudwatch

from helpers.local.in_process import ServiceCallError
from helpers.local.log_stream import put_log_events

logger = logging.getLogger(__name__)

_NAMESPACE = "AWS/Firehose"


class Reporter:
    """Reports on one delivery stream; from the thread that works for it.

    Parameters
    ----------
    name, arn
        The delivery stream's.
    """

    def __init__(self, name: str, arn: str) -> None:
        self._dimensions = {"DeliveryStreamName": name}
        self._arn = arn

    def count(self, metric: str, value: float, unit: str = "Count") -> None:
        """Add a value to a metric, such as `IncomingRecords`."""
        cloudwatch.record_metric(_NAMESPACE, metric, value, unit, self._dimensions)

    def counts(self, subject: str, records: int, size_bytes: int) -> None:
        """Add to the two metrics `subject.Records` and `subject.Bytes`."""
        self.count(f"{subject}.Records", records)
        self.count(f"{subject}.Bytes", size_bytes, "Bytes")

    def error(self, configuration: dict[str, Any], version: int, code: str, message: str) -> None:
        """Write an error to the log of the destination, if it has one; delivery goes on without its log."""
        logger.warning("%s: %s: %s", self._dimensions["DeliveryStreamName"], code, message)
        options = configuration["CloudWatchLoggingOptions"]
        if not options.get("Enabled") or not options.get("LogGroupName") or not options.get("LogStreamName"):
            return
        event = {
            "deliveryStreamARN": self._arn,
            "destination": configuration["BucketARN"],
            "deliveryStreamVersionId": version,
            "message": message,
            "errorCode": code,
        }
        events = [{"timestamp": int(time.time() * 1000), "message": json.dumps(event)}]
        try:
            put_log_events(options["LogGroupName"], options["LogStreamName"], events)
        except ServiceCallError as error:
            logger.warning("The error log %s is not written: %s", options["LogGroupName"], error)
