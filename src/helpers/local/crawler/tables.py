"""From what a crawl found to the Data Catalog: tables and partitions made, changed, deprecated."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.local import in_process
from helpers.local.athena.ddl import table_input
from helpers.local.athena.tables import glue_entry
from helpers.local.crawler.layout import FoundPartition, FoundTable
from helpers.local.crawler.schema import FoundSchema
from helpers.local.in_process import ServiceCallError, StoredObject

_BATCH = 100


@dataclass
class Changes:
    """How many tables a crawl made, changed and took away."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class Policy:
    """What the crawler does with what it finds.

    Parameters
    ----------
    crawler, database, prefix
        Its name, where tables go, and what comes before their names.
    update, delete
        UpdateBehavior and DeleteBehavior of the SchemaChangePolicy.
    merge_columns
        Columns are only added, never taken away (`MergeNewColumns`).
    inherit
        Partitions take their schema from the table (`InheritFromTable`).
    """

    crawler: str
    database: str
    prefix: str
    update: bool
    delete: str
    merge_columns: bool
    inherit: bool


def store(found: list[FoundTable], policy: Policy) -> Changes:
    """Bring the Data Catalog in line with what a crawl found."""
    changes = Changes()
    _ensure_database(policy.database)
    seen = set()
    for table in found:
        name, held = _name(table, policy)
        seen.add(name)
        wanted = _table_input(name, table, policy)
        if held is None:
            in_process.call("glue", "CreateTable", {"DatabaseName": policy.database, "TableInput": wanted})
            changes.created += 1
        elif policy.update and _update(held, wanted, policy):
            changes.updated += 1
        _store_partitions(name, table, wanted, policy)
    changes.deleted += _retire(seen, policy)
    return changes


def _ensure_database(name: str) -> None:
    try:
        in_process.call("glue", "GetDatabase", {"Name": name})
    except ServiceCallError as error:
        if error.code != "EntityNotFoundException":
            raise
        in_process.call("glue", "CreateDatabase", {"DatabaseInput": {"Name": name}})


def _name(table: FoundTable, policy: Policy) -> tuple[str, dict[str, Any] | None]:
    """Return the table's name and the entry it replaces; a name that another place holds gets a suffix."""
    name = policy.prefix + table.name
    held = glue_entry(policy.database, name)
    if held is None or held["StorageDescriptor"].get("Location", "").rstrip("/") == table.location.rstrip("/"):
        return name, held
    name = f"{name}_{hashlib.md5(table.location.encode(), usedforsecurity=False).hexdigest()}"
    return name, glue_entry(policy.database, name)


def _table_input(name: str, table: FoundTable, policy: Policy) -> dict[str, Any]:
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in table.partition_keys],
        "Parameters": _parameters(table, table.files, policy),
        "StorageDescriptor": _descriptor(table, table.location, table.files, policy),
    }


def _descriptor(table: FoundTable, location: str, files: list[StoredObject], policy: Policy) -> dict[str, Any]:
    schema, kind = table.schema, table.schema.file_format
    single = len(files) == 1 and location == files[0].uri
    return {
        "Columns": [{"Name": column, "Type": of_type} for column, of_type in schema.columns.items()],
        "Location": location if single or location.endswith("/") else f"{location}/",
        "InputFormat": kind.input_format,
        "OutputFormat": kind.output_format,
        "Compressed": schema.compression != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": _serde(schema),
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": _parameters(table, files, policy),
        "StoredAsSubDirectories": False,
    }


def _serde(schema: FoundSchema) -> dict[str, Any]:
    if schema.classification == "UNKNOWN":
        return {}
    return {"SerializationLibrary": schema.file_format.serde, "Parameters": schema.serde_parameters()}


def _parameters(table: FoundTable, files: list[StoredObject], policy: Policy) -> dict[str, str]:
    schema = table.schema
    size_bytes = sum(stored.size for stored in files)
    found = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": policy.crawler,
        "averageRecordSize": str(round(schema.record_bytes)),
        "classification": schema.classification,
        "compressionType": schema.compression,
        "objectCount": str(len(files)),
        "recordCount": str(round(size_bytes / schema.record_bytes)) if schema.record_bytes else "0",
        "sizeKey": str(size_bytes),
        "typeOfData": "file",
    }
    if schema.classification == "csv":
        found |= {
            "areColumnsQuoted": str(schema.quoted).lower(),
            "columnsOrdered": "true",
            "delimiter": str(schema.delimiter),
        }
        if schema.header:
            found["skip.header.line.count"] = "1"
    if table.partitions:
        found["partition_filtering.enabled"] = "true"
    return dict(sorted(found.items()))


