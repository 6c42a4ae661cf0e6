"""Which of a query's conditions decide about whole partitions of a table.

Conditions of WHERE and ON are followed through joins, subqueries, CTEs and views down to the table. What is
found may only be too weak, never too strong: a condition that is not understood is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

Conjuncts = list[exp.Expr]
_OPAQUE = (exp.Query, exp.Subquery, exp.AggFunc, exp.Window, exp.Rand, exp.Uuid, exp.Unnest)


def partition_conditions(tree: exp.Query, keys: Mapping[str, Collection[str]]) -> dict[str, list[Conjuncts]]:
    """Return what a query asks of the partition keys of tables.

    Parameters
    ----------
    tree
        A qualified query.
    keys
        Partition keys by table name, as the tree names it.

    Returns
    -------
    dict
        For each table, for each place in the query that reads it, the conditions that must all hold there; their
        columns are bare partition keys.
    """
    finder = _Finder(keys)
    scope = build_scope(tree)
    if scope is not None:
        finder.visit(scope, [])
    found = {}
    for name in keys:
        places = [table for table in tree.find_all(exp.Table) if table.name == name]
        # A place that was not understood could need any partition.
        complete = places and all(id(place) in finder.visited for place in places)
        found[name] = finder.found[name] if complete else [[]]
    return found


def constants(conjuncts: Conjuncts, key: str) -> list[str] | None:
    """Return the values that conditions pin a key to, by `key = 'x'` or `key IN ('x', 'y')`; None if they do not."""
    pinned: list[str] | None = None
    for condition in conjuncts:
        values = _pinned_values(condition.unnest(), key)
        if values is not None:
            pinned = values if pinned is None else [value for value in pinned if value in values]
    return pinned


def _pinned_values(condition: exp.Expr, key: str) -> list[str] | None:
    if isinstance(condition, exp.Or):
        sides = [_pinned_values(side.unnest(), key) for side in (condition.left, condition.right)]
        return None if None in sides else [value for side in sides for value in side or []]
    if isinstance(condition, exp.EQ):
        column, values = condition.this, [condition.expression]
        if not isinstance(column, exp.Column):
            column, values = condition.expression, [condition.this]
    elif isinstance(condition, exp.In):
        column, values = condition.this, condition.expressions
    else:
        return None
    if not isinstance(column, exp.Column) or column.name != key or not values:
        return None
    texts = [_constant(value) for value in values]
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None


def _constant(value: exp.Expr) -> str | None:
    value = value.this if isinstance(value, exp.Cast) else value
    if isinstance(value, exp.Boolean):
        return str(value.this).lower()
    if isinstance(value, exp.Neg) and isinstance(value.this, exp.Literal):
        return f"-{value.this.name}"
    return value.name if isinstance(value, exp.Literal) else None


class _Finder:
    """Walks the scopes of a query from the outermost inwards."""

    def __init__(self, keys: Mapping[str, Collection[str]]) -> None:
        self.keys = keys
        self.found: dict[str, list[Conjuncts]] = {name: [] for name in keys}
        self.visited: set[int] = set()
        self._stack: list[Scope] = []

    def visit(self, scope: Scope, incoming: Conjuncts) -> None:
        """Visit a scope whose rows must satisfy `incoming`, in terms of its output columns."""
        if scope in self._stack:
            return
        self._stack.append(scope)
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            names = [selected.alias_or_name for selected in expression.selects]
            for branch in scope.set_operation_scopes:
                query = branch.expression
                own = [selected.alias_or_name for selected in query.selects] if isinstance(query, exp.Query) else []
                known = dict(zip(names, own, strict=True)) if len(own) == len(names) else None
                self.visit(branch, [] if known is None else [_renamed(condition, known) for condition in incoming])
        elif isinstance(expression, exp.Select):
            self._visit_select(scope, expression, incoming)
        for inner in scope.subquery_scopes:
            self.visit(inner, [])
        self._stack.pop()

    def _visit_select(self, scope: Scope, select: exp.Select, incoming: Conjuncts) -> None:
        where = select.args.get("where")
        general = [*(_conjuncts(where.this) if where else []), *_inside(select, incoming)]
        joins = select.args.get("joins") or []
        for alias, (node, source) in scope.selected_sources.items():
            conditions = [] if _is_nullable(node, joins) else list(general)
            conditions += _join_conditions(node, joins)
            own = [condition for condition in conditions if _is_about(condition, alias)]
            if isinstance(source, Scope):
                recursive = source.is_cte and any(w.recursive for w in scope.expression.root().find_all(exp.With))
                self.visit(source, [] if recursive else [_renamed(condition, {}) for condition in own])
            elif isinstance(source, exp.Table):
                self._take(source, own)

    def _take(self, table: exp.Table, conditions: Conjuncts) -> None:
        self.visited.add(id(table))
        if table.name in self.keys:
            keys = self.keys[table.name]
            bare = [_renamed(condition, {}) for condition in conditions]
            self.found[table.name].append([c for c in bare if all(column.name in keys for column in _columns(c))])


def _conjuncts(condition: exp.Expr) -> Conjuncts:
    condition = condition.unnest()
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _columns(condition: exp.Expr) -> Iterator[exp.Column]:
    yield from condition.find_all(exp.Column)


def _is_about(condition: exp.Expr, alias: str) -> bool:
    columns = list(_columns(condition))
    return bool(columns) and all(c.table == alias for c in columns) and not condition.find(*_OPAQUE)


def _renamed(condition: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """Return a copy of a condition whose columns have no table, and new names where `names` has any."""
    copy = condition.copy()
    for column in [copy] if isinstance(copy, exp.Column) else list(_columns(copy)):
        column.set("table", None)
        column.set("this", exp.to_identifier(names.get(column.name, column.name), quoted=True))
    return copy


def _inside(select: exp.Select, incoming: Conjuncts) -> Conjuncts:
    """Return conditions on a SELECT's output in terms of its sources, where they may be asked before it."""
    if any(select.args.get(clause) for clause in ("limit", "offset")) or select.find(exp.Window):
        return []
    outputs = {selected.alias_or_name: selected.unalias() for selected in select.selects}
    group = select.args.get("group")
    if group is not None and any(group.args.get(kind) for kind in ("rollup", "cube", "grouping_sets", "all")):
        return []
    grouped = {key.sql() for key in group.expressions} if group is not None else None
    found = []
    for condition in incoming:
        inner = [outputs.get(column.name) for column in _columns(condition)]
        if any(expression is None or expression.find(*_OPAQUE) for expression in inner):
            continue
        if grouped is not None and any(e is not None and e.sql() not in grouped for e in inner):
            continue
        if grouped is None and any(selected.find(exp.AggFunc) for selected in select.selects):
            continue
        found.append(condition.transform(_replace_outputs, outputs))
    return found


