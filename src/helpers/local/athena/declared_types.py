"""Lengths of texts and digits of timestamps, which DuckDB's types do not tell and Trino's do."""

from __future__ import annotations

from sqlglot import exp

from helpers.local.athena.query_names import select_list
from helpers.local.athena.trees import KIND
from helpers.local.athena.types import DataType

# DuckDB has no more.
_MOST_DIGITS = 6
_USUAL_DIGITS = 3


def declared_types(tree: exp.Query) -> list[DataType | None]:
    """Return the types of the outermost select list that have a length or digits, None for others.

    Parameters
    ----------
    tree
        A qualified query whose expressions are typed.
    """
    texts = isinstance(tree, exp.Select)
    return [_timestamp(selected) or (_text(selected) if texts else None) for selected in select_list(tree)]


def _timestamp(selected: exp.Expr) -> DataType | None:
    kind = selected.type
    if kind is None or not kind.is_type(KIND.TIMESTAMP, KIND.TIMESTAMPTZ) or not kind.expressions:
        return None
    digits = int(kind.expressions[0].name)
    name = "timestamp" if kind.this == KIND.TIMESTAMP else "timestamp with time zone"
    return DataType(name, (min(digits, _MOST_DIGITS),)) if digits > _USUAL_DIGITS else None


def _text(selected: exp.Expr) -> DataType | None:
    value = selected.unalias()
    if isinstance(value, exp.Literal) and value.is_string:
        return DataType("varchar", (len(value.name),))
    if isinstance(value, exp.Cast) and value.to.this == KIND.VARCHAR and value.to.expressions:
        return DataType("varchar", (int(value.to.expressions[0].name),))
    return None
