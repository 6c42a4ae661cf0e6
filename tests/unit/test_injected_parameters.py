"""A running notebook refuses values that it never declared, whoever injected them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from helpers.parameters import MissingParametersCellError, UnknownParameterError, check_injected

DECLARED = "rows: int = 0  # how many\nspeed: float = 60.0"


def test_declared_values_pass() -> None:
    check_injected(["", DECLARED, "# Parameters\nrows = 7\nspeed = 1.0\n", "import helpers"])


def test_a_value_that_was_not_declared_is_refused() -> None:
    with pytest.raises(UnknownParameterError, match="No parameter row in this notebook: it has rows, speed"):
        check_injected(["", DECLARED, "# Parameters\nrow = 7\n"])


def test_values_before_the_notebooks_own_cell_are_refused() -> None:
    with pytest.raises(MissingParametersCellError, match="would be overwritten"):
        check_injected(["", "# Parameters\nrows = 7\n", DECLARED])


def test_without_injection_shell_lines_and_magics_are_no_matter() -> None:
    check_injected(["", DECLARED, "!aws s3 ls", "%matplotlib inline"])


def test_the_cell_that_papermill_writes_is_recognised(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    """Guards the one thing taken from papermill: how its injected cell begins."""
    check = "from helpers.parameters import check_injected\ncheck_injected(In)"
    book = write_notebook("00_a.ipynb", check)
    papermill.execute_notebook(str(book), str(tmp_path / "good.ipynb"), {"rows": 3}, progress_bar=False)
    with pytest.raises(PapermillExecutionError, match="No parameter row in this notebook"):
        papermill.execute_notebook(str(book), str(tmp_path / "bad.ipynb"), {"row": 3}, progress_bar=False)