def _update(held: dict[str, Any], wanted: dict[str, Any], policy: Policy) -> bool:
    """Change an entry to what was found; return whether its schema was another."""
    before = held["StorageDescriptor"]["Columns"]
    found = {column["Name"]: column for column in wanted["StorageDescriptor"]["Columns"]}
    kept = [found.pop(column["Name"], column if policy.merge_columns else None) for column in before]
    columns = [column for column in kept if column is not None] + list(found.values())
    changed = [(c["Name"], c["Type"]) for c in columns] != [(c["Name"], c["Type"]) for c in before]
    wanted["StorageDescriptor"]["Columns"] = columns
    entry = table_input(held)
    entry |= {"PartitionKeys": held.get("PartitionKeys") or wanted["PartitionKeys"]}
    entry["Parameters"] = {**entry.get("Parameters", {}), **wanted["Parameters"]}
    entry["Parameters"].pop("DEPRECATED_BY_CRAWLER", None)
    entry["StorageDescriptor"] = wanted["StorageDescriptor"]
    if changed or entry["Parameters"] != held.get("Parameters"):
        in_process.call("glue", "UpdateTable", {"DatabaseName": policy.database, "TableInput": entry})
    return changed


def _store_partitions(name: str, table: FoundTable, wanted: Mapping[str, Any], policy: Policy) -> None:
    if not table.partitions:
        return
    request = {"DatabaseName": policy.database, "TableName": name}
    known = {tuple(p["Values"]) for p in in_process.pages("glue", "GetPartitions", request, "Partitions")}
    inputs = []
    present = set()
    for partition in table.partitions:
        values = table.values(partition)
        present.add(tuple(values))
        if tuple(values) not in known:
            inputs.append(_partition_input(values, table, partition, wanted, policy))
    for start in range(0, len(inputs), _BATCH):
        batch = inputs[start : start + _BATCH]
        in_process.call("glue", "BatchCreatePartition", {**request, "PartitionInputList": batch})
    if policy.delete != "LOG":
        for gone in known - present:
            in_process.call("glue", "DeletePartition", {**request, "PartitionValues": list(gone)})


def _partition_input(
    values: list[str], table: FoundTable, partition: FoundPartition, wanted: Mapping[str, Any], policy: Policy
) -> dict[str, Any]:
    location = table.location + "/".join(partition.folders) + "/"
    descriptor = _descriptor(table, location, partition.files, policy)
    if policy.inherit:
        for key in ("Columns", "InputFormat", "OutputFormat", "SerdeInfo"):
            descriptor[key] = wanted["StorageDescriptor"][key]
    return {"Values": values, "StorageDescriptor": descriptor, "Parameters": descriptor["Parameters"]}


def _retire(seen: set[str], policy: Policy) -> int:
    """Deprecate or delete this crawler's tables whose data is gone; return how many."""
    if policy.delete == "LOG":
        return 0
    count = 0
    for entry in list(in_process.pages("glue", "GetTables", {"DatabaseName": policy.database}, "TableList")):
        parameters = entry.get("Parameters") or {}
        if parameters.get("UPDATED_BY_CRAWLER") != policy.crawler or entry["Name"] in seen:
            continue
        if policy.delete == "DELETE_FROM_DATABASE":
            in_process.call("glue", "DeleteTable", {"DatabaseName": policy.database, "Name": entry["Name"]})
            count += 1
        elif "DEPRECATED_BY_CRAWLER" not in parameters:
            changed = table_input(entry)
            changed["Parameters"] = {**parameters, "DEPRECATED_BY_CRAWLER": str(int(time.time() * 1000))}
            in_process.call("glue", "UpdateTable", {"DatabaseName": policy.database, "TableInput": changed})
            count += 1
    return count
