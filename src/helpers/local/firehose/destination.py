"""The S3 destination of a delivery stream: defaults, rules, updates, and how AWS describes it.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
"""

from __future__ import annotations

import copy
import re
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.local.firehose import prefixes, processing
from helpers.local.firehose.api_errors import invalid_argument

DESTINATION_ID = "destinationId-000000000001"
# https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html,
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
LEAST_CONVERSION_MIB = 64
_HINTS = {"SizeInMBs": 5, "IntervalInSeconds": 300}
_CONVERSION_HINTS = {"SizeInMBs": 128, "IntervalInSeconds": 300}
_BUCKET = re.compile(r"arn:[\w-]+:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
# Members of the older S3DestinationDescription.
_BASIC = (
    "RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat",
    "EncryptionConfiguration", "CloudWatchLoggingOptions",
)  # fmt: skip

Configuration = dict[str, Any]


def created(given: Configuration) -> Configuration:
    """Return a new destination's configuration, in the shape of its description.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if a rule is broken.
    """
    configuration = copy.deepcopy(given)
    backup = configuration.pop("S3BackupConfiguration", None)
    return _complete(configuration, backup)


def updated(held: Configuration, changes: Configuration) -> Configuration:
    """Return the configuration after an update: what the update leaves out stays.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if a rule is broken.
    """
    changes = copy.deepcopy(changes)
    backup = changes.pop("S3BackupUpdate", None) or {}
    if held["S3BackupMode"] == "Enabled" and changes.get("S3BackupMode") == "Disabled":
        raise invalid_argument("S3BackupMode cannot be disabled once it is enabled.")
    if not is_partitioned(held) and is_partitioned(changes):
        raise invalid_argument("Dynamic partitioning can only be enabled when a delivery stream is created.")
    if "ProcessingConfiguration" in changes:
        enabled = held["ProcessingConfiguration"]["Enabled"]
        changes["ProcessingConfiguration"] = {"Enabled": enabled} | changes["ProcessingConfiguration"]
    merged = {**copy.deepcopy(held), **changes}
    held_backup = merged.pop("S3BackupDescription", None)
    return _complete(merged, {**held_backup, **backup} if held_backup else backup or None)


def descriptions(configuration: Configuration) -> list[dict[str, Any]]:
    """Return the `Destinations` of a delivery stream's description."""
    basic = {name: configuration[name] for name in _BASIC if name in configuration}
    return [
        {
            "DestinationId": DESTINATION_ID,
            "S3DestinationDescription": basic,
            "ExtendedS3DestinationDescription": configuration,
        }
    ]


def bucket_of(configuration: Configuration) -> str:
    """Return the name of the destination's bucket."""
    found = _BUCKET.fullmatch(configuration["BucketARN"])
    if found is None:
        raise invalid_argument(f"BucketARN {configuration['BucketARN']} is not the ARN of an S3 bucket.")
    return found.group(1)


@lru_cache(maxsize=1000)
def zone(name: str) -> tzinfo:
    """Return the time zone in which prefixes are written, UTC for none.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if there is no such zone.
    """
    if name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid_argument(f"CustomTimeZone {name} is not a supported time zone.") from error


def is_partitioned(configuration: Configuration) -> bool:
    return bool((configuration.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))


def is_converted(configuration: Configuration) -> bool:
    conversion = configuration.get("DataFormatConversionConfiguration") or {"Enabled": False}
    return bool(conversion.get("Enabled", True))


def _complete(configuration: Configuration, backup: Configuration | None) -> Configuration:
    """Return the configuration with AWS's defaults, after it has been checked."""
    converted = is_converted(configuration)
    for member, default in (
        ("BufferingHints", _CONVERSION_HINTS if converted else _HINTS),
        ("CompressionFormat", "UNCOMPRESSED"),
        ("EncryptionConfiguration", {"NoEncryptionConfig": "NoEncryption"}),
        ("CloudWatchLoggingOptions", {"Enabled": False}),
        ("S3BackupMode", "Disabled"),
    ):
        configuration[member] = configuration.get(member) or copy.deepcopy(default)
    configuration["ProcessingConfiguration"] = processing.canonical(
        configuration.get("ProcessingConfiguration"), configuration["RoleARN"]
    )
    bucket_of(configuration)
    zone(configuration.get("CustomTimeZone", ""))
    _check_hints(configuration["BufferingHints"])
    prefixes.check(configuration.get("Prefix"), configuration.get("ErrorOutputPrefix"))
    _check_partitioning(configuration)
    if converted:
        _check_conversion(configuration)
    if configuration["S3BackupMode"] == "Enabled":
        if backup is None:
            raise invalid_argument("S3BackupConfiguration must be specified when S3BackupMode is Enabled.")
        configuration["S3BackupDescription"] = _backup(backup)
    return configuration


def _backup(given: Configuration) -> Configuration:
    backup = {**given, "BufferingHints": given.get("BufferingHints") or dict(_HINTS)}
    backup.setdefault("CompressionFormat", "UNCOMPRESSED")
    backup.setdefault("EncryptionConfiguration", {"NoEncryptionConfig": "NoEncryption"})
    backup.setdefault("CloudWatchLoggingOptions", {"Enabled": False})
    bucket_of(backup)
    _check_hints(backup["BufferingHints"])
    # The backup's ErrorOutputPrefix is ignored, so its Prefix needs none beside it.
    prefixes.check(backup.get("Prefix"), backup.get("ErrorOutputPrefix") or "!{firehose:error-output-type}")
    return backup


def _check_hints(hints: dict[str, int]) -> None:
    if ("SizeInMBs" in hints) != ("IntervalInSeconds" in hints):
        raise invalid_argument("Both SizeInMBs and IntervalInSeconds must be specified in BufferingHints.")


def _check_partitioning(configuration: Configuration) -> None:
    query_keys, lambda_keys = prefixes.partition_keys(configuration.get("Prefix", ""))
    if not is_partitioned(configuration):
        if query_keys or lambda_keys:
            raise invalid_argument(
                "Prefix can contain partitionKeyFromQuery or partitionKeyFromLambda only when dynamic partitioning is "
                "enabled."
            )
        return
    steps = processing.parsed(configuration["ProcessingConfiguration"])
    if not query_keys and not lambda_keys:
        raise invalid_argument(
            "Prefix must contain partitionKeyFromQuery or partitionKeyFromLambda when dynamic partitioning is enabled."
        )
    if query_keys and steps.query is None:
        raise invalid_argument("MetadataExtraction processor is required when Prefix contains partitionKeyFromQuery.")
    if lambda_keys and steps.function is None:
        raise invalid_argument("Lambda processor is required when Prefix contains partitionKeyFromLambda.")


def _check_conversion(configuration: Configuration) -> None:
    conversion = configuration["DataFormatConversionConfiguration"]
    for member in ("SchemaConfiguration", "InputFormatConfiguration", "OutputFormatConfiguration"):
        if not conversion.get(member):
            raise invalid_argument(f"{member} must be specified when data format conversion is enabled.")
    if configuration["CompressionFormat"] != "UNCOMPRESSED":
        raise invalid_argument("CompressionFormat must be UNCOMPRESSED when data format conversion is enabled.")
    if configuration["BufferingHints"]["SizeInMBs"] < LEAST_CONVERSION_MIB:
        raise invalid_argument(
            f"BufferingHints.SizeInMBs must be at least {LEAST_CONVERSION_MIB} when data format conversion is enabled."
        )
