"""GetQueryResults: rows read back from the result file, page by page.

A token holds the byte offset of the next row, so that a page costs the same wherever it lies.
"""

from __future__ import annotations

import re
from typing import Any

from helpers.local.athena import result_metadata, result_store
from helpers.local.athena.api_errors import RequestError
from helpers.local.athena.pages import MalformedTokenError, decode_token, encode_token

MAX_ROWS = 1000  # GetQueryResults, MaxResults; also the default

# A quoted value, or nothing for NULL, and what ends it.
_CSV_FIELD = re.compile(rb'(?:"((?:[^"]++|"")*+)")?([,\n])')


class MaxResultsError(RequestError):
    """More rows were asked for than a page may have."""

    def __init__(self) -> None:
        super().__init__(f"MaxResults is more than maximum allowed length {MAX_ROWS}")


class ResultNotFoundError(RequestError):
    """The query was cancelled, or its result file has been deleted."""

    def __init__(self) -> None:
        super().__init__("Could not find results", "RESULT_NOT_FOUND")


class NoManifestError(RequestError):
    """A manifest was asked of a statement that writes none."""

    def __init__(self) -> None:
        super().__init__("DATA_MANIFEST is supported only for CREATE TABLE AS SELECT, UNLOAD and INSERT queries.")


def result_page(uri: str, rows_written: bool, request: dict[str, Any]) -> dict[str, Any]:
    """Return ResultSet and NextToken for one page of a finished query.

    Parameters
    ----------
    uri
        The result file.
    rows_written
        Whether the statement wrote rows elsewhere, so that there are none to show.
    request
        The GetQueryResults request.

    Raises
    ------
    RequestError
        `RESULT_NOT_FOUND` if the files are gone, `INVALID_INPUT` for a token that is none of ours.
    """
    described = result_store.read(f"{uri}.metadata")
    content = memoryview(b"") if rows_written else result_store.read(uri)
    if described is None or content is None:
        raise ResultNotFoundError()
    columns = result_metadata.decode(described).columns
    rows, token = _rows(content, uri.endswith(".csv"), request)
    return _answer([column.info() for column in columns], rows) | token


def manifest_page(uri: str | None, request: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest's lines as rows, for QueryResultType DATA_MANIFEST.

    Raises
    ------
    RequestError
        If the statement has no manifest, or it has been deleted.
    """
    if uri is None:
        raise NoManifestError()
    content = result_store.read(uri)
    if content is None:
        raise ResultNotFoundError()
    rows, token = _rows(memoryview(bytes(content).rstrip(b"\n")), False, request)
    column = result_metadata.ResultColumn("manifest", "varchar", 2147483647)
    return _answer([column.info()], rows) | token


def _answer(columns: list[dict[str, Any]], rows: list[list[str | None]]) -> dict[str, Any]:
    data = [{"Data": [{} if text is None else {"VarCharValue": text} for text in row]} for row in rows]
    return {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": columns}}}


def _rows(content: memoryview, is_csv: bool, request: dict[str, Any]) -> tuple[list[list[str | None]], dict[str, str]]:
    size = request.get("MaxResults") or MAX_ROWS
    token = request.get("NextToken")
    place = decode_token(token) if token else 0
    if token and place > len(content) + 1:
        raise MalformedTokenError(token)
    read_row = _read_csv_row if is_csv else _read_line
    # The place after the last line that has no line end.
    end = len(content) if is_csv else len(content) + 1
    rows: list[list[str | None]] = []
    while place < end and len(rows) < size and len(content):
        row, place = read_row(content, place)
        rows.append(row)
    # As in AWS, a page that is full has a token even if nothing is left.
    return rows, ({"NextToken": encode_token(place)} if len(rows) == size else {})


def _read_csv_row(content: memoryview, place: int) -> tuple[list[str | None], int]:
    row: list[str | None] = []
    while True:
        match = _CSV_FIELD.match(content, place)
        if match is None:
            raise ResultNotFoundError()
        value = match[1]
        row.append(None if value is None else bytes(value).replace(b'""', b'"').decode())
        place = match.end()
        if bytes(match[2]) == b"\n":
            return row, place


_LINE = re.compile(rb"[^\n]*+")


def _read_line(content: memoryview, place: int) -> tuple[list[str | None], int]:
    match = _LINE.match(content, place)
    end = match.end() if match else place
    return [bytes(content[place:end]).decode()], end + 1
