"""Partitions of a table in the Data Catalog."""

from __future__ import annotations

import copy
import time
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import glue as emulated

from helpers.local.glue import tables
from helpers.local.glue.errors import CatalogError, ExistsError, InvalidInputError, NotFoundError
from helpers.local.glue.paging import page

_MEMBERS = ("Values", "StorageDescriptor", "Parameters", "LastAccessTime", "LastAnalyzedTime")


class PartitionNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("Partition not found.")


class ValueCountError(InvalidInputError):
    """A partition has more or fewer values than the table has partition keys."""

    def __init__(self) -> None:
        super().__init__("The number of partition keys do not match the number of partition values")


def _held(request: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    table = tables.existing(request["DatabaseName"], request["TableName"])
    held: list[dict[str, Any]] = emulated._partitions.setdefault(
        tables.key_of(table["DatabaseName"], table["Name"]), []
    )
    return table, held


def _place(held: list[dict[str, Any]], values: list[str]) -> int | None:
    return next((place for place, partition in enumerate(held) if partition["Values"] == values), None)


def _record(table: dict[str, Any], given: dict[str, Any], created: float) -> dict[str, Any]:
    if len(given.get("Values") or []) != len(table.get("PartitionKeys") or []):
        raise ValueCountError()
    return {
        "DatabaseName": table["DatabaseName"],
        "TableName": table["Name"],
        **{key: copy.deepcopy(given[key]) for key in _MEMBERS if given.get(key) is not None},
        "CreationTime": created,
        "CatalogId": get_account_id(),
    }


def create_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreatePartition."""
    table, held = _held(request)
    record = _record(table, request["PartitionInput"], round(time.time()))
    if _place(held, record["Values"]) is not None:
        raise ExistsError("Partition")
    held.append(record)
    return {}


def batch_create_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchCreatePartition; partitions that cannot be made come back as errors."""
    table, held = _held(request)
    known = {tuple(partition["Values"]) for partition in held}
    errors = []
    for given in request["PartitionInputList"]:
        try:
            record = _record(table, given, round(time.time()))
            values = tuple(record["Values"])
            if values in known:
                raise ExistsError("Partition")
            known.add(values)
            held.append(record)
        except CatalogError as error:
            errors.append(_error("PartitionValues", given.get("Values") or [], error))
    return {"Errors": errors}


def get_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetPartition."""
    _, held = _held(request)
    place = _place(held, request["PartitionValues"])
    if place is None:
        raise PartitionNotFoundError()
    return {"Partition": held[place]}


def get_partitions(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetPartitions, narrowed by Expression and Segment."""
    table, held = _held(request)
    found = list(held)
    if (request.get("Expression") or "").strip():
        # Here, because its parser would slow down every start.
        from helpers.local.glue.partition_filter import predicate

        wanted = predicate(request["Expression"], table.get("PartitionKeys") or [])
        found = [partition for partition in found if wanted(partition["Values"])]
    segment = request.get("Segment")
    if segment:
        found = found[segment["SegmentNumber"] :: segment["TotalSegments"]]
    if request.get("ExcludeColumnSchema"):
        found = [_without_columns(partition) for partition in found]
    return page(found, request, "Partitions", 1000)


def _without_columns(partition: dict[str, Any]) -> dict[str, Any]:
    storage = {key: value for key, value in partition.get("StorageDescriptor", {}).items() if key != "Columns"}
    return partition | {"StorageDescriptor": storage}


def batch_get_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetPartition; partitions that do not exist are left out."""
    _, held = _held(request)
    by_values = {tuple(partition["Values"]): partition for partition in held}
    wanted = [tuple(entry["Values"]) for entry in request["PartitionsToGet"]]
    return {"Partitions": [by_values[values] for values in wanted if values in by_values], "UnprocessedKeys": []}


def update_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdatePartition."""
    table, held = _held(request)
    place = _place(held, request["PartitionValueList"])
    if place is None:
        raise PartitionNotFoundError()
    record = _record(table, request["PartitionInput"], held[place]["CreationTime"])
    other = _place(held, record["Values"])
    if other is not None and other != place:
        raise ExistsError("Partition")
    held[place] = record
    return {}


def batch_update_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchUpdatePartition; partitions that cannot be updated come back as errors."""
    errors = []
    _held(request)
    for entry in request["Entries"]:
        try:
            update_partition({**request, **entry})
        except CatalogError as error:
            errors.append(_error("PartitionValueList", entry["PartitionValueList"], error))
    return {"Errors": errors}


def delete_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeletePartition; its column statistics go with it."""
    table, held = _held(request)
    place = _place(held, request["PartitionValues"])
    if place is None:
        raise PartitionNotFoundError()
    del held[place]
    key = tables.key_of(table["DatabaseName"], table["Name"])
    statistics = emulated._partition_column_statistics.get(key)
    if statistics:
        statistics[:] = [entry for entry in statistics if entry.get("Values") != request["PartitionValues"]]
    return {}


def batch_delete_partition(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchDeletePartition; partitions that do not exist come back as errors."""
    errors = []
    _held(request)
    for entry in request["PartitionsToDelete"]:
        try:
            delete_partition({**request, "PartitionValues": entry["Values"]})
        except CatalogError as error:
            errors.append(_error("PartitionValues", entry["Values"], error))
    return {"Errors": errors}


def _error(key: str, values: list[str], error: CatalogError) -> dict[str, Any]:
    return {key: values, "ErrorDetail": {"ErrorCode": error.code, "ErrorMessage": error.message}}
