"""Which crawls ListCrawls shows: https://docs.aws.amazon.com/glue/latest/webapi/API_CrawlsFilter.html"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from helpers.local.glue.errors import InvalidInputError

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt, "GE": operator.ge, "LT": operator.lt, "LE": operator.le, "EQ": operator.eq, "NE": operator.ne,
}  # fmt: skip
_TEXTS = {"CRAWL_ID": "CrawlId", "STATE": "State"}
_TIMES = {"START_TIME": "StartTime", "END_TIME": "EndTime"}


def selected(crawls: Sequence[Mapping[str, Any]], filters: Sequence[Mapping[str, str]]) -> list[Mapping[str, Any]]:
    """Return the crawls that pass every filter, in their order.

    Parameters
    ----------
    crawls
        As ListCrawls shows them, times in seconds since 1970.
    filters
        As ListCrawls takes them; times are milliseconds since 1970.

    Raises
    ------
    InvalidInputError
        If a filter's value cannot be compared.
    """
    return [crawl for crawl in crawls if all(_passes(crawl, wanted) for wanted in filters)]


def _passes(crawl: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    name, value = wanted.get("FieldName", ""), wanted.get("FieldValue", "")
    compare = _COMPARE[wanted.get("FilterOperator") or "EQ"]
    if name in _TEXTS:
        if compare not in (operator.eq, operator.ne):
            raise InvalidInputError(f"FilterOperator for {name} must be EQ or NE")
        return compare(crawl[_TEXTS[name]], value)
    try:
        number = float(value)
    except ValueError as error:
        raise InvalidInputError(f"FieldValue {value} of {name} is not a number") from error
    if name in _TIMES:
        return _TIMES[name] in crawl and compare(round(crawl[_TIMES[name]] * 1000), number)
    # DPU_HOUR: a crawl here takes none.
    return compare(0.0, number)
