"""Prepared statements: through the API, and in SQL by PREPARE, EXECUTE and DEALLOCATE PREPARE.

https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
"""

from __future__ import annotations

import re
import time
from typing import Any

import sqlglot
from ministack.services import athena as emulated
from sqlglot import TokenType

from helpers.local.athena import workgroups
from helpers.local.athena.api_errors import RequestError, ResourceNotFoundError
from helpers.local.athena.model import AthenaQueryError, QueryResult
from helpers.local.athena.pages import page

STATEMENTS = ("PREPARE", "DEALLOCATE")
_QUOTA = 1000  # prepared statements of one workgroup

_COMMENTS = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"
_NAME = r'(?P<name>"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_@:]*)'
_PREPARE = re.compile(rf"{_COMMENTS}*PREPARE{_COMMENTS}+{_NAME}{_COMMENTS}+FROM{_COMMENTS}+(?P<sql>.+)", re.I | re.S)
_DEALLOCATE = re.compile(
    rf"{_COMMENTS}*DEALLOCATE{_COMMENTS}+PREPARE{_COMMENTS}+{_NAME}{_COMMENTS}*;?{_COMMENTS}*", re.I | re.S
)
_EXECUTE = re.compile(
    rf"{_COMMENTS}*EXECUTE{_COMMENTS}+{_NAME}(?:{_COMMENTS}+USING{_COMMENTS}+(?P<values>.+?))?{_COMMENTS}*;?\s*",
    re.I | re.S,
)


class StatementExistsError(RequestError):
    """The name of a new prepared statement is taken."""

    def __init__(self, name: str, workgroup: str) -> None:
        super().__init__(f"Prepared Statement {name} already exists in WorkGroup {workgroup}")


class StatementQuotaError(RequestError):
    """The workgroup holds as many prepared statements as it may."""

    def __init__(self) -> None:
        super().__init__(f"The number of prepared statements in the WorkGroup exceeds the limit of {_QUOTA}")


def _key(workgroup: str, name: str) -> str:
    return f"{workgroup}/{name}"


def _find(workgroup: str, name: str) -> dict[str, Any] | None:
    record: dict[str, Any] | None = emulated._prepared_statements.get(_key(workgroup, name))
    return record


def _save(workgroup: str, name: str, sql: str, description: str | None) -> None:
    emulated._prepared_statements[_key(workgroup, name)] = {
        "StatementName": name,
        "QueryStatement": sql,
        "WorkGroupName": workgroup,
        "LastModifiedTime": round(time.time(), 3),
    } | ({"Description": description} if description else {})


def _of(workgroup: str) -> list[dict[str, Any]]:
    records = [record for record in emulated._prepared_statements.values() if record["WorkGroupName"] == workgroup]
    return sorted(records, key=lambda record: str(record["StatementName"]))


def create_prepared_statement(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreatePreparedStatement."""
    workgroup, name = request["WorkGroup"], request["StatementName"]
    workgroups.get(workgroup)
    if _find(workgroup, name) is not None:
        raise StatementExistsError(name, workgroup)
    if len(_of(workgroup)) >= _QUOTA:
        raise StatementQuotaError()
    _save(workgroup, name, request["QueryStatement"], request.get("Description"))
    return {}


def update_prepared_statement(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdatePreparedStatement."""
    workgroup, name = request["WorkGroup"], request["StatementName"]
    workgroups.get(workgroup)
    held = _find(workgroup, name)
    if held is None:
        raise ResourceNotFoundError(f"PreparedStatement {name} was not found in WorkGroup {workgroup}")
    _save(workgroup, name, request["QueryStatement"], request.get("Description", held.get("Description")))
    return {}


def get_prepared_statement(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetPreparedStatement."""
    workgroup, name = request["WorkGroup"], request["StatementName"]
    workgroups.get(workgroup)
    record = _find(workgroup, name)
    if record is None:
        raise ResourceNotFoundError(f"No Prepared Statement with statement name {name} exists in WorkGroup {workgroup}")
    return {"PreparedStatement": record}


def batch_get_prepared_statement(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetPreparedStatement."""
    workgroup = request["WorkGroup"]
    workgroups.get(workgroup)
    found = {name: _find(workgroup, name) for name in request["PreparedStatementNames"]}
    return {
        "PreparedStatements": [record for record in found.values() if record is not None],
        "UnprocessedPreparedStatementNames": [
            {
                "StatementName": name,
                "ErrorCode": "STATEMENT_NOT_FOUND",
                "ErrorMessage": f"PreparedStatement {name} was not found in WorkGroup {workgroup}",
            }
            for name, record in found.items()
            if record is None
        ],
    }


def list_prepared_statements(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListPreparedStatements, in the order of the names."""
    workgroups.get(request["WorkGroup"])
    summaries = [
        {"StatementName": record["StatementName"], "LastModifiedTime": record["LastModifiedTime"]}
        for record in _of(request["WorkGroup"])
    ]
    listed, token = page(summaries, request, 50)
    return {"PreparedStatements": listed, **token}


def delete_prepared_statement(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeletePreparedStatement."""
    workgroup, name = request["WorkGroup"], request["StatementName"]
    workgroups.get(workgroup)
    if emulated._prepared_statements.pop(_key(workgroup, name), None) is None:
        raise ResourceNotFoundError(f"PreparedStatement {name} was not found in WorkGroup {workgroup}")
    return {}


def run(sql: str, workgroup: str) -> QueryResult:
    """Run a PREPARE or a DEALLOCATE PREPARE.

    Raises
    ------
    AthenaQueryError
        If the statement to deallocate does not exist.
    """
    match = _PREPARE.fullmatch(sql)
    if match is not None:
        # PREPARE of a name that is taken replaces the statement (Athena User Guide, PREPARE).
        _save(workgroup, _name(match), match["sql"].rstrip().rstrip(";"), None)
        return QueryResult("UTILITY", "PREPARE")
    match = _DEALLOCATE.fullmatch(sql)
    if match is None or emulated._prepared_statements.pop(_key(workgroup, _name(match)), None) is None:
        name = _name(match) if match else sql
        raise AthenaQueryError(f"PreparedStatement {name} was not found in WorkGroup {workgroup}", 2, 1000)
    return QueryResult("UTILITY", "DEALLOCATE")


def resolve_execute(sql: str, workgroup: str) -> tuple[str, list[str]] | None:
    """Return the statement and the USING values of an EXECUTE, None if `sql` is none.

    Raises
    ------
    RequestError
        If there is no such prepared statement.
    """
    match = _EXECUTE.fullmatch(sql)
    if match is None:
        return None
    record = _find(workgroup, _name(match))
    if record is None:
        raise RequestError(f"PreparedStatement {_name(match)} was not found in workGroup {workgroup}")
    return record["QueryStatement"], split_values(match["values"] or "")


def split_values(text: str) -> list[str]:
    """Return the expressions of a comma-separated list, as SQL text."""
    if not text.strip():
        return []
    values, depth, start = [], 0, 0
    for token in sqlglot.tokenize(text, read="trino"):
        if token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET):
            depth += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET):
            depth -= 1
        elif token.token_type is TokenType.COMMA and depth == 0:
            values.append(text[start : token.start].strip())
            start = token.end + 1
    return [*values, text[start:].strip()]


def _name(match: re.Match[str]) -> str:
    name = match["name"]
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
