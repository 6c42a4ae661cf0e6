"""From what a crawl found to the Data Catalog: tables and partitions made, changed, deprecated."""

from __future__ import annotations

import hashlib
import logging
import time
from typing import Any

from helpers.local import in_process
from helpers.local.athena.located import table_input
from helpers.local.athena.tables import glue_entry
from helpers.local.crawler.changes import Changes
from helpers.local.crawler.entries import RUN_ID, Policy, table_entry
from helpers.local.crawler.layout import FoundTable
from helpers.local.crawler.partitions import store_partitions
from helpers.local.in_process import ServiceCallError

logger = logging.getLogger(__name__)


def store(found: list[FoundTable], policy: Policy) -> Changes:
    """Bring the Data Catalog in line with what a crawl found."""
    changes = Changes()
    _ensure_database(policy.database)
    seen = set()
    for table in found:
        name, held = _name(table, policy)
        seen.add(name)
        if held is None and policy.new_partitions_only:
            logger.warning("Crawler %s leaves out %s: it is no folder of a table", policy.crawler, table.location)
            continue
        wanted = table_entry(name, table, policy)
        if held is None:
            in_process.call("glue", "CreateTable", {"DatabaseName": policy.database, "TableInput": wanted})
            changes.created += 1
        elif not policy.update and not policy.merge_columns:
            wanted = table_input(held)
        elif _update(held, wanted, policy):
            changes.updated += 1
        store_partitions(name, table, wanted["StorageDescriptor"], policy)
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
    location = ((held or {}).get("StorageDescriptor") or {}).get("Location", "")
    if held is None or location.rstrip("/") == table.location.rstrip("/"):
        return name, held
    name = f"{name}_{hashlib.md5(table.location.encode(), usedforsecurity=False).hexdigest()}"
    return name, glue_entry(policy.database, name)


def _update(held: dict[str, Any], wanted: dict[str, Any], policy: Policy) -> bool:
    """Change an entry to what was found; return whether its schema was another."""
    before = held["StorageDescriptor"]
    wanted["StorageDescriptor"] |= {"Columns": _columns(before["Columns"], wanted, policy)}
    if policy.merge_columns:
        wanted["StorageDescriptor"] = _merged(before, wanted["StorageDescriptor"])
    wanted["PartitionKeys"] = held.get("PartitionKeys") or wanted["PartitionKeys"]
    changed = _schema(wanted) != _schema(held)
    entry = {**table_input(held), **wanted, "Parameters": wanted["Parameters"]}
    if not changed or policy.merge_columns:
        # Only with another schema does Glue remove "any metadata that is not set by the crawler".
        entry["Parameters"] = {**held.get("Parameters", {}), **wanted["Parameters"]}
        entry["Parameters"].pop("DEPRECATED_BY_CRAWLER", None)
    if changed or _lasting(entry) != _lasting(held):
        in_process.call("glue", "UpdateTable", {"DatabaseName": policy.database, "TableInput": entry})
    return changed


def _columns(before: list[dict[str, Any]], wanted: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    """Return the columns that the table is to have: those that it has first, new ones at the end."""
    found = {column["Name"]: column for column in wanted["StorageDescriptor"]["Columns"]}
    if policy.merge_columns:
        kept = [dict(column) for column in before]
    elif wanted["Parameters"]["classification"] == "csv":
        # Read by their place in the line, so they keep the order of the file.
        return list(found.values())
    else:
        kept = [found[column["Name"]] for column in before if column["Name"] in found]
    names = {column["Name"] for column in kept}
    return kept + [column for name, column in found.items() if name not in names]


def _merged(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return a descriptor by MergeNewColumns: formats stay, the SerDe keeps what the crawler does not set."""
    serde, found_serde = before.get("SerdeInfo") or {}, found["SerdeInfo"]
    same = serde.get("SerializationLibrary") == found_serde.get("SerializationLibrary")
    parameters = {**serde.get("Parameters", {}), **(found_serde.get("Parameters", {}) if same else {})}
    kept: dict[str, Any] = {key: before[key] for key in ("InputFormat", "OutputFormat") if key in before}
    return {**found, **kept, "SerdeInfo": {**serde, "Parameters": parameters}}


def _schema(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes two entries the same table to a reader."""
    descriptor = entry["StorageDescriptor"]
    columns = [(column["Name"], column["Type"]) for column in descriptor["Columns"]]
    serde = descriptor.get("SerdeInfo") or {}
    parameters = entry.get("Parameters") or {}
    header = parameters.get("skip.header.line.count", "0")
    keys = [key["Name"] for key in entry.get("PartitionKeys") or []]
    return (
        columns,
        serde.get("SerializationLibrary"),
        serde.get("Parameters"),
        parameters.get("classification"),
        header,
        keys,
    )


def _lasting(entry: dict[str, Any]) -> dict[str, str]:
    """Return the parameters that a crawl does not change by itself."""
    return {key: value for key, value in (entry.get("Parameters") or {}).items() if key != RUN_ID}


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
