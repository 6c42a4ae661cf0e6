"""Named queries: SQL that a workgroup keeps under a name."""

from __future__ import annotations

import uuid
from typing import Any

from ministack.services import athena as emulated

from helpers.local.athena import workgroups
from helpers.local.athena.api_errors import RequestError
from helpers.local.athena.pages import page

_SHOWN = ("NamedQueryId", "Name", "Description", "Database", "QueryString", "WorkGroup")


class NamedQueryNotFoundError(RequestError):
    """No named query has that id."""

    def __init__(self, query_id: str) -> None:
        super().__init__(f"NamedQuery {query_id} was not found", "NAMED_QUERY_NOT_FOUND")


class TokenReusedError(RequestError):
    """A ClientRequestToken came back with another named query."""

    def __init__(self) -> None:
        super().__init__("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")


def _get(query_id: str) -> dict[str, Any]:
    record: dict[str, Any] | None = emulated._named_queries.get(query_id)
    if record is None:
        raise NamedQueryNotFoundError(query_id)
    return record


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _SHOWN if record.get(key)}


def create_named_query(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateNamedQuery; the same ClientRequestToken makes no second one."""
    name = workgroups.get(request.get("WorkGroup") or workgroups.PRIMARY)["Name"]
    record = {key: request[key] for key in _SHOWN if request.get(key)} | {"WorkGroup": name}
    token = request.get("ClientRequestToken")
    for held in emulated._named_queries.values():
        if token and held.get("_token") == token:
            if {**_shown(held), "NamedQueryId": None} != {**record, "NamedQueryId": None}:
                raise TokenReusedError()
            return {"NamedQueryId": held["NamedQueryId"]}
    query_id = str(uuid.uuid4())
    emulated._named_queries[query_id] = record | {"NamedQueryId": query_id, "_token": token}
    return {"NamedQueryId": query_id}


def update_named_query(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateNamedQuery."""
    record = _get(request["NamedQueryId"])
    record |= {key: request[key] for key in ("Name", "Description", "QueryString") if key in request}
    return {}


def get_named_query(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetNamedQuery."""
    return {"NamedQuery": _shown(_get(request["NamedQueryId"]))}


def batch_get_named_query(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetNamedQuery; ids without a query come back as unprocessed."""
    found, missing = [], []
    for query_id in request["NamedQueryIds"]:
        try:
            found.append(_shown(_get(query_id)))
        except NamedQueryNotFoundError as error:
            missing.append({"NamedQueryId": query_id, "ErrorCode": error.athena_code, "ErrorMessage": error.message})
    return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}


def list_named_queries(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListNamedQueries of one workgroup, the latest first."""
    name = workgroups.get(request.get("WorkGroup") or workgroups.PRIMARY)["Name"]
    ids = [key for key, record in emulated._named_queries.items() if record.get("WorkGroup") == name][::-1]
    listed, token = page(ids, request, 50)
    return {"NamedQueryIds": listed, **token}


def delete_named_query(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteNamedQuery."""
    _get(request["NamedQueryId"])
    emulated._named_queries.pop(request["NamedQueryId"], None)
    return {}
