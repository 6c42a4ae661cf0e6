"""Play a note in a notebook: a paragraph's SQL, and below it the result as it changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

from helpers.errors import LabError
from helpers.flink import FlinkSession
from helpers.live_table import watch
from helpers.zeppelin.catalog import NoteCatalog
from helpers.zeppelin.lint import interpreter
from helpers.zeppelin.note import read_note
from helpers.zeppelin.run import at_endpoint, is_query
from helpers.zeppelin.statements import split_statements

_TABLES = re.compile(r"(CREATE|ALTER|DROP)\b", re.IGNORECASE)
_APPEND = re.compile(r"\(.*type\s*=\s*append.*\)")


class NoSuchParagraphError(LabError):
    """A note has no paragraph of a title."""

    def __init__(self, path: Path, title: str, titles: list[str]) -> None:
        super().__init__(f"{path.name} has no paragraph {title!r}; it has {', '.join(titles)}.")


class NotePlayer:
    """The paragraphs of a note, played one by one in one session.

    Parameters
    ----------
    path
        The `.zpln` file.
    session
        Where its statements run.
    endpoint
        Endpoint URL of the local AWS, None for AWS itself.
    catalog
        Where the note's tables are written down, as in Studio; None for nowhere.

    Raises
    ------
    helpers.zeppelin.note.UnreadableNoteError
        If the file is no note.
    """

    def __init__(
        self, path: Path, session: FlinkSession, endpoint: str | None, catalog: NoteCatalog | None = None
    ) -> None:
        self._path, self._session, self._endpoint, self._catalog = path, session, endpoint, catalog
        self._paragraphs = {p.title: p for p in read_note(path) if interpreter(p) == "%flink.ssql"}

    def contents(self) -> pd.DataFrame:
        """Return the paragraphs of SQL.

        Returns
        -------
        DataFrame
            `paragraph` and `interpreter` (str), in the note's order.
        """
        rows = [(title, paragraph.directive) for title, paragraph in self._paragraphs.items()]
        return pd.DataFrame(rows, columns=["paragraph", "interpreter"])

    def play(
        self,
        title: str,
        *,
        rows: int | None = None,
        seconds: float | None = 30,
        quiet_seconds: float | None = None,
        enough: Callable[[pd.DataFrame], bool] = lambda result: False,
        shown_rows: int = 6,
    ) -> pd.DataFrame | None:
        """Show a paragraph, run it, and return the rows of its query; the bounds are those of `watch`.

        Raises
        ------
        NoSuchParagraphError
            If the note has no such paragraph.
        helpers.flink.StatementFailedError
            With the root cause in one line.
        """
        if title not in self._paragraphs:
            raise NoSuchParagraphError(self._path, title, list(self._paragraphs))
        paragraph = self._paragraphs[title]
        display(Markdown(f"`{paragraph.directive}`\n```sql\n{paragraph.text}\n```"))
        result = None
        statements = split_statements(at_endpoint(paragraph.text, self._endpoint))
        for statement in statements:
            if not is_query(statement):
                self._session.execute(statement)
                continue
            result = watch(
                self._session,
                statement,
                mode="append" if _APPEND.search(paragraph.directive) else "update",
                rows=rows,
                seconds=seconds,
                quiet_seconds=quiet_seconds,
                enough=enough,
                shown_rows=shown_rows,
            )
        if self._catalog is not None and any(map(_TABLES.match, statements)):
            self._catalog.follow(self._session)
        return result
