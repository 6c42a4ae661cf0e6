"""`%%ssql`: a cell of Flink SQL in a notebook, as `%flink.ssql` is a paragraph of a Zeppelin note.

    %load_ext helpers.ssql

    %%ssql --type update --seconds 10
    SELECT user_id, COUNT(*) AS actions FROM shop_events GROUP BY user_id

The cell needs a `helpers.flink.FlinkSession` in the notebook's variable `flink`.
"""

from __future__ import annotations

import os

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import MagicArgumentParser

from helpers.errors import LabError
from helpers.flink import FlinkSession
from helpers.live_table import watch
from helpers.zeppelin.run import at_endpoint, is_query
from helpers.zeppelin.statements import split_statements

_PARSER = MagicArgumentParser("%%ssql")
_PARSER.add_argument("--type", choices=("append", "update"), default="update", help="the latest rows, or the table")
_PARSER.add_argument("--rows", type=int, help="stop when the result has this many rows")
_PARSER.add_argument("--seconds", type=float, default=30.0, help="stop after this time")
_PARSER.add_argument("--quiet", type=float, help="stop when nothing has changed for so many seconds")
_PARSER.add_argument("--show", type=int, default=8, help="how many rows to show")
_PARSER.add_argument("--out", help="name of the variable that keeps the result")


class NoSessionError(LabError):
    """The notebook has no session to run the cell in."""

    def __init__(self) -> None:
        super().__init__("%%ssql finds no Flink session: run `flink = lab.flink()` in a cell above.")


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make `%%ssql` known to a notebook."""
    shell.register_magic_function(ssql, "cell")  # type: ignore[arg-type]


def ssql(line: str, cell: str) -> None:
    """Run the statements of the cell; a query's result is shown as it grows or changes."""
    shell = InteractiveShell.instance()
    arguments = _PARSER.parse_args(line.split())
    session = shell.user_ns.get("flink")
    if not isinstance(session, FlinkSession):
        raise NoSessionError()
    for statement in split_statements(at_endpoint(cell, os.environ.get("AWS_ENDPOINT_URL"))):
        if is_query(statement):
            result = watch(
                session,
                statement,
                mode=arguments.type,
                rows=arguments.rows,
                seconds=arguments.seconds,
                quiet_seconds=arguments.quiet,
                shown_rows=arguments.show,
            )
            if arguments.out:
                shell.user_ns[arguments.out] = result
        else:
            session.execute(statement)
