"""Quick Sight's resources of a stack, made by the same requests that the API takes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_QuickSight.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id

from helpers.local.aws_error import AwsError
from helpers.local.kinesis.validation import input_shape
from helpers.local.quicksight import service
from helpers.local.stacks.typed import typed

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

PREFIX = "AWS::QuickSight::"
_PAUSE_SECONDS = 0.02
# Of an import into SPICE.
_OVER = ("COMPLETED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class Asset:
    """A kind of resource with an id, permissions and tags, such as `DataSet`; it must have an id in a template.

    Its physical id is what CloudFormation takes for its primary identifier: account and id.
    """

    kind: str

    def create(self, logical_id: str, properties: Properties, stack: str) -> Made:
        """Make the resource and wait for it; what fails is deleted again."""
        identifier = self._id(logical_id, properties)
        answer = _do(f"Create{self.kind}", properties)
        try:
            self._settle(answer, {}, properties)
        except ValueError:
            self._delete(identifier)
            raise
        return f"{get_account_id()}|{identifier}", {"Arn": answer["Arn"]}

    def update(self, physical_id: str, before: Properties, after: Properties, stack: str) -> Made:
        """Change the resource with its permissions and tags, or make another one if its id has changed."""
        if not physical_id.endswith(f"|{self._id(physical_id, after)}"):
            made = self.create(physical_id, after, stack)
            self.delete(physical_id, before)
            return made
        answer = _do(f"Update{self.kind}", after)
        self._settle(answer, before, after)
        self._grant(before.get("Permissions", []), after)
        self._tag(answer["Arn"], before.get("Tags", []), after.get("Tags", []))
        return physical_id, {"Arn": answer["Arn"]}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the resource, which may be gone already."""
        self._delete(physical_id.rpartition("|")[2])

    def _id(self, logical_id: str, properties: Properties) -> str:
        name = f"{self.kind}Id"
        if name not in properties:
            raise ValueError(f"{logical_id} has no {name}; the local AWS makes no names for {PREFIX}{self.kind}.")
        return str(properties[name])

    def _delete(self, identifier: str) -> None:
        # For good: nothing of a stack that is gone is kept for 30 days.
        forced = {"ForceDeleteWithoutRecovery": True} if self.kind == "Analysis" else {}
        _do_if_there(f"Delete{self.kind}", {f"{self.kind}Id": identifier} | forced)

    def _settle(self, answer: Properties, before: Properties, properties: Properties) -> None:
        """Wait for the end of what a request has begun, and see to what other requests are for.

        Raises
        ------
        ValueError
            If it ends in a failure.
        """
        named = {f"{self.kind}Id": properties[f"{self.kind}Id"]}
        match self.kind:
            case "DataSet":
                _refresh_by(before, properties)
                if properties.get("ImportMode") == "SPICE" and _waits(properties):
                    _await_import(named | {"IngestionId": answer["IngestionId"]})
            case "Dashboard":
                version = _await_status("Dashboard", named | {"AliasName": "$LATEST"}, "Version")
                number = version["VersionNumber"]
                _do("UpdateDashboardPublishedVersion", named | {"VersionNumber": number})
            case _:
                _await_status(self.kind, named)

    def _grant(self, before: list[Properties], after: Properties) -> None:
        wanted = after.get("Permissions", [])
        had = {each["Principal"]: sorted(each["Actions"]) for each in before}
        grants = [each for each in wanted if had.get(each["Principal"]) != sorted(each["Actions"])]
        revokes = [each for each in before if each["Principal"] not in [kept["Principal"] for kept in wanted]]
        if grants or revokes:
            changes = {"GrantPermissions": grants, "RevokePermissions": revokes}
            named = {f"{self.kind}Id": after[f"{self.kind}Id"]}
            _do(f"Update{self.kind}Permissions", named | {name: each for name, each in changes.items() if each})

    def _tag(self, arn: str, before: list[Properties], after: list[Properties]) -> None:
        gone = sorted({tag["Key"] for tag in before} - {tag["Key"] for tag in after})
        if gone:
            _do("UntagResource", {"ResourceArn": arn, "TagKeys": gone})
        if after:
            _do("TagResource", {"ResourceArn": arn, "Tags": after})


