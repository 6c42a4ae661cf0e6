"""The Data Catalog's requests come here; all else of Glue stays the emulator's."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import get_account_id

from helpers.local import request_validation
from helpers.local.glue import databases, partitions, search, tables
from helpers.local.glue.errors import CatalogError, NotFoundError

_LOGGER = logging.getLogger(__name__)
_TARGET = "AWSGlue."
_CONTENT_TYPE = "application/x-amz-json-1.1"

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]

_ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "CreateDatabase": databases.create_database,
    "GetDatabase": databases.get_database,
    "GetDatabases": databases.get_databases,
    "UpdateDatabase": databases.update_database,
    "DeleteDatabase": databases.delete_database,
    "CreateTable": tables.create_table,
    "GetTable": tables.get_table,
    "GetTables": tables.get_tables,
    "UpdateTable": tables.update_table,
    "DeleteTable": tables.delete_table,
    "BatchDeleteTable": tables.batch_delete_table,
    "GetTableVersion": tables.get_table_version,
    "GetTableVersions": tables.get_table_versions,
    "DeleteTableVersion": tables.delete_table_version,
    "BatchDeleteTableVersion": tables.batch_delete_table_version,
    "SearchTables": search.search_tables,
    "CreatePartition": partitions.create_partition,
    "BatchCreatePartition": partitions.batch_create_partition,
    "GetPartition": partitions.get_partition,
    "GetPartitions": partitions.get_partitions,
    "BatchGetPartition": partitions.batch_get_partition,
    "UpdatePartition": partitions.update_partition,
    "BatchUpdatePartition": partitions.batch_update_partition,
    "DeletePartition": partitions.delete_partition,
    "BatchDeletePartition": partitions.batch_delete_partition,
}


def install(handlers: dict[str, Any]) -> None:
    """Put this Data Catalog in front of the emulator's Glue."""
    emulated: Handler = handlers["glue"]

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        action = headers.get("x-amz-target", "").removeprefix(_TARGET)
        if action not in _ACTIONS:
            return await emulated(method, path, headers, body, query_params)
        return answer(_ACTIONS[action], action, body)

    handlers["glue"] = handle_request


def answer(act: Callable[[dict[str, Any]], dict[str, Any]], action: str, body: bytes) -> Response:
    """Validate a request of Glue, act on it, and return the answer or AWS's refusal."""
    try:
        request = _request(action, body)
        if request.get("CatalogId") not in (None, get_account_id()):
            raise NotFoundError(f"Catalog {request['CatalogId']} not found.")
        return 200, {"Content-Type": _CONTENT_TYPE}, json.dumps(act(request)).encode()
    except CatalogError as error:
        return _refusal(error)


def _request(action: str, body: bytes) -> dict[str, Any]:
    try:
        request: dict[str, Any] = json.loads(body or b"{}")
        message = request_validation.violations("glue", action, request)
    except (ValueError, request_validation.SerializationError) as error:
        raise CatalogError("SerializationException", str(error)) from error
    if message is not None:
        raise CatalogError("ValidationException", message)
    return request


def _refusal(error: CatalogError) -> Response:
    _LOGGER.debug("%s: %s", error.code, error.message)
    headers = {"Content-Type": _CONTENT_TYPE, "x-amzn-errortype": error.code}
    return 400, headers, json.dumps({"__type": error.code, "Message": error.message}).encode()
