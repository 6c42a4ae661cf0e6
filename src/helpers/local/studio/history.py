"""What was done to an application, and the versions that it had: the emulator keeps neither.

https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ApplicationOperationInfo.html
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import kinesisanalyticsv2 as emulator

from helpers.local.aws_error import AwsError
from helpers.local.studio import versions
from helpers.local.studio.versions import recorded

# https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ListApplicationOperations.html
_PAGE = 50
_BUSY = ("STARTING", "STOPPING", "FORCE_STOPPING", "UPDATING")
_SUMMARY = ("Operation", "OperationId", "StartTime", "EndTime", "OperationStatus")


class History:
    """Operations and versions of the applications.

    Parameters
    ----------
    failure
        Tells by an application's ARN why its last start failed, None if it did not.
    """

    def __init__(self, failure: Callable[[str], str | None]) -> None:
        self._failure = failure
        self._operations: Any = AccountRegionScopedDict()
        self._versions: Any = AccountRegionScopedDict()

    def settle(self, name: str) -> None:
        """End the operation that has ended by now, before the next one begins."""
        record = emulator._get(name)
        if record is not None:
            self._of(record)

    def follow(self, action: str, name: str, answer: dict[str, Any]) -> None:
        """Write down what an action that succeeded has done."""
        if action == "DeleteApplication":
            self._operations.pop(name, None)
            self._versions.pop(name, None)
            return
        if action == "CreateApplication":
            self._operations[name], self._versions[name] = [], {}
        record = emulator._applications.get(name)
        kept = self._versions.setdefault(name, {})
        before = max(kept, default=record["ApplicationVersionId"])
        if record["ApplicationVersionId"] != before:
            record["ApplicationVersionUpdatedFrom"] = before
        kept.setdefault(record["ApplicationVersionId"], copy.deepcopy(record))
        if "OperationId" not in answer:
            return
        for operation in self._operations.get(name, []):
            # Forced to stop while it started
            _end(operation, "CANCELLED")
        now = time.time()
        operation = {
            "Operation": action, "OperationId": answer["OperationId"],
            "StartTime": now, "EndTime": now, "OperationStatus": "IN_PROGRESS",
        }  # fmt: skip
        if record["ApplicationVersionId"] != before:
            operation["ApplicationVersionChangeDetails"] = {
                "ApplicationVersionUpdatedFrom": before,
                "ApplicationVersionUpdatedTo": record["ApplicationVersionId"],
            }
        self._operations.setdefault(name, []).append(operation)

    def list_operations(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = {name: request[name] for name in ("Operation", "OperationStatus") if name in request}
        found = [
            {member: operation[member] for member in _SUMMARY}
            for operation in reversed(self._of(recorded(request)))
            if wanted.items() <= operation.items()
        ]
        return _page(found, "ApplicationOperationInfoList", request)

    def describe_operation(self, request: dict[str, Any]) -> dict[str, Any]:
        for operation in self._of(recorded(request)):
            if operation["OperationId"] == request["OperationId"]:
                return {
                    "ApplicationOperationInfoDetails": {
                        key: value for key, value in operation.items() if key != "OperationId"
                    }
                }
        raise AwsError("ResourceNotFoundException", f"Operation {request['OperationId']} is not found.")

    def list_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        record = recorded(request)
        found = [
            {"ApplicationVersionId": version, "ApplicationStatus": record["ApplicationStatus"]}
            for version in sorted(self._versions[record["ApplicationName"]], reverse=True)
        ]
        return _page(found, "ApplicationVersionSummaries", request)

    def describe_version(self, request: dict[str, Any]) -> dict[str, Any]:
        record, version = recorded(request), request["ApplicationVersionId"]
        if version == record["ApplicationVersionId"]:
            return {"ApplicationVersionDetail": emulator.application_detail(record)}
        try:
            kept = self._versions[record["ApplicationName"]][version]
            return {"ApplicationVersionDetail": emulator.application_detail(kept)}
        except KeyError:
            raise AwsError("ResourceNotFoundException", f"Application version {version} is not found.") from None

    def roll_back(self, request: dict[str, Any]) -> dict[str, Any]:
        record = recorded(request)
        return versions.roll_back(record, request, self._versions[record["ApplicationName"]])

    def _of(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the operations, the last one with the state in which it is by now."""
        operations: list[dict[str, Any]] = self._operations.get(record["ApplicationName"], [])
        if operations and record["ApplicationStatus"] not in _BUSY:
            failure = self._failure(record["ApplicationARN"])
            if failure and operations[-1]["Operation"] == "StartApplication":
                _end(operations[-1], "FAILED")
                operations[-1]["OperationFailureDetails"] = {"ErrorInfo": {"ErrorString": failure[:512]}}
            else:
                _end(operations[-1], "SUCCESSFUL")
        return operations


def _end(operation: dict[str, Any], status: str) -> None:
    if operation["OperationStatus"] == "IN_PROGRESS":
        operation |= {"OperationStatus": status, "EndTime": time.time()}


def _page(found: list[dict[str, Any]], member: str, request: dict[str, Any]) -> dict[str, Any]:
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise AwsError("InvalidArgumentException", "The NextToken is not valid.")
    start, limit = int(token), request.get("Limit", _PAGE)
    page = {member: found[start : start + limit]}
    return page | ({"NextToken": str(start + limit)} if start + limit < len(found) else {})
