"""Quick Sight's resources of a stack: made, waited for, changed and deleted as CloudFormation does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from quicksight_world import ACCOUNT, QuickSightWorld, bar_chart, refusal, sheet

from helpers.local.kinesis.validation import input_shape
from helpers.local.stacks.typed import typed
from helpers.waiting import until

MINE = {"AwsAccountId": ACCOUNT}
STACK = "quick-sight"
ENDED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
MISSING = "SELECT * FROM nowhere.nothing"
# The sets of actions that make an owner and a user.
USES = ["DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource"]
OWNS = [*USES, "UpdateDataSource", "DeleteDataSource", "UpdateDataSourcePermissions"]

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def world(client: Callable[[str], Any]) -> QuickSightWorld:
    return QuickSightWorld(client)


class Stack:
    """The stack of a test."""

    def __init__(self, cloudformation: Any) -> None:
        self.cloudformation = cloudformation

    def create(self, resources: Resources) -> str:
        self.cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps({"Resources": resources}))
        return self.status()

    def update(self, resources: Resources) -> str:
        self.cloudformation.update_stack(StackName=STACK, TemplateBody=json.dumps({"Resources": resources}))
        return self.status()

    def status(self) -> str:
        def ended() -> str | None:
            [stack] = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
            return str(stack["StackStatus"]) if stack["StackStatus"] in ENDED else None

        return str(until(ended, "the stack", 30))

    def failures(self) -> dict[str, str]:
        """Return why resources failed, by their logical names; the first reason of each."""
        events = self.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [each for each in events if each["ResourceStatus"].endswith("FAILED")]
        return {each["LogicalResourceId"]: each["ResourceStatusReason"] for each in failed}

    def identifiers(self) -> dict[str, str]:
        found = self.cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def delete(self) -> None:
        self.cloudformation.delete_stack(StackName=STACK)
        until(self._is_gone, "the stack to go", 30)

    def _is_gone(self) -> bool:
        found = self.cloudformation.list_stacks()["StackSummaries"]
        return all(each["StackStatus"] == "DELETE_COMPLETE" for each in found if each["StackName"] == STACK)


@pytest.fixture
def stack(client: Callable[[str], Any]) -> Iterator[Stack]:
    made = Stack(client("cloudformation"))
    yield made
    made.delete()


def source(world: QuickSightWorld, name: str, actions: list[str] = OWNS, **changes: Any) -> dict[str, Any]:
    granted = [{"Principal": world.author, "Actions": [f"quicksight:{action}" for action in actions]}]
    properties = {**world.source_request(name), "Permissions": granted, "Tags": [{"Key": "project", "Value": name}]}
    return {"Type": "AWS::QuickSight::DataSource", "Properties": {**properties, **changes}}


def data_set(world: QuickSightWorld, name: str, **changes: Any) -> dict[str, Any]:
    return {"Type": "AWS::QuickSight::DataSet", "Properties": world.data_set_request(name, **changes)}


def page(kind: str, name: str, value: str = "events") -> dict[str, Any]:
    declared = [{"Identifier": "rows", "DataSetArn": {"Fn::GetAtt": ["Rows", "Arn"]}}]
    definition = {"DataSetIdentifierDeclarations": declared, "Sheets": [sheet(bar_chart("bars", value=value))]}
    properties = {**MINE, f"{kind}Id": name, "Name": name, "Definition": definition}
    return {"Type": f"AWS::QuickSight::{kind}", "Properties": properties}


def schedule(name: str, hour: str = "03:00") -> dict[str, Any]:
    frequency = {"Interval": "DAILY", "TimeOfTheDay": hour, "TimeZone": "UTC"}
    nightly = {"ScheduleId": "nightly", "ScheduleFrequency": frequency, "RefreshType": "FULL_REFRESH"}
    properties = {**MINE, "DataSetId": name, "Schedule": nightly}
    return {"Type": "AWS::QuickSight::RefreshSchedule", "DependsOn": "Rows", "Properties": properties}


def test_a_page_is_made_with_its_data_changed_and_deleted(world: QuickSightWorld, stack: Stack) -> None:
    name = world.new()
    whole = {
        "Source": source(world, name),
        "Rows": data_set(world, name),
        "Nightly": schedule(name),
        "Analysis": page("Analysis", name),
        "Dashboard": page("Dashboard", name),
    }
    assert stack.create(whole) == "CREATE_COMPLETE", stack.failures()
    made = dict.fromkeys(("Source", "Rows", "Analysis", "Dashboard"), f"{ACCOUNT}|{name}")
    assert stack.identifiers() == made | {"Nightly": f"{ACCOUNT}|{name}|nightly"}
    assert world.ingestion(name)["IngestionStatus"] == "COMPLETED"
    of = {**MINE, "DashboardId": name}
    assert world.api.describe_dashboard(**of)["Dashboard"]["Version"]["Status"] == "CREATION_SUCCESSFUL"

    other = {
        "Source": source(world, name, USES, Tags=[{"Key": "owner", "Value": "me"}]),
        "Nightly": schedule(name, "04:00"),
        "Dashboard": page("Dashboard", name, "price"),
    }
    assert stack.update(whole | other) == "UPDATE_COMPLETE", stack.failures()
    described = world.api.describe_data_source_permissions(**MINE, DataSourceId=name)
    [granted] = described["Permissions"]
    assert granted["Actions"] == [f"quicksight:{action}" for action in USES]
    tags = world.api.list_tags_for_resource(ResourceArn=described["DataSourceArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")} == {"owner": "me"}
    [kept] = world.api.list_refresh_schedules(**MINE, DataSetId=name)["RefreshSchedules"]
    assert kept["ScheduleFrequency"] == {"Interval": "DAILY", "TimeOfTheDay": "04:00", "Timezone": "UTC"}
    published = world.api.describe_dashboard(**of)["Dashboard"]["Version"]
    assert published["VersionNumber"] == 2, "readers see what the stack says"

    stack.delete()
    for kind in ("DataSource", "DataSet", "Dashboard", "Analysis"):
        describe = getattr(world.api, f"describe_{'data_' * (kind[:4] == 'Data')}{kind.removeprefix('Data').lower()}")
        assert refusal(describe, **MINE, **{f"{kind}Id": name})[0] == "ResourceNotFoundException"


def test_another_id_makes_another_resource(world: QuickSightWorld, stack: Stack) -> None:
    one, two = world.new(), world.new()
    assert stack.create({"Source": source(world, one)}) == "CREATE_COMPLETE"
    assert stack.update({"Source": source(world, two)}) == "UPDATE_COMPLETE"
    assert world.api.describe_data_source(**MINE, DataSourceId=two)["DataSource"]["DataSourceId"] == two
    assert refusal(world.api.describe_data_source, **MINE, DataSourceId=one)[0] == "ResourceNotFoundException"


def test_a_stack_waits_for_an_import_and_fails_with_it(world: QuickSightWorld, stack: Stack) -> None:
    name = world.new()
    assert stack.create({"Rows": data_set(world, name, sql=MISSING)}) == "ROLLBACK_COMPLETE"
    assert stack.failures()["Rows"].startswith("SQL_TABLE_NOT_FOUND: ")
    assert refusal(world.api.describe_data_set, **MINE, DataSetId=name)[0] == "ResourceNotFoundException"


def test_a_stack_that_does_not_wait_keeps_a_data_set_whose_table_comes_later(
    world: QuickSightWorld, stack: Stack
) -> None:
    name, policy = world.new(), {"WaitForSpiceIngestion": False}
    assert stack.create({"Rows": data_set(world, name, sql=MISSING, IngestionWaitPolicy=policy)}) == "CREATE_COMPLETE"
    assert world.ingestion(name)["ErrorInfo"]["Type"] == "SQL_TABLE_NOT_FOUND"


def test_refresh_properties_of_a_data_set_are_put_and_taken_away(world: QuickSightWorld, stack: Stack) -> None:
    name, window = world.new(), {"ColumnName": "day", "Size": 1, "SizeUnit": "DAY"}
    properties = {"RefreshConfiguration": {"IncrementalRefresh": {"LookbackWindow": window}}}
    assert stack.create({"Rows": data_set(world, name, DataSetRefreshProperties=properties)}) == "CREATE_COMPLETE"
    of = {**MINE, "DataSetId": name}
    found = world.api.describe_data_set_refresh_properties(**of)["DataSetRefreshProperties"]
    assert found == properties
    assert stack.update({"Rows": data_set(world, name)}) == "UPDATE_COMPLETE"
    assert refusal(world.api.describe_data_set_refresh_properties, **of)[0] == "ResourceNotFoundException"


def test_a_definition_that_leads_nowhere_fails_the_stack_and_readers_keep_the_version_before(
    world: QuickSightWorld, stack: Stack
) -> None:
    name = world.new()
    good = {"Rows": data_set(world, name), "Dashboard": page("Dashboard", name)}
    broken = good | {"Dashboard": page("Dashboard", name, "guests")}
    assert stack.create(good) == "CREATE_COMPLETE"
    assert stack.update(broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.failures()["Dashboard"].startswith("COLUMN_REPLACEMENT_MISSING: Required column 'guests' is missing")
    answer = world.api.describe_dashboard_definition(**MINE, DashboardId=name)
    assert "guests" not in json.dumps(answer["Definition"])
    stack.delete()
    assert stack.create(broken) == "ROLLBACK_COMPLETE"
    assert refusal(world.api.describe_dashboard, **MINE, DashboardId=name)[0] == "ResourceNotFoundException"


def test_what_quick_sight_refuses_fails_the_stack_with_its_words(world: QuickSightWorld, stack: Stack) -> None:
    name, stranger = world.new(), {"Principal": f"{world.author}-no", "Actions": ["quicksight:PassDataSource"]}
    assert stack.create({"Source": source(world, name, Permissions=[stranger])}) == "ROLLBACK_COMPLETE"
    assert stack.failures()["Source"].startswith("Invalid principals given : [")


def test_a_resource_must_have_an_id(world: QuickSightWorld, stack: Stack) -> None:
    nameless = source(world, "any")
    del nameless["Properties"]["DataSourceId"]
    assert stack.create({"Source": nameless}) == "ROLLBACK_COMPLETE"
    words = "Source has no DataSourceId; the local AWS makes no names for AWS::QuickSight::DataSource."
    assert stack.failures()["Source"] == words


@pytest.mark.parametrize("text", ["2019-10-01T00:00:00Z", "2019-10-01T02:00:00+02:00", "2019-10-01", "1569888000"])
def test_a_moment_of_a_template_is_one_of_the_api(text: str) -> None:
    declared = {"Name": "FirstDay", "DefaultValues": {"StaticValues": [text]}}
    request = {"Definition": {"ParameterDeclarations": [{"DateTimeParameterDeclaration": declared}]}}
    found = typed(input_shape("CreateDashboard", "quicksight"), request)
    [parameter] = found["Definition"]["ParameterDeclarations"]
    assert parameter["DateTimeParameterDeclaration"]["DefaultValues"]["StaticValues"] == [1569888000]
