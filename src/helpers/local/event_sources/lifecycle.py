"""Mappings created, changed and deleted, whoever asks: the API or CloudFormation."""

from __future__ import annotations

from ministack.services import lambda_svc as emulator

from helpers.local.event_sources import mapping, runner, validation
from helpers.local.event_sources.mapping import Record


def create(request: Record) -> Record:
    """Create a mapping and let it run.

    Raises
    ------
    ApiError
        If AWS would refuse the request.
    """
    function = validation.check_create(request)
    record = mapping.new_record(request, *function)
    emulator._esms[record["UUID"]] = record
    runner.start(record)
    return record


def update(record: Record, request: Record) -> None:
    """Change a mapping.

    Raises
    ------
    ApiError
        If AWS would refuse the request.
    """
    function = validation.check_update(request)
    mapping.complete(record, request)
    if "FilterCriteria" in request and not (request["FilterCriteria"] or {}).get("Filters"):
        record.pop("FilterCriteria", None)
    if function is not None:
        record["FunctionName"], record["Qualifier"] = function
        record["FunctionArn"] = emulator._func_arn(function[0]) + (f":{function[1]}" if function[1] else "")
    enabled = request.get("Enabled")
    state = "Updating"
    if enabled is not None and enabled != record["Enabled"]:
        record["Enabled"] = enabled
        state = "Enabling" if enabled else "Disabling"
    runner.change(record, state)


def delete(record: Record) -> None:
    """Let a mapping end after the calls that it is making."""
    runner.change(record, "Deleting")
