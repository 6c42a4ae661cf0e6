"""Tables and partitions in the words of the Data Catalog, with the parameters that Glue's crawlers write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.local.crawler.layout import FoundPartition, FoundTable
from helpers.local.crawler.schema import FoundSchema
from helpers.local.in_process import StoredObject

# The table parameter that names the crawl that last wrote it.
RUN_ID = "CRAWL_RUN_ID"
# What a partition takes from its table by InheritFromTable.
INHERITED = ("Columns", "InputFormat", "OutputFormat", "SerdeInfo")


@dataclass(frozen=True)
class Policy:
    """What the crawler does with what it finds.

    https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html

    Parameters
    ----------
    crawler, run_id, database, prefix
        Its name, this crawl's id, where tables go, and what comes before their names.
    update, delete
        UpdateBehavior and DeleteBehavior of the SchemaChangePolicy.
    merge_columns
        Columns are only added, never taken away or given another type (`MergeNewColumns`).
    inherit
        Partitions take their schema from the table (`InheritFromTable`).
    new_partitions_only
        A later crawl of CRAWL_NEW_FOLDERS_ONLY: no table is made or changed.
    """

    crawler: str
    run_id: str
    database: str
    prefix: str
    update: bool
    delete: str
    merge_columns: bool
    inherit: bool
    new_partitions_only: bool


def table_entry(name: str, table: FoundTable, policy: Policy) -> dict[str, Any]:
    """Return a TableInput."""
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in table.partition_keys],
        "Parameters": {RUN_ID: policy.run_id, **_parameters(table, table.schema, table.files, policy)},
        "StorageDescriptor": _descriptor(table, table.schema, table.location, table.files, policy),
    }


def partition_entry(
    table: FoundTable, partition: FoundPartition, descriptor: Mapping[str, Any], policy: Policy
) -> dict[str, Any]:
    """Return a PartitionInput; `descriptor` is the table's StorageDescriptor."""
    location = table.location + "/".join(partition.folders) + "/"
    own = _descriptor(table, partition.schema, location, partition.files, policy)
    if policy.inherit:
        own |= {key: descriptor[key] for key in INHERITED}
    return {"Values": table.values(partition), "StorageDescriptor": own, "Parameters": own["Parameters"]}


def _descriptor(
    table: FoundTable, schema: FoundSchema, location: str, files: Sequence[StoredObject], policy: Policy
) -> dict[str, Any]:
    kind = schema.file_format
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
        "Parameters": _parameters(table, schema, files, policy),
        "StoredAsSubDirectories": False,
    }


def _serde(schema: FoundSchema) -> dict[str, Any]:
    if schema.classification == "UNKNOWN":
        return {}
    return {"SerializationLibrary": schema.file_format.serde, "Parameters": schema.serde_parameters()}


def _parameters(
    table: FoundTable, schema: FoundSchema, files: Sequence[StoredObject], policy: Policy
) -> dict[str, str]:
    size_bytes = sum(stored.size for stored in files)
    found = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": policy.crawler,
        "averageRecordSize": str(round(schema.record_bytes)),
        "classification": schema.classification,
        "compressionType": schema.compression,
        "objectCount": str(len(files)),
        "recordCount": str(schema.records),
        "sizeKey": str(size_bytes),
        "typeOfData": "file",
    }
    if schema.grok is not None:
        pattern, custom_patterns = schema.grok
        found |= {"grokPattern": pattern, **({"grokCustomPatterns": custom_patterns} if custom_patterns else {})}
    if schema.delimiter is not None:
        found |= {
            "areColumnsQuoted": str(schema.quoted).lower(),
            "columnsOrdered": "true",
            "delimiter": str(schema.delimiter),
        }
        if schema.header:
            found["skip.header.line.count"] = "1"
    if schema.avro_schema is not None:
        found["avro.schema.literal"] = schema.avro_schema
    if table.exclusions:
        found["exclusions"] = json.dumps(list(table.exclusions), separators=(",", ":"))
    if table.partitions:
        found["partition_filtering.enabled"] = "true"
    return dict(sorted(found.items()))
