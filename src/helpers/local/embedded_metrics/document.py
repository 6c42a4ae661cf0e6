"""One log line in the embedded metric format, read.

Specification: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
A line that breaks it is a log line like any other; a target that is missing is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MOST_DIMENSIONS = 30
_MOST_VALUES = 100


@dataclass(frozen=True)
class Datum:
    """Values of one metric for one set of dimensions; `timestamp` in seconds since the epoch."""

    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]
    timestamp: float
    values: list[float]


def data_of(line: str) -> Iterator[Datum]:
    """Yield what a log line measures; nothing if it is not in the embedded metric format."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
    except ValueError:
        return
    root = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(root, dict) or not _is_number(root.get("Timestamp")):
        return
    for directive in _list(root.get("CloudWatchMetrics")):
        if isinstance(directive, dict) and isinstance(directive.get("Namespace"), str):
            yield from _of_directive(directive, document, root["Timestamp"] / 1000)


def _of_directive(directive: dict[str, Any], document: dict[str, Any], timestamp: float) -> Iterator[Datum]:
    sets = [dimensions for dimensions in _list(directive.get("Dimensions")) if _are_dimensions(dimensions, document)]
    for definition in _list(directive.get("Metrics")):
        name = definition.get("Name") if isinstance(definition, dict) else None
        values = _values(document.get(name)) if isinstance(name, str) else None
        if values:
            unit = str(definition.get("Unit") or "None")
            for dimensions in sets:
                named = {each: document[each] for each in dimensions}
                yield Datum(directive["Namespace"], str(name), unit, named, timestamp, values)


def _are_dimensions(names: Any, document: dict[str, Any]) -> bool:
    return (
        isinstance(names, list)
        and len(names) <= _MOST_DIMENSIONS
        and all(isinstance(name, str) and isinstance(document.get(name), str) for name in names)
    )


def _values(target: Any) -> list[float]:
    found = target if isinstance(target, list) else [target]
    return [float(value) for value in found] if len(found) <= _MOST_VALUES and all(map(_is_number, found)) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