def _replace_outputs(node: exp.Expr, outputs: Mapping[str, exp.Expr]) -> exp.Expr:
    return exp.paren(outputs[node.name].copy(), copy=False) if isinstance(node, exp.Column) else node


def _join_of(node: object, joins: list[exp.Join]) -> int:
    """Return the number of the join that brings a source in, -1 for the source in FROM."""
    return next((number for number, join in enumerate(joins) if join.this is node or node in join.this.walk()), -1)


def _is_nullable(node: object, joins: list[exp.Join]) -> bool:
    """Return whether an outer join may put NULLs in the place of a source's rows."""
    number = _join_of(node, joins)
    own = number >= 0 and joins[number].side in ("LEFT", "FULL")
    return own or any(join.side in ("RIGHT", "FULL") for join in joins[number + 1 :])


def _join_conditions(node: object, joins: list[exp.Join]) -> Conjuncts:
    """Return the ON conditions without which a source's rows take no part."""
    number = _join_of(node, joins)
    found: Conjuncts = []
    for other, join in enumerate(joins):
        condition = join.args.get("on")
        if condition is None or other < number:
            continue
        brings_it = other == number and join.side in ("", "LEFT")
        comes_later = other > number and join.side == "" and not _is_nullable_before(number, joins, other)
        if brings_it or comes_later:
            found += _conjuncts(condition)
    return found


def _is_nullable_before(number: int, joins: list[exp.Join], until: int) -> bool:
    own = number >= 0 and joins[number].side in ("LEFT", "FULL")
    return own or any(join.side in ("RIGHT", "FULL") for join in joins[number + 1 : until])
