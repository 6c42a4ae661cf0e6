"""From what a crawl found to the Data Catalog: tables and partitions made, changed, deprecated."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from typing import Any

from helpers.local import in_process
from helpers.local.athena.ddl import table_input
from helpers.local.athena.tables import glue_entry
from helpers.local.crawler.entries import Policy, table_entry
from helpers.local.crawler.layout import FoundTable
from helpers.local.crawler.partitions import store_partitions
from helpers.local.in_process import ServiceCallError

logger = logging.getLogger(__name__)


@dataclass
class Changes:
    """How many tables a crawl made, changed and took away."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


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
    before = held["StorageDescriptor"]["Columns"]
    found = {column["Name"]: column for column in wanted["StorageDescriptor"]["Columns"]}
    if policy.merge_columns:
        kept = [{"Name": column["Name"], "Type": column["Type"]} for column in before]
    else:
        kept = [found[column["Name"]] for column in before if column["Name"] in found]
    names = {column["Name"] for column in kept}
    columns = kept + [column for name, column in found.items() if name not in names]
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
