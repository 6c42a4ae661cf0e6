"""What happens to new events besides being kept: subscriptions get them, metric filters measure them."""

from __future__ import annotations

import logging
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.aws_error import AwsError
from helpers.local.logs import metric_filters, subscriptions

logger = logging.getLogger(__name__)


def pass_on(group: str, stream: str, events: list[dict[str, Any]]) -> None:
    """Hand new events of a stream on; what goes wrong there never keeps them out of the stream."""
    found = emulator._log_groups.get(group)
    if found is None or not events:
        return
    for given in list(found.get("subscriptionFilters", {}).values()):
        try:
            subscriptions.deliver(given, stream, events)
        except AwsError as error:
            logger.warning("Subscription filter %s of %s does not work: %s", given["filterName"], group, error)
    metric_filters.measure(group, events)
