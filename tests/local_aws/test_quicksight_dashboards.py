"""Dashboards and analyses: versions, what a definition refers to, and what is left after a deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from quicksight_world import ACCOUNT, QuickSightWorld, bar_chart, column, refusal, sheet

MINE = {"AwsAccountId": ACCOUNT}


@pytest.fixture(scope="module")
def world(client: Callable[[str], Any]) -> QuickSightWorld:
    return QuickSightWorld(client)


@pytest.fixture(scope="module")
def data_set(world: QuickSightWorld) -> str:
    return world.data_set()


def test_a_dashboard_is_created_then_published_then_updated(world: QuickSightWorld, data_set: str) -> None:
    definition = world.definition(data_set)
    name = world.new()
    request = {**MINE, "DashboardId": name, "Name": "n", "Definition": definition}
    made = world.api.create_dashboard(**request)
    assert (made["Status"], made["CreationStatus"]) == (202, "CREATION_IN_PROGRESS")
    assert made["VersionArn"].endswith(f"dashboard/{name}/version/1")
    assert world.version(name)["Status"] == "CREATION_SUCCESSFUL"
    assert refusal(world.api.create_dashboard, **request)[0] == "ResourceExistsException"

    world.api.update_dashboard(**{**request, "Name": "other"}, VersionDescription="second")
    assert world.version(name)["VersionNumber"] == 1, "an update is not published by itself"
    assert world.version(name, AliasName="$LATEST")["Description"] == "second"
    world.api.update_dashboard_published_version(**MINE, DashboardId=name, VersionNumber=2)
    assert world.version(name)["VersionNumber"] == 2
    versions = world.api.list_dashboard_versions(**MINE, DashboardId=name)["DashboardVersionSummaryList"]
    assert [each["VersionNumber"] for each in versions] == [2, 1]


def test_the_definition_comes_back_as_it_was_sent(world: QuickSightWorld, data_set: str) -> None:
    definition = world.definition(data_set)
    answer = world.api.describe_dashboard_definition(**MINE, DashboardId=world.dashboard(definition))
    assert answer["Definition"] == definition


def test_the_published_version_cannot_be_deleted_alone(world: QuickSightWorld, data_set: str) -> None:
    definition = world.definition(data_set)
    name = world.dashboard(definition)
    of = {**MINE, "DashboardId": name}
    world.api.update_dashboard(**of, Name="n", Definition=definition)
    assert refusal(world.api.delete_dashboard, **of, VersionNumber=1)[0] == "ConflictException"
    world.api.delete_dashboard(**of, VersionNumber=2)
    assert refusal(world.api.describe_dashboard, **of, VersionNumber=2)[0] == "ResourceNotFoundException"
    world.api.delete_dashboard(**of)
    assert refusal(world.api.describe_dashboard, **of)[0] == "ResourceNotFoundException"


def field(kind: str, name: str) -> dict[str, Any]:
    return {kind: {"FieldId": "f", "Column": column(name)}}


def table(value: dict[str, Any], group: str = "GroupBy") -> dict[str, Any]:
    wells = {"TableAggregatedFieldWells": {group: [value]}}
    return {"TableVisual": {"VisualId": "t", "ChartConfiguration": {"FieldWells": wells}}}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"Sheets": [sheet(bar_chart("b", value="guests"))]}, "COLUMN_REPLACEMENT_MISSING", "Required column 'guests'"),
    ({"Sheets": [sheet(bar_chart("b", value="category"))]}, "COLUMN_TYPE_MISMATCH", "'category'"),
    ({"Sheets": [sheet(bar_chart("b", category="events"))]}, "COLUMN_TYPE_MISMATCH", "'events'"),
    ({"Sheets": [sheet(table(field("DateDimensionField", "category")))]}, "COLUMN_TYPE_MISMATCH", "not DATETIME"),
    ({"CalculatedFields": [{"DataSetIdentifier": "rows", "Name": "x", "Expression": "sum({gone})"}]},
     "COLUMN_REPLACEMENT_MISSING", "'gone'"),
    ({"CalculatedFields": [{"DataSetIdentifier": "other", "Name": "x", "Expression": "sum({events})"}]},
     "DATA_SET_NOT_FOUND", "'other' is not declared"),
    ({"Sheets": [sheet(ParameterControls=[{"TextField": {
        "ParameterControlId": "c", "SourceParameterName": "Nobody"}}])]}, "PARAMETER_NOT_FOUND", "'Nobody'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "kind", "words"), WRONG)
def test_a_reference_that_leads_nowhere_fails_the_creation(
    world: QuickSightWorld, data_set: str, changes: dict[str, Any], kind: str, words: str
) -> None:
    name = world.dashboard(world.definition(data_set, **changes))
    version = world.version(name)
    assert version["Status"] == "CREATION_FAILED"
    assert kind in {error["Type"] for error in version["Errors"]}
    assert words in " ".join(error["Message"] for error in version["Errors"])
    assert all(error["ViolatedEntities"][0]["Path"] for error in version["Errors"])
    listed = world.api.list_dashboards(**MINE)["DashboardSummaryList"]
    (summary,) = [each for each in listed if each["DashboardId"] == name]
    assert "PublishedVersionNumber" not in summary


def test_a_data_set_that_is_gone_fails_the_creation(world: QuickSightWorld) -> None:
    name = world.data_set()
    definition = world.definition(name)
    world.api.delete_data_set(**MINE, DataSetId=name)
    version = world.version(world.dashboard(definition))
    assert [error["Type"] for error in version["Errors"]] == ["DATA_SET_NOT_FOUND"]


def test_lenient_validation_keeps_the_errors_and_succeeds(world: QuickSightWorld, data_set: str) -> None:
    definition = world.definition(data_set, Sheets=[sheet(bar_chart("b", value="guests"))])
    name = world.dashboard(definition, ValidationStrategy={"Mode": "LENIENT"})
    version = world.version(name)
    assert version["Status"] == "CREATION_SUCCESSFUL"
    assert [error["Type"] for error in version["Errors"]] == ["COLUMN_REPLACEMENT_MISSING"]


def test_a_failed_version_is_not_published(world: QuickSightWorld, data_set: str) -> None:
    name = world.dashboard(world.definition(data_set))
    broken = world.definition(data_set, Sheets=[sheet(bar_chart("b", value="guests"))])
    world.api.update_dashboard(**MINE, DashboardId=name, Name="n", Definition=broken)
    assert world.version(name, VersionNumber=2)["Status"] == "CREATION_FAILED"
    publish = world.api.update_dashboard_published_version
    code, _ = refusal(publish, **MINE, DashboardId=name, VersionNumber=2)
    assert code == "InvalidParameterValueException"
    assert world.version(name)["VersionNumber"] == 1


GRID = {"Elements": [{"ElementId": "nobody", "ElementType": "VISUAL", "ColumnSpan": 1, "RowSpan": 1}]}
SCOPE = {"SelectedSheets": {"SheetVisualScopingConfigurations": [{"SheetId": "nobody", "Scope": "ALL_VISUALS"}]}}
CHOSEN = {"FilterListConfiguration": {"MatchOperator": "CONTAINS", "CategoryValues": ["a"]}}
FILTER = {"CategoryFilter": {"FilterId": "f", "Column": column("category"), "Configuration": CHOSEN}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Sheets": [sheet(bar_chart("b"), bar_chart("b"))]}, "VisualId b is not unique"),
        ({"Sheets": [sheet(), sheet()]}, "SheetId sheet is not unique"),
        ({"Sheets": [sheet(Layouts=[{"Configuration": {"GridLayout": GRID}}])]}, "nobody is not on sheet"),
        ({"FilterGroups": [{"FilterGroupId": "g", "Filters": [FILTER], "ScopeConfiguration": SCOPE,
                            "CrossDataset": "SINGLE_DATASET"}]}, "scoped to sheet nobody"),
    ],
)  # fmt: skip
def test_a_structure_that_cannot_be_is_refused_at_once(
    world: QuickSightWorld, data_set: str, changes: dict[str, Any], words: str
) -> None:
    request = {**MINE, "DashboardId": world.new(), "Name": "n", "Definition": world.definition(data_set, **changes)}
    code, message = refusal(world.api.create_dashboard, **request)
    assert code == "InvalidParameterValueException"
    assert words in message


def test_parameters_that_are_not_declared_or_of_another_type_fail(world: QuickSightWorld, data_set: str) -> None:
    declared = {"StringParameterDeclaration": {"Name": "Who", "ParameterValueType": "SINGLE_VALUED"}}
    definition = world.definition(data_set, ParameterDeclarations=[declared])
    given = {"IntegerParameters": [{"Name": "Who", "Values": [1]}, {"Name": "What", "Values": [1]}]}
    version = world.version(world.dashboard(definition, Parameters=given))
    assert {error["Type"] for error in version["Errors"]} == {"PARAMETER_TYPE_INVALID", "PARAMETER_NOT_FOUND"}


def test_an_analysis_is_deleted_with_a_window_in_which_it_can_be_restored(
    world: QuickSightWorld, data_set: str
) -> None:
    name = world.new()
    of = {**MINE, "AnalysisId": name}
    world.api.create_analysis(**of, Name="n", Definition=world.definition(data_set))
    both = {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}
    assert refusal(world.api.delete_analysis, **of, **both)[0] == "InvalidParameterValueException"
    gone = world.api.delete_analysis(**of)
    analysis = world.api.describe_analysis(**of)["Analysis"]
    assert analysis["Status"] == "DELETED"
    assert (gone["DeletionTime"] - analysis["CreatedTime"]).days in (29, 30)
    assert refusal(world.api.delete_analysis, **of)[0] == "ConflictException"
    world.api.restore_analysis(**of)
    assert world.api.describe_analysis(**of)["Analysis"]["Status"] != "DELETED"
    world.api.delete_analysis(**of, ForceDeleteWithoutRecovery=True)
    assert refusal(world.api.describe_analysis, **of)[0] == "ResourceNotFoundException"


def test_a_failed_update_leaves_the_analysis_as_it_was(world: QuickSightWorld, data_set: str) -> None:
    of = {**MINE, "AnalysisId": world.new()}
    good = world.definition(data_set)
    world.api.create_analysis(**of, Name="n", Definition=good)
    broken = world.definition(data_set, Sheets=[sheet(bar_chart("b", value="guests"))])
    made = world.api.update_analysis(**of, Name="n", Definition=broken)
    assert made["UpdateStatus"] == "UPDATE_IN_PROGRESS"
    answer = world.api.describe_analysis_definition(**of)
    assert answer["Definition"] == good
    assert [error["Type"] for error in answer["Errors"]] == ["COLUMN_REPLACEMENT_MISSING"]


def test_dashboards_are_found_by_name_and_by_owner(world: QuickSightWorld, data_set: str) -> None:
    seeing = [f"quicksight:{action}" for action in ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard")]
    grant = [{"Principal": world.author, "Actions": seeing}]
    name = world.dashboard(world.definition(data_set), Permissions=grant)

    def found(**wanted: str) -> list[str]:
        answer = world.api.search_dashboards(**MINE, Filters=[wanted])
        return [each["DashboardId"] for each in answer["DashboardSummaryList"]]

    assert found(Operator="StringEquals", Name="QUICKSIGHT_USER", Value=world.author) == [name]
    assert found(Operator="StringEquals", Name="QUICKSIGHT_OWNER", Value=world.author) == []
    assert name in found(Operator="StringEquals", Name="DASHBOARD_NAME", Value="n")
