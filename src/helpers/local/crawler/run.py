"""One crawl: the targets' files are listed, classified, laid out as tables, and stored."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from helpers.local import in_process
from helpers.local.crawler.changes import Changes
from helpers.local.crawler.classify import UnsupportedClassifierError, classify
from helpers.local.crawler.entries import Policy
from helpers.local.crawler.errors import CrawlError, CrawlStoppedError
from helpers.local.crawler.exclusions import exclusion
from helpers.local.crawler.layout import FoundTable, Grouping, find_tables
from helpers.local.crawler.schema import FoundSchema
from helpers.local.crawler.tables import store
from helpers.local.in_process import ServiceCallError, StoredObject

logger = logging.getLogger(__name__)
_S3_PATH = re.compile(r"(?:s3://)?(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?")


def crawl(
    crawler: Mapping[str, Any],
    classifiers: Sequence[Mapping[str, Any]],
    *,
    run_id: str,
    again: bool,
    stopped: threading.Event,
) -> Changes:
    """Run a crawler once.

    Parameters
    ----------
    crawler
        As CreateCrawler took it.
    classifiers
        Its custom classifiers, in order.
    run_id
        The id of this crawl.
    again
        A crawl of this crawler has succeeded before.
    stopped
        Once it is set, no more files are read, and nothing is stored.

    Raises
    ------
    CrawlStoppedError
        If it was stopped before it stored anything.
    CrawlError
        With the message that LastCrawl shows.
    """
    targets = crawler.get("Targets") or {}
    unsupported = [kind for kind, listed in targets.items() if listed and kind not in ("S3Targets", "CatalogTargets")]
    if unsupported:
        raise CrawlError(f"{unsupported[0]} are not available in the local AWS; crawl S3Targets instead")
    policy = _policy(crawler, run_id, again=again)
    # By database, because a Catalog target names its own.
    found: dict[Policy, list[FoundTable]] = {}
    try:
        for target in targets.get("S3Targets") or []:
            found.setdefault(policy, []).extend(_tables_of(target, classifiers, _configuration(crawler), stopped))
        for target in targets.get("CatalogTargets") or []:
            own = replace(policy, database=target["DatabaseName"], prefix="")
            found.setdefault(own, []).extend(_known_tables(target, classifiers, stopped))
        if stopped.is_set():
            raise CrawlStoppedError
        changes = Changes()
        for where, tables in found.items():
            changes += store(tables, where)
        return changes
    except UnsupportedClassifierError as error:
        raise CrawlError(str(error)) from error
    except ServiceCallError as error:
        raise CrawlError(f"{error.message} (Service: AWSGlue; Status Code: 400; Error Code: {error.code})") from error


def _tables_of(
    target: Mapping[str, Any],
    classifiers: Sequence[Mapping[str, Any]],
    configuration: Mapping[str, Any],
    stopped: threading.Event,
) -> list[FoundTable]:
    path = str(target.get("Path") or "")
    matched = _S3_PATH.fullmatch(path)
    if matched is None:
        raise CrawlError(f"The S3 path {path} is not valid: it must be s3://bucket/prefix")
    bucket, key = matched["bucket"], matched["key"] or ""
    if not in_process.bucket_exists(bucket):
        raise CrawlError(
            f"The specified bucket does not exist: {bucket} (Service: Amazon S3; Status Code: 404; "
            "Error Code: NoSuchBucket)"
        )
    prefix = key if not key or key.endswith("/") else f"{key}/"
    objects = in_process.list_objects(bucket, prefix)
    if key and not key.endswith("/") and not objects:
        objects, prefix = [o for o in in_process.list_objects(bucket, key) if o.key == key], key
    kept = [o for o in objects if o.size and not _left_out(o.key[len(prefix) :] or o.key, target)]

    @cache
    def known(stored: StoredObject) -> FoundSchema:
        if stopped.is_set():
            raise CrawlStoppedError
        return classify(stored, classifiers)

    grouping = configuration.get("Grouping") or {}
    combine = grouping.get("TableGroupingPolicy") == "CombineCompatibleSchemas"
    rules = Grouping(known, combine, grouping.get("TableLevelConfiguration"), target.get("SampleSize"))
    tables = find_tables(bucket, prefix, kept, rules) if kept else []
    patterns = tuple(f"s3://{bucket}/{prefix}{pattern}" for pattern in target.get("Exclusions") or [])
    return [replace(table, exclusions=patterns) for table in tables]


def _known_tables(
    target: Mapping[str, Any], classifiers: Sequence[Mapping[str, Any]], stopped: threading.Event
) -> list[FoundTable]:
    """Return what is now at the places of tables that are in the Data Catalog already.

    No tables are made of it, so a place whose files do not go together is left as it is:
    https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html
    """
    found = []
    for name in target["Tables"]:
        request = {"DatabaseName": target["DatabaseName"], "Name": name}
        held = in_process.call("glue", "GetTable", request)["Table"]
        location = str((held.get("StorageDescriptor") or {}).get("Location") or "")
        level = len(location.removeprefix("s3://").rstrip("/").split("/"))
        grouping = {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": level}
        tables = _tables_of({"Path": location}, classifiers, {"Grouping": grouping}, stopped)
        if len(tables) == 1 and tables[0].location.rstrip("/") == location.rstrip("/"):
            found.append(replace(tables[0], name=held["Name"]))
        else:
            logger.warning("Table %s is left as it is: %s holds the files of %d tables", name, location, len(tables))
    return found


def _left_out(name: str, target: Mapping[str, Any]) -> bool:
    """Apply the exclusion patterns, and leave out what Hive does not read."""
    parts = name.split("/")
    if any(part.startswith(("_", ".")) for part in parts) or not parts[-1]:
        return True
    return any(exclusion(pattern).fullmatch(name) for pattern in target.get("Exclusions") or [])


def _configuration(crawler: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(crawler.get("Configuration") or "{}")
    return found


def _policy(crawler: Mapping[str, Any], run_id: str, *, again: bool) -> Policy:
    change = crawler.get("SchemaChangePolicy") or {}
    output = _configuration(crawler).get("CrawlerOutput") or {}
    recrawl = (crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior")
    return Policy(
        crawler=crawler["Name"],
        run_id=run_id,
        # "If your crawler does not specify a database, your tables are placed in the default database."
        database=crawler.get("DatabaseName") or "default",
        prefix=crawler.get("TablePrefix") or "",
        update=change.get("UpdateBehavior", "UPDATE_IN_DATABASE") == "UPDATE_IN_DATABASE",
        delete=change.get("DeleteBehavior", "DEPRECATE_IN_DATABASE"),
        merge_columns=(output.get("Tables") or {}).get("AddOrUpdateBehavior") == "MergeNewColumns",
        inherit=(output.get("Partitions") or {}).get("AddOrUpdateBehavior") == "InheritFromTable",
        new_partitions_only=again and recrawl == "CRAWL_NEW_FOLDERS_ONLY",
    )
