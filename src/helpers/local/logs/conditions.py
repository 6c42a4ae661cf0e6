"""What JSON selectors and columns are compared with: numbers, text with wildcards, regular expressions."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from helpers.local.logs.checking import invalid

Test = Callable[[Any], bool]

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")


def comparison(sign: str, value: str) -> Test:
    """Return the test that a value of a message passes.

    Parameters
    ----------
    sign
        One of `=`, `!=`, `<`, `<=`, `>`, `>=`.
    value
        A number, a text, in quotation marks or not, with `*` for any characters, or `%expression%`.

    Raises
    ------
    AwsError
        `InvalidParameterException` if text is to be ordered.
    """
    if sign in _ORDERS:
        if not _NUMBER.fullmatch(value):
            raise invalid("Invalid filter pattern")
        order, bound = _ORDERS[sign], float(value)
        return lambda found: (number := _number(found)) is not None and order(number, bound)
    equal = _equality(value)
    return equal if sign == "=" else lambda found: not equal(found)


def _equality(value: str) -> Test:
    if _NUMBER.fullmatch(value):
        wanted = float(value)
        return lambda found: _number(found) == wanted
    if value.startswith("%"):
        expression = expression_of(value.strip("%"))
        return lambda found: isinstance(found, str) and expression.search(found) is not None
    plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    wildcards = re.compile(".*".join(map(re.escape, plain.split("*"))), re.DOTALL)
    return lambda found: wildcards.fullmatch(_text(found)) is not None


def expression_of(text: str) -> re.Pattern[str]:
    """Return the regular expression between two percent signs.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is none.
    """
    try:
        return re.compile(text)
    except re.error as error:
        raise invalid("Invalid filter pattern") from error


def _number(found: Any) -> float | None:
    if isinstance(found, bool):
        return None
    try:
        return float(found)
    except (TypeError, ValueError):
        return None


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return str(found).lower()
    return "" if found is None else str(found)
