"""Event source mappings as they are kept: in the emulator's own store, one dictionary each.

Other parts of the emulator (tags, CloudFormation, lists of all kinds of mappings) find them there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc as emulator

from helpers.local.event_sources import filters

Record = dict[str, Any]

NOTHING_PROCESSED = "No records processed"
OK = "OK"
CALL_FAILED = "PROBLEM: Function call failed"

TRANSIENT = frozenset({"Creating", "Enabling", "Disabling", "Updating", "Deleting"})

# https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
_DEFAULTS: Record = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
_KEPT_IF_GIVEN = ("FilterCriteria", "KMSKeyArn", "MetricsConfig", "StartingPositionTimestamp")
_INTERNAL = frozenset({"FunctionName", "Qualifier", "Enabled", "Tags"})


@dataclass(frozen=True)
class Settings:
    """What a poller needs to know of a mapping; -1 stands for no limit, as in the API."""

    function_name: str
    qualifier: str | None
    function_arn: str
    source_arn: str
    batch_size: int
    batching_window_seconds: int
    slots: int
    tumbling_window_seconds: int
    max_retries: int
    max_age_seconds: int
    bisect: bool
    reports_item_failures: bool
    patterns: tuple[filters.Pattern, ...]
    destination: str | None

    @property
    def limit_age_millis(self) -> int | None:
        """Age at which a record is discarded, None for no limit."""
        return None if self.max_age_seconds < 0 else self.max_age_seconds * 1000


def settings_of(record: Record) -> Settings:
    """Return a mapping's settings as they are now."""
    window = record["TumblingWindowInSeconds"]
    given = (record.get("FilterCriteria") or {}).get("Filters") or []
    return Settings(
        function_name=record["FunctionName"],
        qualifier=record.get("Qualifier"),
        function_arn=record["FunctionArn"],
        source_arn=record["EventSourceArn"],
        batch_size=record["BatchSize"],
        batching_window_seconds=record["MaximumBatchingWindowInSeconds"],
        # A window has one state per shard, which batches side by side could not share.
        slots=1 if window else record["ParallelizationFactor"],
        tumbling_window_seconds=window,
        max_retries=record["MaximumRetryAttempts"],
        max_age_seconds=record["MaximumRecordAgeInSeconds"],
        bisect=record["BisectBatchOnFunctionError"],
        reports_item_failures="ReportBatchItemFailures" in (record["FunctionResponseTypes"] or []),
        patterns=tuple(filters.compiled(entry["Pattern"]) for entry in given),
        destination=((record["DestinationConfig"] or {}).get("OnFailure") or {}).get("Destination"),
    )


def new_record(request: Record, function_name: str, qualifier: str | None) -> Record:
    """Return the record of a mapping that is being created."""
    uuid = new_uuid()
    arn = emulator._func_arn(function_name) + (f":{qualifier}" if qualifier else "")
    record = {
        "UUID": uuid,
        "EventSourceArn": request["EventSourceArn"],
        "EventSourceMappingArn": emulator._esm_arn(uuid),
        "FunctionArn": arn,
        "FunctionName": function_name,
        "Qualifier": qualifier,
        "StartingPosition": request["StartingPosition"],
        "Enabled": request.get("Enabled") is not False,
        "State": "Creating",
        "StateTransitionReason": "User action",
        "LastProcessingResult": NOTHING_PROCESSED,
        "LastModified": now_seconds(),
        "Tags": dict(request.get("Tags") or {}),
    }
    complete(record, request)
    return record


def complete(record: Record, given: Record) -> None:
    """Add the settings that are given to a record, and the default of every other one."""
    for name, default in _DEFAULTS.items():
        value = given.get(name)
        record[name] = value if value is not None else record.get(name, default)
    for name in _KEPT_IF_GIVEN:
        if given.get(name):
            record[name] = given[name]
    destination = (given.get("DestinationConfig") or record.get("DestinationConfig") or {}).get("OnFailure") or {}
    # An empty text removes a destination.
    record["DestinationConfig"] = {"OnFailure": dict(destination) if destination.get("Destination") else {}}


def shown(record: Record) -> Record:
    """Return a mapping as the API shows it."""
    return {name: value for name, value in record.items() if name not in _INTERNAL}


def is_kinesis(arn: str) -> bool:
    return arn.split(":")[2:3] == ["kinesis"]


def find(uuid: str) -> Record | None:
    """Return the Kinesis mapping of that identifier in the caller's account and region."""
    record: Record | None = emulator._esms.get(uuid)
    return record if record is not None and is_kinesis(record.get("EventSourceArn", "")) else None


def all_mappings() -> list[Record]:
    return list(emulator._esms.values())


def touch(record: Record, state: str) -> None:
    """Set a mapping's state, and when that was."""
    record["State"] = state
    record["StateTransitionReason"] = "User action"
    record["LastModified"] = now_seconds()


def now_seconds() -> float:
    return round(time.time(), 3)
