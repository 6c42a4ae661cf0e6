"""Partition projection: partitions computed from table properties instead of kept in the Data Catalog.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.types import DataType

# Java's date letters, as strptime writes them.
_JAVA_DATE = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d", "DDD": "%j",
    "HH": "%H", "H": "%H", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S",
}  # fmt: skip
_UNPADDED = {"M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
_LETTER_UNITS = (("s", "SECOND"), ("m", "MINUTE"), ("H", "HOUR"), ("d", "DAY"), ("D", "DAY"), ("M", "MONTH"))
_LETTERS = re.compile(r"'(?P<text>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>[^A-Za-z']+)")
_NOW = re.compile(r"NOW\s*(?:(?P<sign>[+-])\s*(?P<count>\d+)\s*(?P<unit>YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?")
_UNITS = ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND")
_UNIT_SECONDS = {"MILLISECOND": 0.001, "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}
_MOST_VALUES = 2_000_000


class ProjectionError(AthenaQueryError):
    """The properties of a projected table are incomplete or wrong, or do not suit the query."""

    def __init__(self, message: str) -> None:
        super().__init__(f"INVALID_TABLE_PROPERTY: {message}")


class InjectedKeyError(AthenaQueryError):
    """A query gives no value to a partition key of type `injected`."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"CONSTRAINT_VIOLATION: For the injected projected partition column {key}, the WHERE clause must contain "
            "only static equality conditions, and at least one such condition must be present."
        )


@dataclass(frozen=True)
class Value:
    """One value of a projected key: its text in locations, and what the column holds."""

    text: str
    value: str


def values(key: str, kind: DataType, properties: Mapping[str, str], injected: list[str] | None) -> list[Value]:
    """Return every value of a projected key.

    Parameters
    ----------
    key, kind
        The partition key and its type.
    properties
        The table's properties `projection.KEY.…`.
    injected
        The values that the query gives to the key, None if it gives none.

    Raises
    ------
    ProjectionError
        If a property is missing or wrong.
    InjectedKeyError
        If the key is injected and the query gives it no value.
    """
    projected = properties.get(f"projection.{key}.type", "").strip().lower()
    if projected == "enum":
        # White space is part of a value.
        return [Value(text, text) for text in _property(properties, key, "values").split(",")]
    if projected == "integer":
        return _integers(key, properties)
    if projected == "date":
        return _dates(key, kind, properties)
    if projected == "injected":
        if injected is None:
            raise InjectedKeyError(key)
        return [Value(text, text) for text in injected]
    if not projected:
        raise ProjectionError(f"Table is missing the property projection.{key}.type")
    raise ProjectionError(f"projection.{key}.type has the unknown value {projected}")


def location(properties: Mapping[str, str], table_location: str, texts: Mapping[str, str]) -> str:
    """Return the location of a projected partition, by `storage.location.template` or Hive style.

    Raises
    ------
    ProjectionError
        If the template names a key that the table has not.
    """
    template = properties.get("storage.location.template")
    if not template:
        path = "/".join(f"{key}={text}" for key, text in texts.items())
        return f"{table_location.rstrip('/')}/{path}/"

    def text_of(found: re.Match[str]) -> str:
        key = found[1].strip().lower()
        if key not in texts:
            raise ProjectionError(f"storage.location.template names the unknown partition column {key}")
        return texts[key]

    return re.sub(r"\$\{([^}]+)\}", text_of, template)


def _property(properties: Mapping[str, str], key: str, name: str) -> str:
    value = properties.get(f"projection.{key}.{name}")
    if value is None:
        raise ProjectionError(f"projection.{key}.{name} must be set")
    return value


def _number(properties: Mapping[str, str], key: str, name: str, default: int) -> int:
    text = properties.get(f"projection.{key}.{name}", str(default))
    if not re.fullmatch(r"\s*\d+\s*", text) or int(text) < 1 - (name == "digits"):
        raise ProjectionError(f"projection.{key}.{name} must be a positive integer, not {text}")
    return int(text)


def _range(properties: Mapping[str, str], key: str) -> tuple[str, str]:
    ends = [end.strip() for end in _property(properties, key, "range").split(",")]
    if len(ends) != 2:
        raise ProjectionError(f"projection.{key}.range must be two values with a comma between them")
    return ends[0], ends[1]


