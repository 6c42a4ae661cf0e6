"""What a data set reads: its physical tables, asked of the local Athena."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from helpers.local import in_process
from helpers.local.aws_error import AwsError
from helpers.local.quicksight import store

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.005, 0.1
_INTEGERS = ("tinyint", "smallint", "integer", "int", "bigint")
_DECIMALS = ("real", "float", "double", "decimal")
_MOMENTS = ("date", "timestamp", "timestamp with time zone")
# Types of Athena that a column of a data set's type can be read from; text can be anything.
_READ_FROM = {
    "INTEGER": _INTEGERS,
    "DECIMAL": (*_INTEGERS, *_DECIMALS),
    "DATETIME": _MOMENTS,
    "BIT": ("boolean",),
    "BOOLEAN": ("boolean",),
}


class SourceError(Exception):
    """The source cannot be read; `kind` is an `IngestionErrorType` of the service model."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Reading:
    """What was read from a source; `size_bytes` is that of the query's result in S3."""

    rows: int
    size_bytes: int


def declared_columns(table: dict[str, Any]) -> list[dict[str, str]]:
    """Return the columns that a physical table is said to have, of whatever kind it is."""
    (kind,) = table
    columns: list[dict[str, str]] = table[kind].get("Columns" if kind == "CustomSql" else "InputColumns", [])
    return columns


def read(table: dict[str, Any]) -> Reading:
    """Run the query of a physical table to its end, and hold its columns against the declared ones.

    Raises
    ------
    SourceError
        If the data source is gone or is not Athena, the query fails, or a column is missing or of another type.
    """
    (kind,) = table
    source = _data_source(table[kind]["DataSourceArn"])
    if source.type != "ATHENA" or kind not in ("CustomSql", "RelationalTable"):
        raise SourceError("CONNECTION_FAILURE", f"The local AWS reads from Athena alone, not from {source.type}.")
    workgroup = source.members.get("DataSourceParameters", {}).get("AthenaParameters", {}).get("WorkGroup", "primary")
    execution = _run(_sql(kind, table[kind]), workgroup)
    query_id = execution["QueryExecutionId"]
    results = in_process.call("athena", "GetQueryResults", {"QueryExecutionId": query_id, "MaxResults": 1})
    _check_columns(declared_columns(table), results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"])
    statistics = in_process.call("athena", "GetQueryRuntimeStatistics", {"QueryExecutionId": query_id})
    rows = statistics["QueryRuntimeStatistics"].get("Rows", {})
    bucket, _, key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
    return Reading(int(rows.get("OutputRows", 0)), in_process.stored_object(bucket, key).size)


def _data_source(arn: str) -> store.DataSource:
    for source in store.here().data_sources.values():
        if source.arn == arn:
            return source
    raise SourceError("DATA_SOURCE_NOT_FOUND", f"The data source {arn} does not exist.")


def _sql(kind: str, table: dict[str, Any]) -> str:
    if kind == "CustomSql":
        return str(table["SqlQuery"])
    names = [table.get("Catalog", "AwsDataCatalog"), *([table["Schema"]] if "Schema" in table else []), table["Name"]]
    columns = ", ".join(_quoted(column["Name"]) for column in table["InputColumns"])
    return f"SELECT {columns} FROM {'.'.join(map(_quoted, names))}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _run(sql: str, workgroup: str) -> dict[str, Any]:
    try:
        started = in_process.call("athena", "StartQueryExecution", {"QueryString": sql, "WorkGroup": workgroup})
    except AwsError as error:
        raise SourceError("SQL_EXCEPTION", error.message) from error
    query_id = str(started["QueryExecutionId"])
    pause = _FIRST_PAUSE_SECONDS
    while True:
        found = in_process.call("athena", "GetQueryExecution", {"QueryExecutionId": query_id})
        execution: dict[str, Any] = found["QueryExecution"]
        status = execution["Status"]
        if status["State"] == "SUCCEEDED":
            return execution
        if status["State"] in ("FAILED", "CANCELLED"):
            reason = str(status.get("StateChangeReason", ""))
            missing = any(word in reason for word in ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND"))
            raise SourceError("SQL_TABLE_NOT_FOUND" if missing else "SQL_EXCEPTION", reason)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _check_columns(declared: list[dict[str, str]], found: list[dict[str, Any]]) -> None:
    types = {column["Name"].lower(): str(column["Type"]).partition("(")[0].strip() for column in found}
    for column in declared:
        name, kind = column["Name"], column["Type"]
        actual = types.get(name.lower())
        if actual is None:
            raise SourceError("SQL_SCHEMA_MISMATCH_ERROR", f"The query gives no column {name}.")
        if kind in _READ_FROM and actual not in _READ_FROM[kind]:
            raise SourceError("SQL_SCHEMA_MISMATCH_ERROR", f"Column {name} is {actual}, which is no {kind}.")
