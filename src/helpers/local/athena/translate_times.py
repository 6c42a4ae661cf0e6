"""Dates, times and intervals of Trino in DuckDB.

https://trino.io/docs/current/functions/datetime.html
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.local.athena import joda
from helpers.local.athena.errors import ExecutionError
from helpers.local.athena.trees import KIND, LOCAL_TIMES, call, type_of

Rule = Callable[[exp.Expr], exp.Expr]
_PARTS = {"day_of_month": "day", "day_of_year": "doy", "year_of_week": "isoyear", "yow": "isoyear"}


def zone_of(selected: exp.Expr) -> str | None:
    """Return the time zone that a selected expression puts its moments in, None if in none."""
    node = selected.unalias()
    if isinstance(node, (exp.DateAdd, exp.DateTrunc, exp.TimestampTrunc)):
        return zone_of(node.this)
    if isinstance(node, exp.AtTimeZone):
        zone = node.args["zone"]
    elif isinstance(node, exp.Anonymous) and node.name.lower() in ("at_timezone", "with_timezone"):
        zone = node.expressions[-1]
    else:
        return None
    return str(zone.name) if zone.is_string else None


def _as_date(node: exp.Expr) -> exp.Expr:
    # DuckDB turns a date plus an interval into a timestamp.
    return exp.cast(node.copy(), "DATE") if type_of(node.this) == KIND.DATE else node


def _plus(node: exp.Expr) -> exp.Expr:
    kinds = (type_of(node.this), type_of(node.expression))
    if kinds == (KIND.DATE, KIND.DATE):
        parts = [exp.cast(part, "TIMESTAMP") for part in (node.this, node.expression)]
        return type(node)(this=parts[0], expression=parts[1])
    if set(kinds) == {KIND.DATE, KIND.INTERVAL}:
        return exp.cast(node.copy(), "DATE")
    return node


def _date_diff(node: exp.Expr) -> exp.Expr:
    # DuckDB's date_diff counts borders crossed, Trino's whole units elapsed, as DuckDB's date_sub does.
    unit = (node.args.get("unit") or exp.Var(this="DAY")).name.lower()
    return call("date_sub", unit, exp.cast(node.expression, "TIMESTAMP"), exp.cast(node.this, "TIMESTAMP"))


def _extract(node: exp.Expr) -> exp.Expr:
    part = node.name.lower()
    if part in ("dow", "day_of_week", "dayofweek"):
        return call("isodow", node.expression)
    node.set("this", exp.var(_PARTS.get(part, part)))
    return node


def _parse_datetime(node: exp.Expr) -> exp.Expr:
    return exp.cast(call("strptime", node.this, _strftime(node.args["format"], "parse_datetime")), "TIMESTAMPTZ")


def _strftime(pattern: exp.Expr, name: str) -> str:
    if not pattern.is_string:
        raise ExecutionError("NOT_SUPPORTED", f"{name} with a pattern that is no constant")
    return joda.to_strftime(pattern.name)


def _time_to_str(node: exp.Expr) -> exp.Expr:
    pattern = node.args["format"]
    if pattern.is_string:
        # MySQL's %v, which sqlglot leaves, is the week of the ISO year.
        pattern.set("this", pattern.name.replace("%v", "%V"))
    return node


def _sequence(node: exp.Expr) -> exp.Expr:
    if type_of(node.args["start"]) in LOCAL_TIMES:
        return node
    if type_of(node.args["start"]) != KIND.DATE:
        return call("athena_sequence", node.args["start"], node.args["end"], node.args.get("step") or 1)
    if node.args.get("step") is None:
        node.set("step", exp.Interval(this=exp.Literal.string("1"), unit=exp.var("DAY")))
    return exp.cast(node.copy(), exp.DataType.build("DATE[]", dialect="duckdb"))


def _at_time_zone(moment: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return call("timezone", zone, exp.cast(moment, "TIMESTAMPTZ"))


RULES: dict[type[exp.Expr], Rule] = {
    exp.Add: _plus,
    exp.Sub: _plus,
    exp.DateAdd: _as_date,
    exp.DateDiff: _date_diff,
    exp.DateTrunc: _as_date,
    exp.TimestampTrunc: _as_date,
    exp.Extract: _extract,
    exp.ParseDatetime: _parse_datetime,
    exp.TimeToStr: _time_to_str,
    exp.GenerateSeries: _sequence,
    exp.AtTimeZone: lambda node: _at_time_zone(node.this, node.args["zone"]),
    exp.DayOfWeekIso: lambda node: call("isodow", node.this),
}

NAMED: dict[str, Rule] = {
    "at_timezone": lambda node: _at_time_zone(*node.expressions),
    "format_datetime": lambda node: call(
        "strftime", node.expressions[0], _strftime(node.expressions[1], "format_datetime")
    ),
}
