"""UPDATE, DELETE and MERGE INTO as one query: the rows that they touch, and what becomes of each.

https://docs.aws.amazon.com/athena/latest/ug/merge-into-statement.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.local.athena.errors import AnalysisError, position_of
from helpers.local.athena.query_names import lower_names
from helpers.local.athena.source import ROW_NUMBER
from helpers.local.athena.statements import TableName, as_athena_reads, unread

PATH, ROW, ACTION = "changed_path", "changed_row", "change_number"


@dataclass(frozen=True)
class Change:
    """What becomes of the rows that one clause takes.

    Parameters
    ----------
    number
        Of the clause.
    kind
        `UPDATE`, `DELETE` or `INSERT`.
    values
        For each column of the table that gets a value, the column of `RowChanges.query` that has it.
    """

    number: int
    kind: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowChanges:
    """A statement that changes rows.

    Parameters
    ----------
    target
        The table.
    query
        Gives `PATH` and `ROW` of each touched row (NULL for one to insert), the `ACTION`, and the new values.
    changes
        The clauses.
    """

    target: TableName
    query: exp.Select
    changes: list[Change]


def parse_changes(sql: str) -> RowChanges:
    """Parse an UPDATE, a DELETE or a MERGE INTO.

    Raises
    ------
    AthenaQueryError
        If it cannot be read.
    """
    try:
        found = sqlglot.parse_one(sql, read="trino")
    except SqlglotError as error:
        raise unread(error) from error
    as_athena_reads(found)
    lower_names(found)
    target = found.this
    name = TableName(target.name, target.db or None, target.catalog or None)
    if isinstance(found, exp.Merge):
        return _merge(name, found)
    values = _assigned(found.expressions) if isinstance(found, exp.Update) else {}
    change, listed = _change(0, "UPDATE" if isinstance(found, exp.Update) else "DELETE", values)
    query = exp.select(*_place(target), exp.alias_(exp.Literal.number(0), ACTION), *listed).from_(target.copy())
    where = found.args.get("where")
    return RowChanges(name, query.where(where.this.copy()) if where is not None else query, [change])


def _merge(name: TableName, merge: exp.Merge) -> RowChanges:
    target, source = merge.this, merge.args["using"]
    path = _column("$path", target)
    changes, listed = [], []
    action = exp.Case()
    for number, when in enumerate(merge.args["whens"].expressions):
        then, matched = when.args["then"], bool(when.args["matched"])
        if isinstance(then, exp.Update):
            kind, values = "UPDATE", _assigned(then.expressions)
        elif isinstance(then, exp.Insert):
            kind, values = "INSERT", _inserted(then)
        else:
            kind, values = "DELETE", {}
        change, columns = _change(number, kind, values)
        changes.append(change)
        listed += columns
        condition: exp.Expr = exp.Is(this=path.copy(), expression=exp.Null())
        condition = exp.not_(condition) if matched else condition
        if when.args.get("condition") is not None:
            condition = exp.and_(condition, when.args["condition"].copy())
        action = action.when(condition, exp.Literal.number(number), copy=False)
    query = exp.select(*_place(target), exp.alias_(action, ACTION), *listed).from_(source.copy())
    return RowChanges(name, query.join(target.copy(), on=merge.args["on"].copy(), join_type="left"), changes)


def _place(target: exp.Table) -> list[exp.Expr]:
    return [exp.alias_(_column("$path", target), PATH), exp.alias_(_column(ROW_NUMBER, target), ROW)]


def _column(name: str, target: exp.Table) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(target.alias_or_name, quoted=True))


def _assigned(assignments: list[exp.Expr]) -> dict[str, exp.Expr]:
    found: dict[str, exp.Expr] = {}
    for assignment in assignments:
        name = assignment.this.name
        if name in found:
            message = f"Multiple assignments for column '{name}'"
            raise AnalysisError("DUPLICATE_COLUMN_NAME", message, position_of(assignment.this))
        found[name] = assignment.expression
    return found


def _inserted(insert: exp.Insert) -> dict[str, exp.Expr]:
    values = insert.expression.expressions
    if insert.this is None:
        # Without names the values are for the table's columns in order.
        return {str(number): value for number, value in enumerate(values)}
    names = [column.name for column in insert.this.expressions]
    if len(names) != len(values):
        message = f"Insert column count {len(names)} does not match value count {len(values)}"
        raise AnalysisError("TYPE_MISMATCH", message)
    return dict(zip(names, values, strict=True))


def _change(number: int, kind: str, values: Mapping[str, exp.Expr]) -> tuple[Change, list[exp.Expr]]:
    aliases = {name: f"change{number}_{place}" for place, name in enumerate(values)}
    listed = [exp.alias_(value.copy(), aliases[name], quoted=True) for name, value in values.items()]
    return Change(number, kind, aliases), listed
