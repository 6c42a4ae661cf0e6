"""DDL of partitions: ADD, DROP, RENAME, and MSCK REPAIR TABLE, which finds them in S3.

https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from helpers.local import in_process
from helpers.local.athena.errors import DdlError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.in_process import ServiceCallError

_TASK = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask"
_GLUE_BATCH = 100


def keys_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the names of a table's partition keys."""
    return [key["Name"] for key in entry.get("PartitionKeys") or []]


def add(reader: HiveReader, request: dict[str, Any], entry: dict[str, Any]) -> None:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION (…) [LOCATION '…'] …"""
    reader.expect("ADD")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    while not reader.at_end:
        reader.expect("PARTITION")
        values = _values(reader.partition(), entry)
        default = entry["StorageDescriptor"]["Location"].rstrip("/") + "/" + _path(entry, values) + "/"
        location = reader.text() if reader.accept("LOCATION") else default
        reader.accept(",")
        try:
            create(request, entry, [(values, location)])
        except ServiceCallError as error:
            if error.code != "AlreadyExistsException":
                raise
            if not missing_only:
                message = f"AlreadyExistsException(message:Partition already exists: [{', '.join(values)}])"
                raise DdlError(f"{_TASK}. {message}") from error


def create(request: dict[str, Any], entry: dict[str, Any], partitions: list[tuple[list[str], str]]) -> None:
    """Store partitions; ServiceCallError `AlreadyExistsException` if a single one is there."""
    inputs = [
        {"Values": values, "StorageDescriptor": {**copy.deepcopy(entry["StorageDescriptor"]), "Location": location}}
        for values, location in partitions
    ]
    if len(inputs) == 1:
        in_process.call("glue", "CreatePartition", {**request, "PartitionInput": inputs[0]})
        return
    for start in range(0, len(inputs), _GLUE_BATCH):
        batch = inputs[start : start + _GLUE_BATCH]
        in_process.call("glue", "BatchCreatePartition", {**request, "PartitionInputList": batch})


def drop(reader: HiveReader, request: dict[str, Any], entry: dict[str, Any]) -> None:
    """ALTER TABLE … DROP [IF EXISTS] PARTITION (…), …"""
    reader.expect("DROP")
    if_exists = reader.accept("IF", "EXISTS")
    while not reader.at_end:
        reader.expect("PARTITION")
        wanted = reader.partition()
        reader.accept(",")
        found = [values for values in existing(request) if _matches(values, wanted, entry)]
        if not found and not if_exists:
            shown = "/".join(f"{key}={value}" for key, value in wanted.items())
            raise DdlError(f"SemanticException [Error 10006]: Partition not found ({shown})")
        for values in found:
            in_process.call("glue", "DeletePartition", {**request, "PartitionValues": values})


def rename(reader: HiveReader, request: dict[str, Any], entry: dict[str, Any]) -> None:
    """ALTER TABLE … PARTITION (…) RENAME TO PARTITION (…)"""
    reader.expect("PARTITION")
    old = _values(reader.partition(), entry)
    reader.expect("RENAME", "TO", "PARTITION")
    new = _values(reader.partition(), entry)
    found = _get(request, old)
    changed = {**found, "Values": new}
    in_process.call(
        "glue", "UpdatePartition", {**request, "PartitionValueList": old, "PartitionInput": _input(changed)}
    )


def set_location(request: dict[str, Any], entry: dict[str, Any], wanted: dict[str, str | None], location: str) -> None:
    """ALTER TABLE … PARTITION (…) SET LOCATION '…'"""
    values = _values(wanted, entry)
    found = _get(request, values)
    found["StorageDescriptor"]["Location"] = location
    in_process.call(
        "glue", "UpdatePartition", {**request, "PartitionValueList": values, "PartitionInput": _input(found)}
    )


def repair(request: dict[str, Any], entry: dict[str, Any]) -> list[str]:
    """Add the Hive-style partitions that S3 has and the Data Catalog has not; return the lines to print."""
    keys = keys_of(entry)
    location = entry["StorageDescriptor"]["Location"].rstrip("/") + "/"
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    known = {tuple(values) for values in existing(request)}
    found: dict[tuple[str, ...], str] = {}
    for stored in in_process.list_objects(bucket, prefix):
        parts = stored.key[len(prefix) :].split("/")[: len(keys)]
        pairs = [part.partition("=") for part in parts]
        if len(pairs) == len(keys) and [name.lower() for name, _, _ in pairs] == keys:
            values = tuple(unquote(value) for _, _, value in pairs)
            found.setdefault(values, location + "/".join(parts) + "/")
    missing = [(list(values), place) for values, place in found.items() if values not in known]
    if not missing:
        return []
    name = entry["Name"]
    create(request, entry, missing)
    shown = [(_path(entry, values), place) for values, place in missing]
    listed = "\t".join(f"{name}:{path}" for path, _ in shown)
    return [
        f"Partitions not in metastore:\t{listed}",
        *(f"Repair: Added partition to metastore {name}:{path}" for path, _ in shown),
    ]


def existing(request: dict[str, Any]) -> list[list[str]]:
    """Return the values of every partition, in their order."""
    return sorted(entry["Values"] for entry in in_process.pages("glue", "GetPartitions", request, "Partitions"))


def existing_partition(request: dict[str, Any], entry: Mapping[str, Any], wanted: dict[str, str | None]) -> None:
    """Refuse a partition that is not there.

    Raises
    ------
    DdlError
        If it is not.
    """
    _get(request, _values(wanted, entry))


def _values(wanted: Mapping[str, str | None], entry: Mapping[str, Any]) -> list[str]:
    keys = keys_of(entry)
    if set(wanted) != set(keys) or None in wanted.values():
        raise DdlError(f"SemanticException Partition spec {{{', '.join(wanted)}}} contains non-partition columns")
    return [str(wanted[key]) for key in keys]


def _matches(values: list[str], wanted: Mapping[str, str | None], entry: Mapping[str, Any]) -> bool:
    held = dict(zip(keys_of(entry), values, strict=True))
    return all(held.get(key) == value for key, value in wanted.items())


def _path(entry: Mapping[str, Any], values: list[str]) -> str:
    return "/".join(f"{key}={value}" for key, value in zip(keys_of(entry), values, strict=True))


def _get(request: dict[str, Any], values: list[str]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = in_process.call("glue", "GetPartition", {**request, "PartitionValues": values})[
            "Partition"
        ]
    except ServiceCallError as error:
        raise DdlError(f"SemanticException [Error 10006]: Partition not found {values}") from error
    return found


def _input(partition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: partition[key] for key in ("Values", "StorageDescriptor", "Parameters") if key in partition}
