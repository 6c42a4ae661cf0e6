"""Partition projection: partitions computed from table properties instead of kept in the Data Catalog.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.types import DataType

# Java's date letters, as strptime writes them.
_JAVA_DATE = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_NOW = re.compile(r"NOW\s*(?:(?P<sign>[+-])\s*(?P<count>\d+)\s*(?P<unit>YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?")
_UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}
# Athena has no such limit; a mistake in a range must not fill the memory of a laptop.
_MOST_PARTITIONS = 1_000_000


class ProjectionError(AthenaQueryError):
    """The properties of a projected table are incomplete or wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(f"INVALID_TABLE_PROPERTY: {message}")


def static_equalities(query: exp.Query) -> dict[str, list[str]]:
    """Return the values that WHERE clauses pin columns to, by `column = 'x'` or `column IN ('x', 'y')`."""
    found: dict[str, list[str]] = {}
    for where in query.find_all(exp.Where):
        for condition in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
            condition = condition.unnest()
            if isinstance(condition, exp.EQ):
                sides = [condition.this, condition.expression]
                column, values = (sides[0], sides[1:]) if isinstance(sides[0], exp.Column) else (sides[1], sides[:1])
            elif isinstance(condition, exp.In):
                column, values = condition.this, condition.expressions
            else:
                continue
            if isinstance(column, exp.Column) and values and all(isinstance(value, exp.Literal) for value in values):
                found.setdefault(column.name.lower(), []).extend(value.name for value in values)
    return found


def locations(
    keys: Mapping[str, DataType],
    properties: Mapping[str, str],
    location: str,
    injected: Mapping[str, list[str]],
) -> Iterator[tuple[dict[str, str | None], str]]:
    """Yield the values and the location of every projected partition.

    Parameters
    ----------
    keys
        Partition keys in order.
    properties
        The table's properties `projection.KEY.…` and `storage.location.template`.
    location
        The table's own location.
    injected
        Values that the query gives to keys of type `injected`.

    Raises
    ------
    ProjectionError
        If a property is missing or wrong.
    """
    ranges = [_values(key, properties, injected) for key in keys]
    template = properties.get("storage.location.template")
    for number, values in enumerate(itertools.product(*ranges)):
        if number >= _MOST_PARTITIONS:
            raise ProjectionError(f"more than {_MOST_PARTITIONS:,} projected partitions: narrow the ranges")
        by_key: dict[str, str | None] = dict(zip(keys, values, strict=True))
        if template:
            yield by_key, re.sub(r"\$\{(\w+)\}", lambda found: str(by_key[found[1].lower()]), template)
        else:
            path = "/".join(f"{key}={value}" for key, value in by_key.items())
            yield by_key, f"{location.rstrip('/')}/{path}/"


def _values(key: str, properties: Mapping[str, str], injected: Mapping[str, list[str]]) -> list[str]:
    kind = properties.get(f"projection.{key}.type", "").lower()
    if kind == "enum":
        return [value.strip() for value in _property(properties, key, "values").split(",")]
    if kind == "integer":
        return _integers(key, properties)
    if kind == "date":
        return _dates(key, properties)
    if kind == "injected":
        if key in injected:
            return list(dict.fromkeys(injected[key]))
        raise ProjectionError(
            f"For the injected projected partition column {key}, the WHERE clause must contain only static equality "
            "conditions, and at least one such condition must be present."
        )
    raise ProjectionError(f"Table is missing or has an unknown projection.{key}.type")


def _property(properties: Mapping[str, str], key: str, name: str) -> str:
    value = properties.get(f"projection.{key}.{name}")
    if value is None:
        raise ProjectionError(f"projection.{key}.{name} must be set")
    return value


def _integers(key: str, properties: Mapping[str, str]) -> list[str]:
    first, last = (int(part) for part in _property(properties, key, "range").split(","))
    step = int(properties.get(f"projection.{key}.interval", "1"))
    digits = int(properties.get(f"projection.{key}.digits", "0"))
    return [str(number).zfill(digits) for number in range(first, last + 1, step)]


def _dates(key: str, properties: Mapping[str, str]) -> list[str]:
    java = _property(properties, key, "format")
    pattern = _to_strptime(java)
    first, last = (_date(part.strip(), pattern) for part in _property(properties, key, "range").split(","))
    step = int(properties.get(f"projection.{key}.interval", "1"))
    unit = properties.get(f"projection.{key}.interval.unit", _default_unit(java)).upper().removesuffix("S")
    found, moment = [], first
    while moment <= last:
        found.append(moment.strftime(pattern))
        moment = _later(moment, step, unit)
    return list(dict.fromkeys(found))


def _to_strptime(java: str) -> str:
    return re.sub(
        r"'([^']*)'|yyyy|MM|dd|HH|mm|ss",
        lambda found: found[1] if found[1] is not None else _JAVA_DATE[found[0]],
        java,
    )


def _default_unit(java: str) -> str:
    for letters, unit in (("ss", "SECONDS"), ("mm", "MINUTES"), ("HH", "HOURS"), ("dd", "DAYS"), ("MM", "MONTHS")):
        if letters in java:
            return unit
    return "YEARS"


def _date(text: str, pattern: str) -> datetime:
    relative = _NOW.fullmatch(text.upper())
    if relative is None:
        return datetime.strptime(text, pattern)
    now = datetime.now(UTC).replace(tzinfo=None)
    if not relative["count"]:
        return now
    count = int(relative["count"]) * (-1 if relative["sign"] == "-" else 1)
    return _later(now, count, relative["unit"])


def _later(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _UNIT_SECONDS:
        return moment + timedelta(seconds=count * _UNIT_SECONDS[unit])
    months = moment.month - 1 + count * (12 if unit == "YEAR" else 1)
    year, month = moment.year + months // 12, months % 12 + 1
    last_day = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last_day))
