"""JSON records to Parquet or ORC with the columns of a table of the Data Catalog.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from helpers.local import in_process
from helpers.local.athena.type_texts import UnknownTypeError, parse_type
from helpers.local.athena.types import DataType
from helpers.local.firehose.json_values import ValueMismatchError, arrow_type, converted
from helpers.local.firehose.records import Record
from helpers.local.in_process import ServiceCallError

_MALFORMED, _PARSE = "DataFormatConversion.MalformedData", "DataFormatConversion.ParseError"
_NO_TABLE = (
    "DataFormatConversion.EntityNotFound",
    "The specified table/database could not be found. Please ensure that the table/database exists and that the values "
    "provided in the schema configuration are correct, especially with regards to casing.",
)
_BAD_SCHEMA = (
    "DataFormatConversion.InvalidSchema",
    "The schema is invalid. The specified table has no usable columns.",
)
_WHITESPACE = " \t\r\n"


class ConversionError(Exception):
    """A record, or every record, cannot be converted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Misfit:
    """A record that does not fit the table."""

    record: Record
    code: str
    message: str


@dataclass(frozen=True)
class File:
    """A file of converted records, and the end of its name."""

    body: bytes
    extension: str


def to_file(configuration: dict[str, Any], records: list[Record]) -> tuple[File | None, list[Misfit]]:
    """Return a file of the records that fit, None if none does, and the others.

    Parameters
    ----------
    configuration
        `DataFormatConversionConfiguration` of the destination.
    """
    try:
        columns = _columns(configuration["SchemaConfiguration"])
    except ConversionError as error:
        return None, [Misfit(record, error.code, error.message) for record in records]
    reader = _Reader(configuration, columns)
    rows: list[list[Any]] = []
    misfits = []
    for record in records:
        try:
            rows += reader.rows(record.data)
        except ConversionError as error:
            misfits.append(Misfit(record, error.code, error.message))
    return (_written(configuration, columns, rows) if rows else None), misfits


def _columns(schema: dict[str, Any]) -> dict[str, DataType]:
    """Return the table's columns and their types."""
    named = {"DatabaseName": schema.get("DatabaseName", ""), "Name": schema.get("TableName", "")}
    try:
        table = in_process.call("glue", "GetTable", named)["Table"]
        columns = table["StorageDescriptor"]["Columns"]
        found = {column["Name"]: parse_type(column.get("Type", "string")) for column in columns}
    except ServiceCallError as error:
        raise ConversionError(*_NO_TABLE) from error
    except (KeyError, UnknownTypeError) as error:
        raise ConversionError(*_BAD_SCHEMA) from error
    if not found:
        raise ConversionError(*_BAD_SCHEMA)
    return found


class _Reader:
    """Reads records as the deserializer of a configuration does."""

    def __init__(self, configuration: dict[str, Any], columns: dict[str, DataType]) -> None:
        deserializer = (configuration.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
        openx = deserializer.get("OpenXJsonSerDe") or {}
        self._exact = openx.get("CaseInsensitive") is False
        self._dots = bool(openx.get("ConvertDotsInJsonKeysToUnderscores"))
        mapped = openx.get("ColumnToJsonKeyMappings") or {}
        self._columns = [(self._key(mapped.get(name, name)), name, kind) for name, kind in columns.items()]

    def rows(self, data: bytes) -> list[list[Any]]:
        """Return the values of each object in a record, in the order of the columns."""
        return [self._row(document) for document in _documents(data)]

    def _row(self, document: dict[str, Any]) -> list[Any]:
        fields = {self._key(key.replace(".", "_") if self._dots else key): value for key, value in document.items()}
        values = []
        for key, name, kind in self._columns:
            try:
                values.append(converted(fields.get(key), kind))
            except ValueMismatchError as error:
                message = f"Data does not match the schema. Error parsing field value for field {name}: {error}"
                raise ConversionError(_MALFORMED, message) from error
        return values

    def _key(self, text: str) -> str:
        return text if self._exact else text.lower()


def _documents(data: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects in a record: one, or several one after the other."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ConversionError(_PARSE, "Encountered malformed JSON.") from error
    if not text.strip():
        raise ConversionError(_MALFORMED, "The record was empty or contained only whitespace.")
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at] in _WHITESPACE:
            at += 1
            continue
        try:
            document, at = decoder.raw_decode(text, at)
        except ValueError as error:
            raise ConversionError(_PARSE, "Encountered malformed JSON.") from error
        if not isinstance(document, dict):
            raise ConversionError(
                _MALFORMED,
                "The input JSON contained a primitive at the top level. The top level must be an object or array.",
            )
        found.append(document)
    return found


def _written(configuration: dict[str, Any], columns: dict[str, DataType], rows: list[list[Any]]) -> File:
    schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in columns.items()])
    arrays = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    serializer = configuration["OutputFormatConfiguration"].get("Serializer") or {}
    file = io.BytesIO()
    if "OrcSerDe" in serializer:
        compression = {"NONE": "uncompressed", "ZLIB": "zlib"}.get(serializer["OrcSerDe"].get("Compression"), "snappy")
        orc.write_table(table, file, compression=compression)
        return File(file.getvalue(), ".orc")
    chosen = (serializer.get("ParquetSerDe") or {}).get("Compression", "SNAPPY")
    pq.write_table(table, file, compression={"UNCOMPRESSED": "none"}.get(chosen, chosen.lower()))
    return File(file.getvalue(), ".parquet")
