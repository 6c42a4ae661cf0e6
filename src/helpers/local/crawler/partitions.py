"""From the folders that a crawl found to a table's partitions: made, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.local import in_process
from helpers.local.crawler.entries import INHERITED, Policy, partition_entry
from helpers.local.crawler.layout import FoundTable

# BatchCreatePartition takes 100: https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html
_BATCH = 100


def store_partitions(name: str, table: FoundTable, descriptor: Mapping[str, Any], policy: Policy) -> None:
    """Bring a table's partitions in line with its folders.

    Parameters
    ----------
    name
        Of the table in the Data Catalog.
    table
        As found.
    descriptor
        The StorageDescriptor that the table now has.
    policy
        New partitions are made under every policy; folders that are gone are taken away only by
        DELETE_FROM_DATABASE, because DEPRECATE_IN_DATABASE speaks of tables.
    """
    if not table.partitions:
        return
    request = {"DatabaseName": policy.database, "TableName": name}
    known = {tuple(p["Values"]): p for p in in_process.pages("glue", "GetPartitions", request, "Partitions")}
    entries = [partition_entry(table, partition, descriptor, policy) for partition in table.partitions]
    new = [entry for entry in entries if tuple(entry["Values"]) not in known]
    for start in range(0, len(new), _BATCH):
        batch = {**request, "PartitionInputList": new[start : start + _BATCH]}
        in_process.call("glue", "BatchCreatePartition", batch)
    for entry in entries:
        held = known.pop(tuple(entry["Values"]), None)
        if held is not None and _changes(held, entry, policy):
            change = {**request, "PartitionValueList": entry["Values"], "PartitionInput": entry}
            in_process.call("glue", "UpdatePartition", change)
    if policy.delete == "DELETE_FROM_DATABASE":
        for gone in known:
            in_process.call("glue", "DeletePartition", {**request, "PartitionValues": list(gone)})


def _changes(held: Mapping[str, Any], entry: Mapping[str, Any], policy: Policy) -> bool:
    """Return whether a partition that is there already is to be written again."""
    before, found = held["StorageDescriptor"], entry["StorageDescriptor"]
    if policy.inherit:
        return any(before.get(key) != found[key] for key in INHERITED)
    if not policy.update or policy.merge_columns:
        return False
    return bool(before != found)
