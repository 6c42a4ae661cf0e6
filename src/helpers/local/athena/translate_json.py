"""JSON functions and casts of Trino in DuckDB.

https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.local.athena.trees import KIND, TEXTS, filled

Rule = Callable[[exp.Expr], exp.Expr]
# Text that is no JSON is NULL to json_extract.
_PARSED = "TRY_CAST($1 AS JSON)"
_SCALAR = f"CASE WHEN json_type({_PARSED}, $2) NOT IN ('ARRAY', 'OBJECT') THEN json_extract_string({_PARSED}, $2) END"


def is_json(node: exp.Expr) -> bool:
    """Return whether a node is JSON although it may not be annotated so."""
    return isinstance(node, (exp.JSONExtract, exp.ParseJSON)) or bool(node.meta.get("json"))


def cast(node: exp.Expr) -> exp.Expr:
    """Translate a cast to or from JSON."""
    target: exp.DataType = node.args["to"]
    if target.this == KIND.JSON:
        return filled("to_json($1)", [node.this])
    if target.this in TEXTS:
        return filled("json_extract_string($1, '$')", [node.this])
    return node


def _path(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.JSONPath):
        return exp.Literal.string(node.sql("duckdb").strip("'"))
    if node.is_string:
        return exp.Literal.string(node.name.removeprefix("lax ").removeprefix("strict "))
    return node


def _extract(node: exp.Expr) -> exp.Expr:
    arguments = [node.this, _path(node.expression)]
    if node.args.get("json_query"):
        return filled(f"CAST(json_extract({_PARSED}, $2) AS VARCHAR)", arguments)
    found = filled(f"json_extract({_PARSED}, $2)", arguments)
    found.meta["json"] = True
    return found


RULES: dict[type[exp.Expr], Rule] = {
    exp.JSONExtract: _extract,
    exp.JSONExtractScalar: lambda node: filled(_SCALAR, [node.this, _path(node.expression)]),
    exp.JSONValue: lambda node: filled(_SCALAR, [node.this, _path(node.args["path"])]),
}

NAMED: dict[str, Rule] = {
    "json_exists": lambda node: filled(
        f"json_exists({_PARSED}, $2)", [node.expressions[0], _path(node.expressions[1])]
    ),
}