def _integers(key: str, properties: Mapping[str, str]) -> list[Value]:
    ends = _range(properties, key)
    if not all(re.fullmatch(r"[+-]?\d+", end) for end in ends):
        raise ProjectionError(f"projection.{key}.range must be two integers, not {','.join(ends)}")
    first, last = map(int, ends)
    step = _number(properties, key, "interval", 1)
    digits = _number(properties, key, "digits", 0)
    if (last - first) // step > _MOST_VALUES:
        raise ProjectionError(f"projection.{key}.range has more than {_MOST_VALUES:,} values")
    texts = [str(number).zfill(digits) for number in range(first, last + 1, step)]
    return [Value(text, text) for text in texts]


def _dates(key: str, kind: DataType, properties: Mapping[str, str]) -> list[Value]:
    java = _property(properties, key, "format")
    ends = _range(properties, key)
    first, last = (_date(key, end, java) for end in ends)
    smallest = _smallest_unit(java)
    step = _number(properties, key, "interval", 1)
    unit = properties.get(f"projection.{key}.interval.unit", "").strip().upper().removesuffix("S")
    if not unit:
        if smallest not in ("DAY", "MONTH"):
            # https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html#…-date-type
            raise ProjectionError(f"projection.{key}.interval and projection.{key}.interval.unit must be set")
        unit = smallest
    if unit not in _UNITS:
        raise ProjectionError(f"projection.{key}.interval.unit has the unknown value {unit}")
    found: dict[str, Value] = {}
    moment, number = first, 0
    while moment <= last:
        text = _formatted(moment, java)
        found.setdefault(text, Value(text, _column_value(moment, text, kind)))
        number += 1
        moment = _later(first, number * step, unit)
        if number > _MOST_VALUES:
            raise ProjectionError(f"projection.{key}.range has more than {_MOST_VALUES:,} values")
    return list(found.values())


def _column_value(moment: datetime, text: str, kind: DataType) -> str:
    if kind.name == "date":
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if kind.name == "timestamp" else text


def _tokens(java: str) -> list[tuple[str, str]]:
    """Return the parts of a Java date pattern: `letters` or `text`."""
    found = []
    for token in _LETTERS.finditer(java):
        if token["letters"]:
            if token["letters"] not in _JAVA_DATE:
                raise ProjectionError(f"the date format {java} has the unknown letters {token['letters']}")
            found.append(("letters", token["letters"]))
        else:
            text = token["other"] if token["text"] is None else token["text"].replace("''", "'") or "'"
            found.append(("text", text))
    return found


def _formatted(moment: datetime, java: str) -> str:
    return "".join(
        text
        if kind == "text"
        else str(getattr(moment, _UNPADDED[text]))
        if text in _UNPADDED
        else moment.strftime(_JAVA_DATE[text])
        for kind, text in _tokens(java)
    )


def _smallest_unit(java: str) -> str:
    letters = "".join(text for kind, text in _tokens(java) if kind == "letters")
    return next((unit for letter, unit in _LETTER_UNITS if letter in letters), "YEAR")


def _date(key: str, text: str, java: str) -> datetime:
    relative = _NOW.fullmatch(text.upper())
    if relative is None:
        pattern = "".join(t.replace("%", "%%") if kind == "text" else _JAVA_DATE[t] for kind, t in _tokens(java))
        try:
            return datetime.strptime(text, pattern)
        except ValueError as error:
            raise ProjectionError(
                f"projection.{key}.range has {text}, which is no date of the format {java}"
            ) from error
    now = datetime.now(UTC).replace(tzinfo=None)
    if relative["count"]:
        count = int(relative["count"]) * (-1 if relative["sign"] == "-" else 1)
        now = _later(now, count, relative["unit"])
    return _floor(now, _smallest_unit(java))


def _floor(moment: datetime, unit: str) -> datetime:
    for name, floored in (
        ("SECOND", moment.replace(microsecond=0)),
        ("MINUTE", moment.replace(second=0, microsecond=0)),
        ("HOUR", moment.replace(minute=0, second=0, microsecond=0)),
        ("DAY", moment.replace(hour=0, minute=0, second=0, microsecond=0)),
        ("MONTH", moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)),
    ):
        if unit == name:
            return floored
    return moment.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _later(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _UNIT_SECONDS:
        return moment + timedelta(seconds=count * _UNIT_SECONDS[unit])
    months = moment.month - 1 + count * (12 if unit == "YEAR" else 1)
    year, month = moment.year + months // 12, months % 12 + 1
    last_day = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last_day))
