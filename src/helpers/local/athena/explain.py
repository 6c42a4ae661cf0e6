"""EXPLAIN and EXPLAIN ANALYZE: the plan of the engine below, in the words of Athena's plans.

https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp

from helpers.local.athena.errors import QuerySyntaxError
from helpers.local.athena.model import Column, QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.statements import parse_query

_STATEMENT = re.compile(
    r"EXPLAIN\s+(?P<analyze>ANALYZE\s+)?(?:VERBOSE\s+)?"
    r"(?P<options>\(\s*(?:TYPE|FORMAT)\b.*?\)\s*)?(?P<query>.+)",
    re.IGNORECASE | re.DOTALL,
)
# Operators of the engine below by their names in Athena; those that stand for nothing there are left out.
_NAMES = {
    "PROJECTION": "Project",
    "FILTER": "Filter",
    "HASH_GROUP_BY": "Aggregate",
    "PERFECT_HASH_GROUP_BY": "Aggregate",
    "PARTITIONED_AGGREGATE": "Aggregate",
    "UNGROUPED_AGGREGATE": "Aggregate",
    "HASH_JOIN": "Join",
    "NESTED_LOOP_JOIN": "Join",
    "BLOCKWISE_NL_JOIN": "Join",
    "PIECEWISE_MERGE_JOIN": "Join",
    "CROSS_PRODUCT": "CrossJoin",
    "ORDER_BY": "Sort",
    "TOP_N": "TopN",
    "LIMIT": "Limit",
    "STREAMING_LIMIT": "Limit",
    "UNION": "Union",
    "WINDOW": "Window",
    "STREAMING_WINDOW": "Window",
    "UNNEST": "Unnest",
    "READ_CSV": "TableScan",
    "PARQUET_SCAN": "TableScan",
    "READ_PARQUET": "TableScan",
    "READ_NDJSON_OBJECTS": "TableScan",
    "TABLE_SCAN": "TableScan",
    "ARROW_SCAN": "TableScan",
    "DUMMY_SCAN": "Values",
    "COLUMN_DATA_SCAN": "Values",
    "EMPTY_RESULT": "Values",
}
_LEFT_OUT = ("RESULT_COLLECTOR", "EXPLAIN_ANALYZE", "QUERY")
_DETAILS = {
    "Projections": "columns",
    "Expression": "filterPredicate",
    "Filters": "filterPredicate",
    "Groups": "keys",
    "Aggregates": "aggregations",
    "Join Type": "type",
    "Conditions": "criteria",
    "Order By": "orderBy",
    "Top": "count",
    "Limit": "count",
}


def run(sql: str, context: QueryContext, values: list[exp.Expr]) -> QueryResult:
    """Run an EXPLAIN.

    Raises
    ------
    AthenaQueryError
        If the query is none that can run.
    """
    found = _STATEMENT.match(sql)
    if found is None:
        raise QuerySyntaxError("mismatched input '<EOF>'. Expecting: <query>", (1, len(sql) + 1))
    options = re.findall(r"(TYPE|FORMAT)\s+(\w+)", (found["options"] or "").upper())
    chosen = dict(options)
    query = parse_query(found["query"])
    with Engine(context) as engine:
        names, translated = engine.prepare(query, values)
        if chosen.get("TYPE") == "VALIDATE":
            return QueryResult("DML", "EXPLAIN", [Column("Valid", "boolean")], [(True,)])
        how = "ANALYZE, FORMAT JSON" if found["analyze"] else "FORMAT JSON"
        with engine.guarded():
            plan = engine.connection.execute(f"EXPLAIN ({how}) {translated}").fetchall()[0][1]
        bytes_scanned = engine.filesystem.bytes_read
    described = json.loads(plan)
    roots = described["operator"] if isinstance(described, dict) else described
    tree = {"name": "Output", "details": {"columnNames": list(names)}, "children": _nodes(roots)}
    if chosen.get("FORMAT") == "JSON":
        lines = json.dumps(_numbered(tree), indent=2).split("\n")
    else:
        lines = [*_head(found["analyze"] is not None, bytes_scanned), *_lines(tree, "    ", "    ")]
    rows: list[tuple[Any, ...]] = [(line,) for line in lines]
    return QueryResult("DML", "EXPLAIN", [Column("Query Plan", "varchar")], rows, bytes_scanned)


def _head(analyzed: bool, bytes_scanned: int) -> list[str]:
    return [
        f"Fragment 0 [SINGLE]{f' Input: {bytes_scanned}B' if analyzed else ''}",
        "    Output partitioning: SINGLE []",
    ]


def _nodes(operators: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for operator in operators:
        name = str(operator.get("name") or operator.get("type") or "").strip()
        children = _nodes(operator.get("children") or [])
        if name in _LEFT_OUT:
            found += children
            continue
        information = operator.get("extra_info") or {}
        details = {_DETAILS[key]: value for key, value in information.items() if key in _DETAILS}
        if "intermediate_rows" in operator:
            details["rows"] = operator["intermediate_rows"]
        found.append({"name": _NAMES.get(name, _title(name)), "details": details, "children": children})
    return found


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _lines(node: Mapping[str, Any], first: str, rest: str) -> Iterator[str]:
    details = ", ".join(f"{key} = {_shown(value)}" for key, value in node["details"].items())
    yield f"{first}{node['name']}[{details}]"
    for number, child in enumerate(node["children"], start=1):
        last = number == len(node["children"])
        yield from _lines(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _shown(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value).replace("\n", " ")


def _numbered(node: Mapping[str, Any], path: str = "0") -> dict[str, Any]:
    children = [_numbered(child, f"{path}.{number}") for number, child in enumerate(node["children"])]
    return {"id": path, "name": node["name"], "descriptor": node["details"], "children": children}
