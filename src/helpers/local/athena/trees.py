"""Small tools for syntax trees that are qualified and annotated with types."""

from __future__ import annotations

from sqlglot import exp, parse_one

KIND = exp.DataType.Type
INTEGERS = {KIND.TINYINT, KIND.SMALLINT, KIND.INT, KIND.BIGINT}
FLOATS = {KIND.DOUBLE, KIND.FLOAT}
TEXTS = exp.DataType.TEXT_TYPES
LOCAL_TIMES = {KIND.TIMESTAMP, KIND.DATETIME, KIND.TIMESTAMPNTZ}


def type_of(node: exp.Expr | None) -> exp.DType | None:
    """Return the type that a node is annotated with."""
    return node.type.this if node is not None and node.type is not None else None


def call(name: str, *arguments: exp.Expr | str | int | None) -> exp.Anonymous:
    """Return a call of a DuckDB function; arguments that are None are left out."""
    given = [a if isinstance(a, exp.Expr) else exp.convert(a) for a in arguments if a is not None]
    return exp.Anonymous(this=name, expressions=given)


def filled(template: str, arguments: list[exp.Expr]) -> exp.Expr:
    """Return an expression of DuckDB with `$1`, `$2` … replaced by arguments, and `$*` by all of them."""
    listed = ", ".join(f"${number}" for number in range(1, len(arguments) + 1))
    tree = parse_one(template.replace("$*", listed), read="duckdb")
    for parameter in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        number = parameter.name or parameter.this.name
        parameter.replace(arguments[int(number) - 1].copy())
    return tree


def is_tried(node: exp.Expr) -> bool:
    """Return whether a node is within TRY, where what would fail is NULL."""
    return node.find_ancestor(exp.Try) is not None
