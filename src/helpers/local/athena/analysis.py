"""Columns and types of a query: every column found in a table, every expression typed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from helpers.local.athena import checks
from helpers.local.athena.errors import ColumnNotFoundError, position_of
from helpers.local.athena.function_types import FUNCTION_TYPES
from helpers.local.athena.translate import type_decimals

_HIDDEN_OF = "hidden_of"


def analyzed(tree: exp.Query, relations: Mapping[str, Mapping[str, str]]) -> exp.Query:
    """Return a query with its columns qualified and its expressions typed.

    Parameters
    ----------
    tree
        A query over relations.
    relations
        Trino's types of columns by name, by relation.

    Raises
    ------
    AthenaQueryError
        If it names what does not exist, or uses it wrongly.
    """
    schema = MappingSchema(dialect="trino", normalize=False)
    for name, columns in relations.items():
        kinds = {column: exp.DataType.build(kind, dialect="trino") for column, kind in columns.items()}
        schema.add_table(exp.to_table(f'"{name}"'), kinds, dialect="trino", match_depth=False)
    _part_from_tables(tree)
    try:
        tree = qualify(
            tree,
            schema=schema,
            dialect="trino",
            validate_qualify_columns=False,
            quote_identifiers=True,
            identify=True,
            expand_alias_refs=False,
        )
    except OptimizeError as error:
        raise checks.analysis_error(error, tree) from error
    _join_with_tables(tree)
    _check_columns(tree)
    checks.check_aliases(tree)
    type_decimals(tree)
    tree = annotate_types(tree, schema=schema, expression_metadata=FUNCTION_TYPES, dialect="trino")
    checks.check_types(tree)
    return tree


def _part_from_tables(tree: exp.Query) -> None:
    """Hidden columns are in no schema, so `t."$path"` would not be found; its table is put aside."""
    for column in tree.find_all(exp.Column):
        if column.name.startswith("$") and column.table:
            column.meta[_HIDDEN_OF] = column.table
            column.set("table", None)


def _join_with_tables(tree: exp.Query) -> None:
    for column in tree.find_all(exp.Column):
        if _HIDDEN_OF in column.meta:
            column.set("table", exp.to_identifier(column.meta[_HIDDEN_OF], quoted=True))


def _check_columns(tree: exp.Query) -> None:
    for scope in traverse_scope(tree):
        # ORDER BY after a UNION speaks of the columns that come out.
        union = scope.expression if isinstance(scope.expression, exp.SetOperation) else None
        outputs = set() if union is None else {selected.alias_or_name for selected in union.selects}
        for column in scope.unqualified_columns:
            if column.name.startswith("$") or column.find_ancestor(exp.Lambda) or column.name in outputs:
                continue
            partly_known = any(not isinstance(s, exp.Table) for s in scope.sources.values())
            if (partly_known or scope.parent is None) and _is_known_elsewhere(scope):
                continue
            raise ColumnNotFoundError(column.name, position_of(column))


def _is_known_elsewhere(scope: Any) -> bool:
    # Columns of UNNEST and VALUES have no schema; DuckDB itself will say if it does not know them.
    return any(not isinstance(source, exp.Table) for source in scope.sources.values()) or bool(
        scope.expression.find(exp.Unnest, exp.Values, exp.Lateral)
    )
