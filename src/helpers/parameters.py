"""Guards around notebook parameters, which papermill itself does not check.

Papermill only logs a parameter that a notebook does not have, and gives a notebook without a
`parameters` cell its values where the notebook's own cell overwrites them. Both would run with
values that nobody asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.errors import LabError

# The first line of the cell that papermill injects, whatever the language's translator adds below.
_INJECTED_HEADER = "# Parameters"


class UnknownParameterError(LabError):
    """A parameter was given that the notebook does not have."""

    def __init__(self, unknown: Iterable[str], known: Iterable[str], notebook: str = "this notebook") -> None:
        names = ", ".join(sorted(unknown))
        has = ", ".join(sorted(known)) or "none"
        super().__init__(f"No parameter {names} in {notebook}: it has {has}. Check the spelling.")


class MissingParametersCellError(LabError):
    """The notebook has no cell tagged `parameters`."""

    def __init__(self, notebook: str = "This notebook") -> None:
        super().__init__(
            f"{notebook} has no cell tagged `parameters`, so given values would be overwritten: tag its parameter cell."
        )


def declared(notebook: Path) -> set[str]:
    """Return the names in the notebook's cell tagged `parameters`.

    Raises
    ------
    MissingParametersCellError
        If no cell is tagged so.
    """
    # Here, because `check_injected` runs in each notebook, whose start papermill would double.
    from papermill import inspect_notebook

    known = set(inspect_notebook(str(notebook)))
    if not known:
        raise MissingParametersCellError(notebook.name)
    return known


def select(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the `given` values that the notebook takes."""
    known = declared(notebook)
    return {name: value for name, value in given.items() if name in known}


def check_all_known(notebooks: Sequence[Path], given: Iterable[str]) -> None:
    """Refuse a parameter that none of the notebooks takes.

    Raises
    ------
    UnknownParameterError
        With the names that no notebook has.
    MissingParametersCellError
        If a notebook has no cell tagged `parameters`.
    """
    known = set().union(*(declared(notebook) for notebook in notebooks))
    unknown = set(given) - known
    if unknown:
        raise UnknownParameterError(unknown, known, "any notebook")


def check_injected(executed: Sequence[str]) -> None:
    """Refuse values that papermill injected but the running notebook never declared.

    Parameters
    ----------
    executed
        Sources of the cells run so far, in order (IPython's `In`).

    Raises
    ------
    UnknownParameterError
        If an injected name is not assigned in the cell before.
    MissingParametersCellError
        If the injected cell came before every other cell.
    """
    declared_names: set[str] | None = None
    for source in executed:
        if not source.strip():
            continue
        names = _assigned_names(source)
        if source.startswith(_INJECTED_HEADER):
            if declared_names is None:
                raise MissingParametersCellError()
            if names - declared_names:
                raise UnknownParameterError(names - declared_names, declared_names)
        declared_names = names


def _assigned_names(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython magics and shell lines declare no parameters
        return set()
    names: set[str] = set()
    for statement in tree.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names
