"""Times written by the patterns of Java's DateTimeFormatter, as Firehose's prefixes take them.

https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html, in the US locale.
Firehose's moments have no fractions of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_QUARTERS = ("1st quarter", "2nd quarter", "3rd quarter", "4th quarter")


class PatternError(ValueError):
    """A text is no pattern, or has a letter that the lab does not know."""


def formatted(pattern: str, moment: datetime) -> str:
    """Return `moment` written by `pattern`.

    Raises
    ------
    PatternError
        If the pattern cannot be read.
    """
    return "".join(
        text if count == 0 else _LETTERS[text](moment, count)  # a literal, or a letter and how often
        for text, count in parsed(pattern)
    )


@lru_cache(maxsize=1000)
def parsed(pattern: str) -> tuple[tuple[str, int], ...]:
    """Return the pattern's parts: a literal with 0, or a letter with how often it stands there.

    Raises
    ------
    PatternError
        If the pattern cannot be read.
    """
    parts: list[tuple[str, int]] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "'":
            literal, at = _quoted(pattern, at)
            parts.append((literal, 0))
        elif sign in _LETTERS:
            end = at
            while end < len(pattern) and pattern[end] == sign:
                end += 1
            parts.append((sign, end - at))
            at = end
        elif sign.isascii() and sign.isalpha():
            raise PatternError(f"Unknown pattern letter: {sign}")
        elif sign in "{}#":
            raise PatternError(f"Pattern includes reserved character: '{sign}'")
        else:
            # Brackets are an optional section, and a moment has all that may stand in one.
            parts += [] if sign in "[]" else [(sign, 0)]
            at += 1
    return tuple(parts)


def _quoted(pattern: str, at: int) -> tuple[str, int]:
    """Return the literal that starts at the quote at `at`, and the place after it."""
    literal = ""
    place = at + 1
    while place < len(pattern):
        if pattern[place] != "'":
            literal += pattern[place]
            place += 1
        elif pattern[place + 1 : place + 2] == "'":
            literal += "'"
            place += 2
        else:
            return literal or "'", place + 1
    raise PatternError(f"Pattern ends with an incomplete string literal: {pattern}")


def _number(value: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda moment, count: str(value(moment)).zfill(count)


def _year(year: int, count: int) -> str:
    return f"{year % 100:02d}" if count == 2 else str(year).zfill(count)


def _named(names: list[str], index: int, count: int) -> str:
    name = names[index]
    return {3: name[:3], 5: name[:1]}.get(count, name)


def _month(moment: datetime, count: int) -> str:
    return str(moment.month).zfill(count) if count < 3 else _named(_MONTHS, moment.month - 1, count)


def _weekday(moment: datetime, count: int) -> str:
    return _named(_DAYS, moment.weekday(), max(count, 3))


def _local_weekday(moment: datetime, count: int) -> str:
    return str(moment.isoweekday() % 7 + 1).zfill(count) if count < 3 else _weekday(moment, count)


def _quarter(moment: datetime, count: int) -> str:
    number = (moment.month + 2) // 3
    if count < 3:
        return str(number).zfill(count)
    return {3: f"Q{number}", 4: _QUARTERS[number - 1]}.get(count, str(number))


def _first_sunday_week(year: int) -> date:
    """Return the Sunday on which the week with the year's first day begins."""
    first = date(year, 1, 1)
    return first - timedelta(days=first.isoweekday() % 7)


def _week_year(moment: datetime) -> int:
    return moment.year + (moment.date() >= _first_sunday_week(moment.year + 1))


def _week(moment: datetime) -> int:
    return (moment.date() - _first_sunday_week(_week_year(moment))).days // 7 + 1


def _offset(moment: datetime, colon: bool, minutes: bool = True) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    hours, rest = divmod(abs(seconds) // 60, 60)
    tail = f"{':' if colon else ''}{rest:02d}" if minutes or rest else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02d}{tail}"


def _zulu(moment: datetime, count: int) -> str:
    return _iso_offset(moment, count) if moment.utcoffset() else "Z"


def _iso_offset(moment: datetime, count: int) -> str:
    return _offset(moment, colon=count in (3, 5), minutes=count > 1)


def _rfc_offset(moment: datetime, count: int) -> str:
    if count == 4:
        return f"GMT{_offset(moment, colon=True)}" if moment.utcoffset() else "GMT"
    if count == 5:
        return _zulu(moment, 3)
    return _offset(moment, colon=False)


def _localized_offset(moment: datetime, count: int) -> str:
    if not moment.utcoffset():
        return "GMT"
    if count >= 4:
        return f"GMT{_offset(moment, colon=True)}"
    text = _offset(moment, colon=True, minutes=False)
    return f"GMT{text[0]}{text[1:].removeprefix('0')}"


_LETTERS: dict[str, Callable[[datetime, int], str]] = {
    "y": lambda moment, count: _year(moment.year, count),
    "u": lambda moment, count: _year(moment.year, count),
    "Y": lambda moment, count: _year(_week_year(moment), count),
    "w": _number(_week),
    "M": _month,
    "L": _month,
    "d": _number(lambda moment: moment.day),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "Q": _quarter,
    "q": _quarter,
    "E": _weekday,
    "e": _local_weekday,
    "c": _local_weekday,
    "a": lambda moment, _: "AM" if moment.hour < 12 else "PM",
    "H": _number(lambda moment: moment.hour),
    "k": _number(lambda moment: moment.hour or 24),
    "K": _number(lambda moment: moment.hour % 12),
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": lambda _, count: "0" * count,
    "n": lambda _, count: "0" * count,
    "G": lambda _, count: {4: "Anno Domini", 5: "A"}.get(count, "AD"),
    "V": lambda moment, _: str(moment.tzinfo),
    "z": lambda moment, _: moment.tzname() or "UTC",
    "X": _zulu,
    "x": _iso_offset,
    "Z": _rfc_offset,
    "O": _localized_offset,
}
