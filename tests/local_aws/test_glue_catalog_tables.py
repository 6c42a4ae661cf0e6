"""Databases and tables of the Data Catalog as the Glue API reference describes them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def glue(client: Callable[[str], Any]) -> Any:
    return client("glue")


@pytest.fixture
def database(glue: Any) -> Iterator[str]:
    name = f"db_{uuid.uuid4().hex[:10]}"
    glue.create_database(DatabaseInput={"Name": name, "Description": "shop"})
    yield name
    glue.delete_database(Name=name)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_names_are_folded_to_lower_case(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database.upper(), TableInput={"Name": "Events"})
    table = glue.get_table(DatabaseName=database, Name="EVENTS")["Table"]
    assert (table["Name"], table["DatabaseName"]) == ("events", database)


def test_what_is_missing_is_named(glue: Any, database: str) -> None:
    assert refusal(glue.get_table, DatabaseName=database, Name="nope") == (
        "EntityNotFoundException",
        "Table nope not found.",
    )
    assert refusal(glue.get_table, DatabaseName="no_db", Name="nope") == (
        "EntityNotFoundException",
        "Database no_db not found.",
    )
    assert refusal(glue.get_tables, DatabaseName="no_db")[0] == "EntityNotFoundException"
    assert refusal(glue.delete_table, DatabaseName=database, Name="nope")[0] == "EntityNotFoundException"
    assert refusal(glue.get_database, Name="no_db")[1] == "Database no_db not found."


def test_a_taken_name_is_refused(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    assert refusal(glue.create_table, DatabaseName=database, TableInput={"Name": "T"}) == (
        "AlreadyExistsException",
        "Table already exists.",
    )
    assert refusal(glue.create_database, DatabaseInput={"Name": database}) == (
        "AlreadyExistsException",
        "Database already exists.",
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("raw*", ["raw_events", "raw_users"]),
        ("raw.*", ["raw_events", "raw_users"]),
        ("*events", ["events", "raw_events"]),
        ("events|raw_users", ["events", "raw_users"]),
        ("EVENTS", ["events"]),
        ("raw", []),
    ],
)
def test_get_tables_takes_a_pattern(glue: Any, database: str, expression: str, expected: list[str]) -> None:
    for name in ("raw_users", "events", "raw_events"):
        glue.create_table(DatabaseName=database, TableInput={"Name": name})
    found = glue.get_tables(DatabaseName=database, Expression=expression)["TableList"]
    assert [table["Name"] for table in found] == expected


def test_tables_come_in_pages(glue: Any, database: str) -> None:
    for number in range(5):
        glue.create_table(DatabaseName=database, TableInput={"Name": f"t{number}"})
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database, PaginationConfig={"PageSize": 2})
    assert [[table["Name"] for table in page["TableList"]] for page in pages] == [["t0", "t1"], ["t2", "t3"], ["t4"]]


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_holds_up_to_a_hundred_tables(glue: Any, database: str, size: int) -> None:
    assert glue.get_tables(DatabaseName=database, MaxResults=size)["TableList"] == []


def test_a_page_of_more_than_a_hundred_tables_is_refused(glue: Any, database: str) -> None:
    assert refusal(glue.get_tables, DatabaseName=database, MaxResults=101) == (
        "ValidationException",
        "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
    )


def test_an_update_replaces_the_table(glue: Any, database: str) -> None:
    glue.create_table(
        DatabaseName=database, TableInput={"Name": "t", "Description": "old", "Parameters": {"a": "1", "b": "2"}}
    )
    glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Parameters": {"b": "3"}})
    table = glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert table["Parameters"] == {"b": "3"}
    assert "Description" not in table


def test_an_update_of_a_stale_version_is_refused(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    seen = glue.get_table(DatabaseName=database, Name="t")["Table"]["VersionId"]
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"}, VersionId=seen)
    code, _ = refusal(glue.update_table, DatabaseName=database, TableInput={"Name": "t"}, VersionId=seen)
    assert code == "ConcurrentModificationException"


def test_versions_are_kept_newest_first(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "Description": "first"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Description": "second"})
    versions = glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    assert [version["Table"]["Description"] for version in versions] == ["second", "first"]
    oldest = versions[-1]["VersionId"]
    got = glue.get_table_version(DatabaseName=database, TableName="t", VersionId=oldest)["TableVersion"]
    assert got["Table"]["Description"] == "first"


def test_skip_archive_keeps_no_version(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t", "Description": "new"}, SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    assert [version["Table"]["Description"] for version in versions] == ["new"]


def test_an_old_version_can_be_deleted_the_current_cannot(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"})
    current, old = (
        version["VersionId"]
        for version in glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    )
    glue.delete_table_version(DatabaseName=database, TableName="t", VersionId=old)
    assert len(glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]) == 1
    arguments = {"DatabaseName": database, "TableName": "t", "VersionId": current}
    assert refusal(glue.delete_table_version, **arguments)[0] == "InvalidInputException"


def test_a_table_made_anew_has_no_old_versions(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"})
    glue.delete_table(DatabaseName=database, Name="t")
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    assert len(glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]) == 1


def test_a_batch_delete_tells_what_was_not_there(glue: Any, database: str) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": "t"})
    errors = glue.batch_delete_table(DatabaseName=database, TablesToDelete=["t", "gone"])["Errors"]
    assert [(error["TableName"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        ("gone", "EntityNotFoundException")
    ]
    assert glue.get_tables(DatabaseName=database)["TableList"] == []


def test_a_foreign_catalog_is_not_found(glue: Any, database: str) -> None:
    assert glue.get_tables(DatabaseName=database, CatalogId="000000000000")["TableList"] == []
    assert refusal(glue.get_tables, DatabaseName=database, CatalogId="123456789012")[0] == "EntityNotFoundException"


def test_search_finds_by_name_column_and_parameter(glue: Any, database: str) -> None:
    columns = {"Columns": [{"Name": "zebra_id", "Type": "int"}]}
    glue.create_table(DatabaseName=database, TableInput={"Name": "herd", "StorageDescriptor": columns})
    glue.create_table(DatabaseName=database, TableInput={"Name": "stable", "Parameters": {"breed": "okapi"}})

    def names(**arguments: Any) -> list[str]:
        mine = [{"Key": "DatabaseName", "Value": database}]
        filters = arguments.pop("Filters", []) + mine
        return [table["Name"] for table in glue.search_tables(Filters=filters, **arguments)["TableList"]]

    assert names(SearchText="zebra") == ["herd"]
    assert names(SearchText="OKAPI") == ["stable"]
    assert names(SearchText='"zebra"') == []
    assert names(SearchText='"zebra_id"') == ["herd"]
    assert names() == ["herd", "stable"]
    assert names(SortCriteria=[{"FieldName": "Name", "Sort": "DESC"}]) == ["stable", "herd"]
    assert names(Filters=[{"Key": "Name", "Value": "i", "Comparator": "GREATER_THAN"}]) == ["stable"]
