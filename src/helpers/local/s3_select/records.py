"""The records of an object as one Arrow table, before any SQL.

CSV values are text, as in S3 Select; columns are `_1`, `_2` … unless the header is used.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import zlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local.s3_select.errors import SelectError
from helpers.local.s3_select.request import SelectRequest


def table(content: bytes, request: SelectRequest, path: list[str]) -> pa.Table:
    """Return the records of `content`.

    Parameters
    ----------
    content
        The object's bytes.
    request
        Format, compression and scan range.
    path
        Steps of a JSON path after `S3Object`: keys, or `*` for the elements of an array.

    Raises
    ------
    SelectError
        If the object is not of the named format.
    """
    plain = _decompressed(content, request.compression)
    if request.input_format == "Parquet":
        return _parquet(plain, request)
    if request.input_format == "JSON":
        return _json(plain, request, path)
    return _csv(plain, request)


def _decompressed(content: bytes, compression: str) -> bytes:
    try:
        if compression == "GZIP":
            return gzip.decompress(content)
        if compression == "BZIP2":
            return bz2.decompress(content)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        code = "InvalidCompressionFormat"
        raise SelectError(code, f"The object is not {compression}-compressed.") from error
    return content


def _in_range(content: bytes, delimiter: bytes, request: SelectRequest) -> bytes:
    """Return the records that begin within the scan range."""
    if request.scan_range is None:
        return content
    start, end = request.scan_range
    first = 0 if start == 0 else content.find(delimiter, start - len(delimiter)) + len(delimiter)
    if start and first < len(delimiter):
        return b""
    if end is None:
        return content[first:]
    last = content.find(delimiter, end)
    return content[first:] if last < 0 else content[first : last + len(delimiter)]


def _csv(content: bytes, request: SelectRequest) -> pa.Table:
    options = request.input_options
    delimiter = (options.get("RecordDelimiter") or "\n").encode()
    header = options.get("FileHeaderInfo", "NONE").upper()
    quote = options.get("QuoteCharacter", '"') or None
    reading = {
        "delimiter": options.get("FieldDelimiter") or ",",
        "quotechar": quote,
        "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    }

    def rows(part: bytes) -> list[list[str]]:
        try:
            text = part.decode().replace(delimiter.decode(), "\n") if delimiter != b"\n" else part.decode()
        except UnicodeDecodeError as error:
            raise SelectError("InvalidTextEncoding", "The object is not UTF-8.") from error
        return [row for row in csv.reader(io.StringIO(text, newline=""), **reading) if row]  # type: ignore[arg-type]

    wanted = rows(_in_range(content, delimiter, request))
    names: list[str] = []
    if header in ("USE", "IGNORE"):
        first_line = rows(content[: content.find(delimiter) + len(delimiter)] if delimiter in content else content)
        names = first_line[0] if first_line and header == "USE" else []
        if request.scan_range is None or request.scan_range[0] == 0:
            wanted = wanted[1:]
    width = max((len(row) for row in [*wanted, names]), default=0)
    names = [names[place] if place < len(names) else f"_{place + 1}" for place in range(width)]
    columns = [[row[place] if place < len(row) else None for row in wanted] for place in range(width)]
    return pa.table([pa.array(column, pa.string()) for column in columns], names)


def _json(content: bytes, request: SelectRequest, path: list[str]) -> pa.Table:
    try:
        if request.input_options.get("Type", "").upper() == "DOCUMENT":
            documents, rest = [], content.decode().strip()
            while rest:
                document, end = json.JSONDecoder().raw_decode(rest)
                documents.append(document)
                rest = rest[end:].lstrip()
        else:
            lines = _in_range(content, b"\n", request).splitlines()
            documents = [json.loads(line) for line in lines if line.strip()]
    except ValueError as error:
        raise SelectError("JSONParsingError", f"Encountered an error parsing the JSON file: {error}") from error
    # The first `[*]` is the sequence of documents itself.
    steps = path[1:] if path[:1] == ["*"] else path
    return _arrow([_row(value) for value in _walk(documents, steps)])


def _walk(values: list[Any], steps: list[str]) -> list[Any]:
    for step in steps:
        if step == "*":
            values = [item for value in values for item in (value if isinstance(value, list) else [value])]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    return values


def _row(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"_1": value}


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table([_column([row.get(name) for row in rows]) for name in names], names)


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # Values of several types: their text is the one type they share.
        return pa.array([value if value is None or isinstance(value, str) else json.dumps(value) for value in values])


def _parquet(content: bytes, request: SelectRequest) -> pa.Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
    except pa.ArrowInvalid as error:
        raise SelectError("InvalidDataSource", f"The object is no Parquet file: {error}") from error
    if request.scan_range is None:
        return file.read()
    start, end = request.scan_range
    begins = [_begin(file, group) for group in range(file.num_row_groups)]
    groups = [group for group, begin in enumerate(begins) if begin >= start and (end is None or begin <= end)]
    return file.read_row_groups(groups)


def _begin(file: pq.ParquetFile, group: int) -> int:
    column = file.metadata.row_group(group).column(0)
    begin: int = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return begin
