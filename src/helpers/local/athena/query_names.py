"""Names in a query: of what it selects, as it is written and as Athena gives them, and of what it uses."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.local.athena.errors import ExecutionError, position_of

_UNNAMED = "_col"


def used_names(tree: exp.Query) -> frozenset[str] | None:
    """Return the names of all columns that a query speaks of, None if it may mean every column."""
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return None
    if any(table.alias_column_names for table in tree.find_all(exp.Table)):
        # `t (a, b)` gives the columns other names by their places, so all must be there.
        return None
    return frozenset(column.name for column in tree.find_all(exp.Column))


def fill_parameters(tree: exp.Query, parameters: list[exp.Expr]) -> None:
    """Put values in the places of the `?`.

    Raises
    ------
    ExecutionError
        If there are more or fewer values than places.
    """
    holes = list(tree.find_all(exp.Placeholder))
    if len(holes) != len(parameters):
        message = f"Incorrect number of parameters: expected {len(holes)} but found {len(parameters)}"
        raise ExecutionError("INVALID_PARAMETER_USAGE: line 1:1", message)
    for hole, value in zip(sorted(holes, key=lambda hole: position_of(hole)), parameters, strict=True):
        hole.replace(value.copy())


def lower_names(tree: exp.Expr) -> None:
    """Athena does not mind the case of names, quoted or not."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.lower())


def select_list(tree: exp.Query) -> list[exp.Expr]:
    """Return the outermost select list."""
    return list(tree.selects)


def written_names(tree: exp.Query) -> dict[str, str]:
    """Return the aliases of the outermost select list as they are written, by their lower-case form."""
    return {s.alias.lower(): s.alias for s in select_list(tree) if isinstance(s, exp.Alias)}


def name_unnamed(tree: exp.Query) -> None:
    """Name what has no name `_col0`, `_col1` … by its place in the select list, as Athena does."""
    for select in tree.find_all(exp.Select):
        for number, selected in enumerate(select.expressions):
            if isinstance(selected, exp.Subquery):
                # Its name belongs to the select list, as that of any other value.
                name = selected.alias or f"{_UNNAMED}{number}"
                selected.set("alias", None)
                select.expressions[number] = exp.Alias(this=selected, alias=exp.to_identifier(name, quoted=True))
            elif not isinstance(selected, (exp.Alias, exp.Aliases, exp.Column, exp.Star, exp.Dot)):
                select.expressions[number] = exp.alias_(selected, f"{_UNNAMED}{number}", quoted=True, copy=False)
        select.set("expressions", select.expressions)


def output_names(tree: exp.Query, written: dict[str, str]) -> list[str]:
    """Return the names of the result columns, aliases as they are written."""
    # A star before an unnamed column moves its place.
    names = []
    for number, selected in enumerate(select_list(tree)):
        name = selected.alias_or_name
        names.append(f"{_UNNAMED}{number}" if re.fullmatch(rf"{_UNNAMED}\d+", name) else written.get(name, name))
    return names
