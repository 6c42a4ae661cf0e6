"""Data catalogs, databases and tables as Athena shows them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def database(client: Callable[[str], Any]) -> str:
    glue, name = client("glue"), f"shown_{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name, "Description": "shown"})
    for table in ("events", "users", "events_raw"):
        glue.create_table(
            DatabaseName=name,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "csv"},
                "PartitionKeys": [{"Name": "day", "Type": "string"}],
                "StorageDescriptor": {
                    "Location": f"s3://b/{table}/",
                    "Columns": [{"Name": "a", "Type": "int", "Comment": "first"}],
                    "SerdeInfo": {"SerializationLibrary": "org.example.Serde"},
                },
            },
        )
    return name


def test_the_accounts_own_catalog_is_glue(athena: Any) -> None:
    assert athena.api.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    assert {"CatalogName": "AwsDataCatalog", "Type": "GLUE"} in athena.api.list_data_catalogs()["DataCatalogsSummary"]
    assert refusal(athena.api.delete_data_catalog, Name="AwsDataCatalog")[0] == "InvalidRequestException"


def test_a_catalog_of_ones_own(athena: Any) -> None:
    name = f"catalog_{uuid.uuid4().hex[:8]}"
    parameters = {"catalog-id": "000000000000"}
    athena.api.create_data_catalog(Name=name, Type="GLUE", Description="more", Parameters=parameters)
    held = athena.api.get_data_catalog(Name=name)["DataCatalog"]
    assert (held["Type"], held["Description"], held["Parameters"]) == ("GLUE", "more", parameters)
    code, message = refusal(athena.api.create_data_catalog, Name=name, Type="GLUE")
    assert (code, "already exists" in message) == ("InvalidRequestException", True)
    athena.api.update_data_catalog(Name=name, Type="GLUE", Description="less")
    assert athena.api.get_data_catalog(Name=name)["DataCatalog"]["Description"] == "less"
    athena.api.delete_data_catalog(Name=name)
    assert refusal(athena.api.get_data_catalog, Name=name)[0] == "InvalidRequestException"


def test_databases_are_glues(athena: Any, database: str) -> None:
    shown = athena.api.get_database(CatalogName="AwsDataCatalog", DatabaseName=database)["Database"]
    assert (shown["Name"], shown["Description"]) == (database, "shown")
    pages = athena.api.get_paginator("list_databases").paginate(
        CatalogName="awsdatacatalog", PaginationConfig={"PageSize": 1}
    )
    assert database in [held["Name"] for page in pages for held in page["DatabaseList"]]
    missing = {"CatalogName": "AwsDataCatalog", "DatabaseName": "nope"}
    assert refusal(athena.api.get_database, **missing)[0] == "MetadataException"
    assert refusal(athena.api.list_databases, CatalogName="nope")[0] == "MetadataException"


def test_a_table_tells_its_columns_keys_and_storage(athena: Any, database: str) -> None:
    where = {"CatalogName": "AwsDataCatalog", "DatabaseName": database}
    table = athena.api.get_table_metadata(**where, TableName="events")["TableMetadata"]
    assert table["Columns"] == [{"Name": "a", "Type": "int", "Comment": "first"}]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert (table["Name"], table["TableType"]) == ("events", "EXTERNAL_TABLE")
    assert table["Parameters"] == {
        "classification": "csv",
        "location": "s3://b/events/",
        "serde.serialization.lib": "org.example.Serde",
    }
    assert refusal(athena.api.get_table_metadata, **where, TableName="nope")[0] == "MetadataException"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [(None, ["events", "events_raw", "users"]), ("events.*", ["events", "events_raw"]), ("users", ["users"])],
)
def test_tables_are_listed_by_an_expression(
    athena: Any, database: str, expression: str | None, expected: list[str]
) -> None:
    arguments = {"Expression": expression} if expression else {}
    pages = athena.api.get_paginator("list_table_metadata").paginate(
        CatalogName="AwsDataCatalog", DatabaseName=database, PaginationConfig={"PageSize": 2}, **arguments
    )
    assert [table["Name"] for page in pages for table in page["TableMetadataList"]] == expected


def test_the_default_database_is_made_when_it_is_first_used(athena: Any, client: Any) -> None:
    glue = client("glue")
    with contextlib.suppress(glue.exceptions.EntityNotFoundException):
        glue.delete_database(Name="default")
    athena.rows("SHOW TABLES")
    assert glue.get_database(Name="default")["Database"]["Description"] == "Default Hive database"
    athena.succeed(f"CREATE EXTERNAL TABLE in_default (a int) LOCATION 's3://{athena.bucket}/in_default/'")
    assert athena.rows("SHOW TABLES 'in_default'") == [["in_default"]]
    assert athena.rows("SELECT count(*) FROM in_default") == [["0"]]
    athena.succeed("DROP TABLE in_default")
