"""The files that a query leaves in its output location.

Names as in "Find query output files in Amazon S3" of the Athena User Guide: `ID.csv` for rows, `ID.txt`
for DDL and utility statements, the bare `ID` for statements that write data elsewhere, a `tables/`
folder for CREATE TABLE AS; beside each a `.metadata` file, and a manifest of the data files written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from helpers.local.athena.model import Column, QueryResult
from helpers.local.athena.result_metadata import ResultMetadata, encode, result_column
from helpers.local.athena.result_store import OutputLocation
from helpers.local.athena.text_forms import to_text
from helpers.local.athena.type_texts import parse_type
from helpers.local.athena.types import DataType

_ROWS_COLUMN = Column("rows", "bigint")
_CSV_STATEMENTS = ("SELECT", "EXECUTE", "UPDATE", "DELETE", "MERGE", "SHOW_FUNCTIONS")
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_BARE_STATEMENTS = ("INSERT", "UNLOAD")
CREATE_TABLE_AS = "CREATE_TABLE_AS_SELECT"
_UPDATE_TYPES = {CREATE_TABLE_AS: "CREATE TABLE", "INSERT": "INSERT", "UNLOAD": "UNLOAD"}


def file_name(query_id: str, substatement_type: str) -> str:
    """Return the name of the result file within the output location."""
    if substatement_type == CREATE_TABLE_AS:
        return f"tables/{query_id}"
    if substatement_type in _BARE_STATEMENTS:
        return query_id
    return f"{query_id}.csv" if substatement_type in _CSV_STATEMENTS else f"{query_id}.txt"


def manifest_name(query_id: str, substatement_type: str) -> str | None:
    """Return the name of the manifest, None for a statement that writes no data."""
    if substatement_type not in _UPDATE_TYPES:
        return None
    return f"{file_name(query_id, substatement_type)}-manifest.csv"


def write(location: OutputLocation, query_id: str, substatement_type: str, result: QueryResult) -> None:
    """Write what `result` leaves in S3: the rows, the `.metadata` file, the manifest.

    Raises
    ------
    AthenaQueryError
        If S3 refuses a file.
    """
    name = file_name(query_id, substatement_type)
    if result.rows_written is None:
        writer = _csv if name.endswith(".csv") else _text
        location.write(name, b"".join(writer(result)), _content_type(result))
        metadata = ResultMetadata(query_id, [result_column(column) for column in result.columns])
    else:
        metadata = ResultMetadata(
            query_id,
            [result_column(_ROWS_COLUMN)],
            _UPDATE_TYPES.get(substatement_type, substatement_type),
            result.rows_written,
        )
        manifest = manifest_name(query_id, substatement_type)
        if manifest is not None:
            location.write(manifest, "".join(f"{uri}\n" for uri in result.written_objects).encode())
    location.write(f"{name}.metadata", encode(metadata), _content_type(result))


def write_failure(location: OutputLocation, query_id: str, substatement_type: str, reason: str) -> None:
    """Write the reason of a failed DDL or utility statement where its result would be."""
    name = file_name(query_id, substatement_type)
    if name.endswith(".txt") and substatement_type != "EXPLAIN":
        location.write(name, reason.encode())


def _content_type(result: QueryResult) -> str:
    planned = result.statement_type == "DML" or result.substatement_type in (
        CREATE_TABLE_AS,
        "DESCRIBE_TABLE",
        "SHOW_CREATE_TABLE",
        "SHOW_FUNCTIONS",
    )
    return "application/octet-stream" if planned else "binary/octet-stream"


def _csv(result: QueryResult) -> Iterator[bytes]:
    yield (",".join(_quoted(column.name) for column in result.columns) + "\n").encode()
    writers = [_writer(parse_type(column.type)) for column in result.columns]
    for row in result.rows:
        fields = ["" if value is None else write(value) for write, value in zip(writers, row, strict=True)]
        yield (",".join(fields) + "\n").encode()


def _writer(kind: DataType) -> Callable[[Any], str]:
    """Return what writes a value of a type as a CSV field; the commonest types take a short way."""
    if kind.name in _INTEGERS:
        return '"{}"'.format
    if kind.name == "varchar":
        return _quoted
    return lambda value: _quoted(to_text(value, kind) or "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(result: QueryResult) -> Iterator[bytes]:
    lines = [column.name for column in result.columns] if result.substatement_type == "EXPLAIN" else []
    kinds = [parse_type(column.type) for column in result.columns]
    for row in result.rows:
        # A row of DESCRIBE may come as one text for several columns: Athena's own is so.
        texts = [to_text(value, kind) for value, kind in zip(row, kinds, strict=False)]
        lines.append("\t".join(text or "" for text in texts))
    yield "\n".join(lines).encode()
