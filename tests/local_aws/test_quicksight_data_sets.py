"""Data sources and data sets: what is refused, what is read, and how it is refreshed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from quicksight_world import ACCOUNT, COLUMNS, SQL, QuickSightWorld, refusal

MINE = {"AwsAccountId": ACCOUNT}


@pytest.fixture(scope="module")
def world(client: Callable[[str], Any]) -> QuickSightWorld:
    return QuickSightWorld(client)


def test_a_data_source_is_created_once_updated_and_deleted(world: QuickSightWorld) -> None:
    name = world.new()
    made = world.api.create_data_source(**world.source_request(name))
    assert (made["Status"], made["CreationStatus"]) == (202, "CREATION_IN_PROGRESS")
    assert refusal(world.api.create_data_source, **world.source_request(name)) == (
        "ResourceExistsException", f"DataSource {name} already exists.",
    )  # fmt: skip
    world.api.update_data_source(**MINE, DataSourceId=name, Name="other")
    assert world.api.describe_data_source(**MINE, DataSourceId=name)["DataSource"]["Name"] == "other"
    world.api.delete_data_source(**MINE, DataSourceId=name)
    assert refusal(world.api.describe_data_source, **MINE, DataSourceId=name)[0] == "ResourceNotFoundException"


def test_a_workgroup_that_is_not_there_fails_the_data_source(world: QuickSightWorld) -> None:
    name = world.new()
    parameters = {"AthenaParameters": {"WorkGroup": "nobody"}}
    world.api.create_data_source(**world.source_request(name, DataSourceParameters=parameters))
    while True:
        source = world.api.describe_data_source(**MINE, DataSourceId=name)["DataSource"]
        if not source["Status"].endswith("IN_PROGRESS"):
            break
    assert source["Status"] == "CREATION_FAILED"
    assert source["ErrorInfo"]["Type"] == "GENERIC_SQL_FAILURE"


def test_all_violations_of_the_service_model_are_named_at_once(world: QuickSightWorld) -> None:
    request = world.data_set_request(world.new(), ImportMode="RAM")
    ((_, table),) = request["PhysicalTableMap"].items()
    request["PhysicalTableMap"] = {"no_underscores": table}
    code, message = refusal(world.api.create_data_set, **request)
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: Value '{no_underscores=")
    assert (
        "at 'physicalTableMap' failed to satisfy constraint: Map keys must satisfy constraint: "
        "[Member must have length less than or equal to 64, Member must have length greater than or equal to 1, "
        "Member must satisfy regular expression pattern: [0-9a-zA-Z-]*]"
    ) in message
    assert "Value 'RAM' at 'importMode'" in message


def test_an_import_counts_the_rows_of_the_query(world: QuickSightWorld) -> None:
    made = world.api.create_data_set(**world.data_set_request(name := world.new()))
    assert made["Status"] == 201
    ingestion = world.ingestion(name)
    assert ingestion["IngestionId"] == made["IngestionId"]
    assert (ingestion["IngestionStatus"], ingestion["RequestType"]) == ("COMPLETED", "INITIAL_INGESTION")
    assert ingestion["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 0, "TotalRowsInDataset": 3}
    described = world.api.describe_data_set(**MINE, DataSetId=name)["DataSet"]
    assert described["OutputColumns"] == [{"Name": key, "Type": kind} for key, kind in COLUMNS.items()]
    assert described["ConsumedSpiceCapacityInBytes"] > 0


@pytest.mark.parametrize(
    ("sql", "kind", "words"),
    [
        ("SELECT 1 AS day FROM nowhere.nothing", "SQL_TABLE_NOT_FOUND", "nowhere"),
        ("SELECT date '2019-10-01' AS day", "SQL_SCHEMA_MISMATCH_ERROR", "gives no column category"),
        (SQL.replace("2.5e0", "'x'").replace("1.5e0", "'x'").replace("3.5e0", "'x'"), "SQL_SCHEMA_MISMATCH_ERROR",
         "Column price is varchar"),
        ("SELECT", "SQL_EXCEPTION", ""),
    ],
)  # fmt: skip
def test_an_import_fails_with_the_reason(world: QuickSightWorld, sql: str, kind: str, words: str) -> None:
    ingestion = world.ingestion(world.data_set(sql))
    assert (ingestion["IngestionStatus"], ingestion["ErrorInfo"]["Type"]) == ("FAILED", kind)
    assert words in ingestion["ErrorInfo"]["Message"]


def test_a_direct_query_is_tried_when_it_is_made(world: QuickSightWorld) -> None:
    request = world.data_set_request(world.new(), ImportMode="DIRECT_QUERY")
    made = world.api.create_data_set(**request)
    assert "IngestionId" not in made
    request = world.data_set_request(world.new(), "SELECT * FROM nowhere.nothing", ImportMode="DIRECT_QUERY")
    code, message = refusal(world.api.create_data_set, **request)
    assert (code, message.partition(":")[0]) == ("InvalidParameterValueException", "SQL_TABLE_NOT_FOUND")


def test_a_data_source_must_be_there(world: QuickSightWorld) -> None:
    request = world.data_set_request(world.new())
    request["PhysicalTableMap"]["rows"]["CustomSql"]["DataSourceArn"] = world.source + "x"
    assert refusal(world.api.create_data_set, **request) == (
        "InvalidParameterValueException", f"Invalid dataSourceArn: {world.source}x",
    )  # fmt: skip


def test_transforms_change_the_columns_and_must_know_them(world: QuickSightWorld) -> None:
    def logical(*transforms: dict[str, Any]) -> dict[str, Any]:
        return {"all": {"Alias": "a", "Source": {"PhysicalTableId": "rows"}, "DataTransforms": list(transforms)}}

    rename = {"RenameColumnOperation": {"ColumnName": "events", "NewColumnName": "n"}}
    column = {"ColumnName": "half", "ColumnId": "half", "Expression": "{n} / 2"}
    project = {"ProjectOperation": {"ProjectedColumns": ["n", "half"]}}
    create = {"CreateColumnsOperation": {"Columns": [column]}}
    name = world.data_set(LogicalTableMap=logical(rename, create, project))
    given = world.api.describe_data_set(**MINE, DataSetId=name)["DataSet"]["OutputColumns"]
    assert given == [{"Name": "n", "Type": "INTEGER"}, {"Name": "half", "Type": "DECIMAL"}]

    request = world.data_set_request(world.new(), LogicalTableMap=logical(create))
    assert refusal(world.api.create_data_set, **request) == (
        "InvalidParameterValueException",
        "Unable to process your request while preparing the table view from your schema, calculated columns [half] "
        "are invalid. ErrorType: CONTEXTUAL_UNKNOWN_SYMBOL",
    )


def test_an_update_imports_again_and_changes_in_place(world: QuickSightWorld) -> None:
    name = world.data_set()
    world.ingestion(name)
    world.api.update_data_set(**world.data_set_request(name, SQL + " WHERE events > 1", Name="other"))
    assert world.ingestion(name)["RowInfo"]["RowsIngested"] == 2
    summaries = world.api.list_data_sets(**MINE)["DataSetSummaries"]
    assert [each["Name"] for each in summaries if each["DataSetId"] == name] == ["other"]


def test_by_hand_a_data_set_is_refreshed_32_times_a_day(world: QuickSightWorld) -> None:
    name = world.data_set()
    for number in range(32):
        made = world.api.create_ingestion(**MINE, DataSetId=name, IngestionId=f"i{number}")
    assert (made["Status"], made["IngestionStatus"]) == (201, "INITIALIZED")
    again = {**MINE, "DataSetId": name}
    assert refusal(world.api.create_ingestion, **again, IngestionId="i0")[0] == "ResourceExistsException"
    assert refusal(world.api.create_ingestion, **again, IngestionId="i32")[0] == "LimitExceededException"
    first = world.api.list_ingestions(**again, MaxResults=30)
    rest = world.api.list_ingestions(**again, MaxResults=30, NextToken=first["NextToken"])
    assert (len(first["Ingestions"]), len(rest["Ingestions"])) == (30, 3)
    assert first["Ingestions"][0]["IngestionId"] == "i31"


SCHEDULE = {"ScheduleId": "s", "ScheduleFrequency": {"Interval": "DAILY"}, "RefreshType": "FULL_REFRESH"}


def test_a_schedule_is_kept_changed_and_deleted(world: QuickSightWorld) -> None:
    of = {**MINE, "DataSetId": world.data_set()}
    world.api.create_refresh_schedule(**of, Schedule=SCHEDULE)
    assert refusal(world.api.create_refresh_schedule, **of, Schedule=SCHEDULE)[0] == "ResourceExistsException"
    hourly = {**SCHEDULE, "ScheduleFrequency": {"Interval": "HOURLY"}}
    world.api.update_refresh_schedule(**of, Schedule=hourly)
    (kept,) = world.api.list_refresh_schedules(**of)["RefreshSchedules"]
    assert kept["ScheduleFrequency"] == {"Interval": "HOURLY"}
    world.api.delete_refresh_schedule(**of, ScheduleId="s")
    assert refusal(world.api.describe_refresh_schedule, **of, ScheduleId="s")[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"ScheduleFrequency": {"Interval": "WEEKLY"}}, "InvalidParameterValueException", "DayOfWeek"),
        ({"ScheduleFrequency": {"Interval": "MONTHLY"}}, "InvalidParameterValueException", "DayOfMonth"),
        ({"ScheduleFrequency": {"Interval": "MINUTE15"}}, "InvalidParameterValueException", "incremental"),
        (
            {"ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": "24:00"}},
            "InvalidParameterValueException",
            "HH:MM",
        ),
        ({"RefreshType": "INCREMENTAL_REFRESH"}, "PreconditionNotMetException", "refresh properties"),
        ({"StartAfterDateTime": datetime.now(UTC) - timedelta(hours=1)}, "InvalidParameterValueException", "future"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(
    world: QuickSightWorld, changes: dict[str, Any], code: str, words: str
) -> None:
    of = {**MINE, "DataSetId": world.data_set()}
    found, message = refusal(world.api.create_refresh_schedule, **of, Schedule={**SCHEDULE, **changes})
    assert found == code
    assert words in message


def test_a_sixth_schedule_and_one_of_a_direct_query_are_refused(world: QuickSightWorld) -> None:
    of = {**MINE, "DataSetId": world.data_set()}
    for number in range(5):
        world.api.create_refresh_schedule(**of, Schedule={**SCHEDULE, "ScheduleId": f"s{number}"})
    assert refusal(world.api.create_refresh_schedule, **of, Schedule=SCHEDULE)[0] == "LimitExceededException"
    direct = {**MINE, "DataSetId": world.data_set(ImportMode="DIRECT_QUERY")}
    code, message = refusal(world.api.create_refresh_schedule, **direct, Schedule=SCHEDULE)
    assert (code, "SPICE" in message) == ("InvalidParameterValueException", True)


def test_an_incremental_refresh_needs_a_window_on_a_moment(world: QuickSightWorld) -> None:
    name = world.data_set()

    def properties(column: str) -> dict[str, Any]:
        window = {"ColumnName": column, "Size": 1, "SizeUnit": "DAY"}
        return {"RefreshConfiguration": {"IncrementalRefresh": {"LookbackWindow": window}}}

    of = {**MINE, "DataSetId": name}
    put = world.api.put_data_set_refresh_properties
    assert refusal(put, **of, DataSetRefreshProperties=properties("events"))[0] == "InvalidParameterValueException"
    put(**of, DataSetRefreshProperties=properties("day"))
    often = {**SCHEDULE, "RefreshType": "INCREMENTAL_REFRESH", "ScheduleFrequency": {"Interval": "MINUTE15"}}
    assert world.api.create_refresh_schedule(**of, Schedule=often)["ScheduleId"] == "s"


def test_permissions_are_whole_sets_for_people_who_exist(world: QuickSightWorld) -> None:
    reading = ["DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions"]
    actions = [f"quicksight:{action}" for action in reading]
    grant = [{"Principal": world.author, "Actions": actions}]
    name = world.data_set(Permissions=grant)
    assert world.api.describe_data_set_permissions(**MINE, DataSetId=name)["Permissions"] == grant
    of = {**MINE, "DataSetId": name}
    some = [{"Principal": world.author, "Actions": actions[:2]}]
    code, message = refusal(world.api.update_data_set_permissions, **of, GrantPermissions=some)
    assert code == "InvalidParameterValueException"
    assert message.startswith(f"ResourcePermission list contains unsupported permission sets {actions[:2]}")
    nobody = [{"Principal": world.author + "x", "Actions": actions}]
    code, message = refusal(world.api.update_data_set_permissions, **of, GrantPermissions=nobody)
    assert (code, "Invalid principals" in message) == ("InvalidParameterValueException", True)
    world.api.update_data_set_permissions(**of, RevokePermissions=grant)
    assert world.api.describe_data_set_permissions(**of)["Permissions"] == []


def test_tags_are_kept_and_removed(world: QuickSightWorld) -> None:
    arn = world.api.create_data_set(**world.data_set_request(world.new(), Tags=[{"Key": "a", "Value": "1"}]))["Arn"]
    world.api.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    world.api.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert world.api.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert refusal(world.api.list_tags_for_resource, ResourceArn=arn + "x")[0] == "ResourceNotFoundException"
