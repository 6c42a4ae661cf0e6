"""The Glue tables that a note's CREATE TABLE leaves, as in Flink Studio.

Studio's tables are those of a Glue database. The laptop's Flink keeps tables in memory, so what a note
makes is written to Glue here. AWS documents the keys of event time alone, `managed-flink.rowtime`:
https://docs.aws.amazon.com/managed-flink/latest/java/how-zeppelin-glue-properties.html
"""

from __future__ import annotations

import re
from typing import Any

from helpers.flink import FlinkSession

_OPTION = re.compile(r"'([^']+)'\s*=\s*'([^']*)'")
_PARAMETERS = re.compile(r"\(.*|\s+NOT NULL| \*\w+\*")
# Where the local AWS is; on AWS no table has it.
_LOCAL_OPTION = "aws.endpoint"
# Flink's types as Glue names them; what is not here is a string there.
_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INT": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "DECIMAL": "decimal",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_LTZ": "timestamp",
}


class NoteCatalog:
    """The Glue database of a Studio application.

    Parameters
    ----------
    glue
        boto3 client.
    database
        Name of the database; it must exist.
    """

    def __init__(self, glue: Any, database: str) -> None:
        self._glue, self._database = glue, database
        self._written: set[str] = set()

    def follow(self, session: FlinkSession) -> None:
        """Make Glue's tables those of the session: new ones are written, dropped ones deleted."""
        tables = set(session.query("SHOW TABLES").iloc[:, 0])
        for name in sorted(tables):
            self._write(_table(session, name))
        for name in sorted(self._written - tables):
            self._glue.delete_table(DatabaseName=self._database, Name=name)
        self._written = tables

    def _write(self, table: dict[str, Any]) -> None:
        try:
            self._glue.create_table(DatabaseName=self._database, TableInput=table)
        except self._glue.exceptions.AlreadyExistsException:
            self._glue.update_table(DatabaseName=self._database, TableInput=table)


def _table(session: FlinkSession, name: str) -> dict[str, Any]:
    """Return a Flink table as Glue's TableInput."""
    described = session.query(f"DESCRIBE `{name}`")
    statement = str(session.query(f"SHOW CREATE TABLE `{name}`").iloc[0, 0])
    options = dict(_OPTION.findall(statement.rpartition("WITH (")[2]))
    options.pop(_LOCAL_OPTION, None)
    columns = list(zip(described["name"], described["type"], strict=True))
    for column, kind in columns:
        if "*ROWTIME*" in kind:
            options["managed-flink.rowtime"] = column
    return {
        "Name": name.lower(),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": options,
        "StorageDescriptor": {
            "Location": options.get("stream", ""),
            "Columns": [{"Name": column.lower(), "Type": _glue_type(kind)} for column, kind in columns],
        },
    }


def _glue_type(flink_type: str) -> str:
    kind = _TYPES.get(_PARAMETERS.sub("", flink_type), "string")
    precision = re.search(r"\([\d, ]+\)", flink_type)
    return kind + precision[0].replace(" ", "") if kind == "decimal" and precision else kind
