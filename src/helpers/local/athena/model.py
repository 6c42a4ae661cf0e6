"""What the parts of the local Athena hand to each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

StatementType = Literal["DML", "DDL", "UTILITY"]


@dataclass(frozen=True)
class Column:
    """One result column.

    Parameters
    ----------
    name
        As Athena names it; unnamed expressions are `_col0`, `_col1` …
    type
        Trino type in lower case, such as `varchar`, `decimal(10,2)`, `array(row(a integer))`.
    """

    name: str
    type: str


@dataclass(frozen=True)
class QueryContext:
    """What a query runs with.

    Parameters
    ----------
    query_id
        QueryExecutionId; names the result files.
    catalog, database
        Defaults for unqualified names.
    output_location
        `s3://…/` folder of the results, workgroup and client settings already weighed.
    s3_headers
        Headers that every written object needs (encryption, ACL, owner).
    bytes_cutoff
        Scan limit of the workgroup in bytes, None without one.
    cancelled
        Set by StopQueryExecution.
    """

    query_id: str
    catalog: str
    database: str
    output_location: str
    s3_headers: dict[str, str] = field(default_factory=dict)
    bytes_cutoff: int | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass
class QueryResult:
    """What a finished query yields.

    Parameters
    ----------
    statement_type, substatement_type
        As GetQueryExecution shows them: `DML`/`SELECT`, `DDL`/`CREATE_TABLE` …
    columns
        Result columns, empty if the statement returns no rows.
    rows
        One tuple a row, Python values (None, bool, int, float, Decimal, str, bytes, date, time,
        datetime, list, dict for map, tuple or dict for row).
    bytes_scanned
        Bytes read from S3.
    written_objects
        `s3://` URIs of the data files that CTAS, INSERT or UNLOAD wrote; they go into the manifest.
    rows_written
        Rows that CTAS, INSERT or UNLOAD wrote, else None.
    """

    statement_type: StatementType
    substatement_type: str
    columns: list[Column] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    bytes_scanned: int = 0
    written_objects: list[str] = field(default_factory=list)
    rows_written: int | None = None


class AthenaQueryError(Exception):
    """A query failed; becomes state FAILED with AWS's reason and error object.

    Parameters
    ----------
    reason
        StateChangeReason as Athena words it, such as `SYNTAX_ERROR: line 1:8: Column 'x' cannot be resolved`.
    category
        ErrorCategory: 1 system, 2 user, 3 other.
    error_type
        Athena's error type number (Athena error catalog).
    """

    def __init__(self, reason: str, category: int = 2, error_type: int = 1006) -> None:
        super().__init__(reason)
        self.reason = reason
        self.category = category
        self.error_type = error_type
