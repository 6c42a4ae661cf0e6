"""Dashboards that CloudWatch refuses.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from helpers.local.metrics.wire import MetricsError, Request


def check(request: Request) -> None:
    """Check the name and the body of a dashboard.

    Raises
    ------
    MetricsError
        `InvalidParameterInput` if CloudWatch would refuse it.
    """
    name = request["DashboardName"]
    if not re.fullmatch("[0-9A-Za-z_-]+", name):
        raise MetricsError(
            "InvalidParameterInput",
            f"The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, "
            "dash (-) and underscore (_).\n",
        )
    try:
        body = json.loads(request["DashboardBody"])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise MetricsError("InvalidParameterInput", "The field DashboardBody must be a valid JSON object")
    found = list(_errors(body))
    if found:
        raise MetricsError(
            "InvalidParameterInput",
            f"The dashboard body is invalid, there are {len(found)} validation errors:\n{json.dumps(found)}",
        )


def _errors(body: dict[str, Any]) -> Iterator[dict[str, str]]:
    widgets = body.get("widgets")
    if not isinstance(widgets, list):
        yield {"dataPath": "", "message": "Should have required property 'widgets'"}
        return
    for number, widget in enumerate(widgets):
        for name in ("type", "properties"):
            if not isinstance(widget, dict) or name not in widget:
                yield {"dataPath": f"/widgets/{number}", "message": f"Should have required property '{name}'"}
