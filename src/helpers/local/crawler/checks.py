"""What CreateCrawler and UpdateCrawler refuse beyond the API's own limits.

https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from helpers.local.crawler import classifiers
from helpers.local.glue.errors import InvalidInputError

# https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html: six fields.
_CRON = re.compile(r"cron\((\S+\s+){5}\S+\)")
# The keys of the Configuration, and of the objects in it.
_KEYS = {
    "": {"Version", "Grouping", "CrawlerOutput", "CreatePartitionIndex"},
    "Grouping": {"TableGroupingPolicy", "TableLevelConfiguration"},
    "CrawlerOutput": {"Tables", "Partitions"},
    "CrawlerOutput.Tables": {"AddOrUpdateBehavior", "TableThreshold"},
    "CrawlerOutput.Partitions": {"AddOrUpdateBehavior"},
}
_VALUES = {
    "Grouping.TableGroupingPolicy": ("CombineCompatibleSchemas",),
    "CrawlerOutput.Tables.AddOrUpdateBehavior": ("MergeNewColumns",),
    "CrawlerOutput.Partitions.AddOrUpdateBehavior": ("InheritFromTable",),
}


def check_settings(settings: Mapping[str, Any]) -> None:
    """Check what a crawler is to be.

    Parameters
    ----------
    settings
        All members of CreateCrawler, after an update's changes.

    Raises
    ------
    InvalidInputError
        If Glue would refuse them.
    ClassifierNotFoundError
        If a classifier does not exist.
    """
    targets = settings.get("Targets") or {}
    if not any(targets.values()):
        raise InvalidInputError("Crawler must have at least one target")
    if targets.get("CatalogTargets") and any(kind != "CatalogTargets" and given for kind, given in targets.items()):
        raise InvalidInputError("CatalogTargets cannot be combined with other target types")
    for target in targets.get("S3Targets") or []:
        if not str(target.get("Path") or "").strip():
            raise InvalidInputError("S3 target path cannot be empty")
    delete = (settings.get("SchemaChangePolicy") or {}).get("DeleteBehavior")
    if targets.get("CatalogTargets") and delete not in (None, "LOG"):
        raise InvalidInputError("The SchemaChangePolicy for Catalog target can have only LOG DeleteBehavior value.")
    _check_recrawl(settings, targets)
    _check_configuration(settings.get("Configuration"))
    classifiers.definitions(settings.get("Classifiers") or [])


def check_schedule(expression: str | None) -> None:
    """Check a schedule; an empty one takes it away.

    Raises
    ------
    InvalidInputError
        If it is no cron expression.
    """
    if expression and not _CRON.fullmatch(expression.strip()):
        raise InvalidInputError(f"Invalid schedule expression: {expression}")


def new_folders_only(settings: Mapping[str, Any]) -> bool:
    """Return whether later crawls only look at new folders."""
    return (settings.get("RecrawlPolicy") or {}).get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY"


def _check_recrawl(settings: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    if not new_folders_only(settings):
        return
    if any(given for kind, given in targets.items() if kind != "S3Targets"):
        raise InvalidInputError('RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.')
    if any(behaviour != "LOG" for behaviour in (settings.get("SchemaChangePolicy") or {}).values()):
        raise InvalidInputError(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        )


def _check_configuration(text: str | None) -> None:
    if not text:
        return
    try:
        configuration = json.loads(text)
    except ValueError as error:
        raise InvalidInputError(f"Crawler configuration is not valid JSON: {error}") from error
    if not isinstance(configuration, dict):
        raise InvalidInputError("Crawler configuration must be a JSON object")
    _check_object("", configuration)
    level = (configuration.get("Grouping") or {}).get("TableLevelConfiguration")
    if level is not None and (isinstance(level, bool) or not isinstance(level, int) or level < 1):
        raise InvalidInputError("Grouping.TableLevelConfiguration must be a positive integer")


def _check_object(path: str, found: Mapping[str, Any]) -> None:
    unknown = sorted(set(found) - _KEYS[path])
    if unknown:
        raise InvalidInputError(f"{path or 'Configuration'} contains unsupported keys: {', '.join(unknown)}.")
    for key, value in found.items():
        inner = f"{path}.{key}".lstrip(".")
        if inner in _KEYS:
            if not isinstance(value, dict):
                raise InvalidInputError(f"{inner} must be a JSON object")
            _check_object(inner, value)
        elif inner in _VALUES and value not in _VALUES[inner]:
            raise InvalidInputError(f"{inner} must be one of: {', '.join(_VALUES[inner])}")
