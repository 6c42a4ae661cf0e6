"""Tables by their names in a DDL statement, and their entries in the Data Catalog."""

from __future__ import annotations

from typing import Any

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.errors import DdlError
from helpers.local.athena.model import QueryContext
from helpers.local.athena.statements import TableName

# How Hive's errors begin.
TASK = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask"


class Located:
    """A table's name with the context's database where it names none."""

    def __init__(self, name: TableName, context: QueryContext) -> None:
        self.database = name.database or context.database
        self.table = name.table

    def entry(self) -> dict[str, Any]:
        """Return the Data Catalog's entry.

        Raises
        ------
        DdlError
            If there is no such table.
        """
        found = tables.glue_entry(self.database, self.table)
        if found is None:
            raise DdlError(f"SemanticException [Error 10001]: Table not found {self.database}.{self.table}")
        return found

    def request(self) -> dict[str, Any]:
        return {"DatabaseName": self.database, "TableName": self.table}


def table_input(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an entry that UpdateTable takes."""
    taken = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText")
    more = ("ViewExpandedText", "TableType", "Parameters")
    return {key: entry[key] for key in (*taken, *more) if key in entry}


def update(located: Located, entry: dict[str, Any]) -> None:
    """Store a changed entry."""
    in_process.call("glue", "UpdateTable", {"DatabaseName": located.database, "TableInput": table_input(entry)})