class RefreshSchedule:
    """When a data set in SPICE is imported again; templates write `TimeZone` where the API has `Timezone`."""

    kind = "RefreshSchedule"

    def create(self, logical_id: str, properties: Properties, stack: str) -> Made:
        answer = _do("CreateRefreshSchedule", _with_timezone(properties))
        return f"{get_account_id()}|{properties['DataSetId']}|{answer['ScheduleId']}", {"Arn": answer["Arn"]}

    def update(self, physical_id: str, before: Properties, after: Properties, stack: str) -> Made:
        if physical_id.split("|")[1:] != [after["DataSetId"], after["Schedule"].get("ScheduleId")]:
            made = self.create(physical_id, after, stack)
            self.delete(physical_id, before)
            return made
        return physical_id, {"Arn": _do("UpdateRefreshSchedule", _with_timezone(after))["Arn"]}

    def delete(self, physical_id: str, properties: Properties) -> None:
        _, data_set, schedule = physical_id.split("|")
        _do_if_there("DeleteRefreshSchedule", {"DataSetId": data_set, "ScheduleId": schedule})


KINDS = (Asset("DataSource"), Asset("DataSet"), Asset("Analysis"), Asset("Dashboard"), RefreshSchedule())


def _do(action: str, properties: Properties) -> Properties:
    """Send what an action takes of the properties, with their types.

    Raises
    ------
    ValueError
        If Quick Sight refuses it; the stack's event shows its words.
    """
    try:
        return _request(action, properties)
    except AwsError as error:
        raise ValueError(error.message) from error


def _do_if_there(action: str, properties: Properties) -> None:
    try:
        _request(action, properties)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise ValueError(error.message) from error


def _request(action: str, properties: Properties) -> Properties:
    shape = input_shape(action, "quicksight")
    given = {"AwsAccountId": get_account_id()} | properties
    request: Properties = typed(shape, {name: value for name, value in given.items() if name in shape.members})
    return service.perform(action, request)


def _await_status(kind: str, named: Properties, *within: str) -> Properties:
    while True:
        found: Properties = _do(f"Describe{kind}", named)[kind]
        for name in within:
            found = found[name]
        status = str(found["Status"])
        if "IN_PROGRESS" not in status:
            break
        time.sleep(_PAUSE_SECONDS)
    if status.endswith("FAILED"):
        errors = [found["ErrorInfo"]] if "ErrorInfo" in found else found.get("Errors", [])
        raise ValueError("; ".join(f"{error['Type']}: {error['Message']}" for error in errors) or status)
    return found


def _waits(properties: Properties) -> bool:
    wanted = properties.get("IngestionWaitPolicy", {}).get("WaitForSpiceIngestion", True)
    return str(wanted).lower() == "true"


def _await_import(named: Properties) -> None:
    while (found := _do("DescribeIngestion", named)["Ingestion"])["IngestionStatus"] not in _OVER:
        time.sleep(_PAUSE_SECONDS)
    if found["IngestionStatus"] == "FAILED":
        error = found["ErrorInfo"]
        raise ValueError(f"{error['Type']}: {error['Message']}")


def _refresh_by(before: Properties, after: Properties) -> None:
    name, named = "DataSetRefreshProperties", {"DataSetId": after["DataSetId"]}
    if name in after:
        _do(f"Put{name}", named | {name: after[name]})
    elif name in before:
        _do_if_there(f"Delete{name}", named)


def _with_timezone(properties: Properties) -> Properties:
    schedule = properties["Schedule"]
    frequency = {
        "Timezone" if name == "TimeZone" else name: value
        for name, value in schedule.get("ScheduleFrequency", {}).items()
    }
    return properties | {"Schedule": schedule | {"ScheduleFrequency": frequency}}
