"""awswrangler.catalog against the local Data Catalog."""

from __future__ import annotations

import uuid
from typing import Any

import pandas as pd
import pytest

COLUMNS = {"col0": "int", "col1": "double"}
PARTITIONS = {"y": "int", "m": "int"}


@pytest.fixture
def table(wr: Any, lake: Any) -> str:
    """A partitioned Parquet table."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    wr.catalog.create_parquet_table(
        database=lake.database,
        table=name,
        path=lake.path(name),
        columns_types=COLUMNS,
        partitions_types=PARTITIONS,
        compression="snappy",
        description="Foo boo bar",
        parameters={"tag": "test"},
        columns_comments={"col0": "my int", "y": "year"},
    )
    return name


def test_a_table_tells_what_it_was_made_with(wr: Any, lake: Any, table: str) -> None:
    where = {"database": lake.database, "table": table}
    assert wr.catalog.does_table_exist(**where)
    assert wr.catalog.get_table_location(**where) == lake.path(table)
    assert wr.catalog.get_table_types(**where) == {**COLUMNS, **PARTITIONS}
    assert wr.catalog.get_table_description(**where) == "Foo boo bar"
    assert wr.catalog.get_table_parameters(**where)["tag"] == "test"
    comments = wr.catalog.get_columns_comments(**where)
    assert {name: comments[name] for name in ("col0", "y")} == {"col0": "my int", "y": "year"}
    frame = wr.catalog.table(**where)
    assert frame["Column Name"].to_list() == ["col0", "col1", "y", "m"]
    assert frame["Partition"].to_list() == [False, False, True, True]


@pytest.mark.parametrize("kind", ["csv", "json", "orc", "parquet"])
def test_tables_of_every_format(wr: Any, lake: Any, kind: str) -> None:
    create = getattr(wr.catalog, f"create_{kind}_table")
    create(database=lake.database, table=kind, path=lake.path(kind), columns_types=COLUMNS)
    assert wr.catalog.get_table_types(lake.database, kind) == COLUMNS
    assert wr.catalog.delete_table_if_exists(lake.database, kind) is True
    assert wr.catalog.delete_table_if_exists(lake.database, kind) is False
    assert wr.catalog.get_table_types(lake.database, kind) is None


def test_tables_are_found_by_parts_of_their_name(wr: Any, lake: Any, table: str) -> None:
    def found(**how: Any) -> list[str]:
        return [held["Name"] for held in wr.catalog.get_tables(**how)]

    assert table in found()
    assert table in found(database=lake.database)
    assert table in found(name_prefix=table[:5])
    assert table in found(name_suffix=table[-4:])
    assert table in found(name_contains=table[3:-2], catalog_id="000000000000")
    assert table in found(name_prefix=table[0], name_suffix=table[-1])
    assert found(name_prefix="no_such_table") == []
    assert table in [held["Name"] for held in wr.catalog.search_tables(text="Foo boo bar")]
    frame = wr.catalog.tables(database=lake.database, search_text="parquet", name_prefix="t_")
    assert table in frame["Table"].to_list()


def test_databases(wr: Any, lake: Any) -> None:
    name = f"db_{uuid.uuid4().hex[:8]}"
    wr.catalog.create_database(name, description="first")
    with pytest.raises(wr.exceptions.AlreadyExists):
        wr.catalog.create_database(name)
    wr.catalog.create_database(name, description="second", exist_ok=True)
    frame = wr.catalog.databases(limit=1000)
    assert frame.loc[frame["Database"] == name, "Description"].item() == "second"
    wr.catalog.delete_database(name)
    assert name not in [held["Name"] for held in wr.catalog.get_databases()]


def test_columns_come_and_go(wr: Any, lake: Any, table: str) -> None:
    wr.catalog.add_column(lake.database, table, "col2", "int", column_comment="new")
    assert wr.catalog.get_table_types(lake.database, table)["col2"] == "int"
    assert wr.catalog.get_columns_comments(lake.database, table)["col2"] == "new"
    wr.catalog.delete_column(lake.database, table, "col2")
    assert "col2" not in wr.catalog.get_table_types(lake.database, table)


def test_parameters_are_merged_or_replaced(wr: Any, lake: Any, table: str) -> None:
    before = wr.catalog.get_table_parameters(lake.database, table)
    merged = wr.catalog.upsert_table_parameters({"tag": "new", "more": "1"}, lake.database, table)
    assert merged == {**before, "tag": "new", "more": "1"}
    wr.catalog.overwrite_table_parameters({"only": "1"}, lake.database, table)
    assert wr.catalog.get_table_parameters(lake.database, table) == {"only": "1"}
    with pytest.raises(wr.exceptions.InvalidTable):
        wr.catalog.overwrite_table_parameters({"a": "b"}, lake.database, "no_such_table")


def test_partitions_are_added_selected_and_deleted(wr: Any, lake: Any, table: str) -> None:
    where = {"database": lake.database, "table": table}
    path = lake.path(table)
    first, second = {f"{path}y=2020/m=1/": ["2020", "1"]}, {f"{path}y=2021/m=2/": ["2021", "2"]}
    wr.catalog.add_parquet_partitions(**where, partitions_values={**first, **second}, compression="snappy")
    wr.catalog.add_parquet_partitions(**where, partitions_values=first, compression="snappy")
    assert wr.catalog.get_parquet_partitions(**where) == {**first, **second}
    assert wr.catalog.get_partitions(**where, expression="y = 2021 AND m = 2") == second
    assert wr.catalog.get_partitions(**where, catalog_id="000000000000", expression="y < 2021") == first
    wr.catalog.delete_partitions(**where, partitions_values=[["2020", "1"]])
    assert wr.catalog.get_partitions(**where) == second
    assert wr.catalog.delete_all_partitions(**where) == [["2021", "2"]]
    assert wr.catalog.get_partitions(**where) == {}


def test_more_partitions_than_fit_a_request(wr: Any, lake: Any, table: str) -> None:
    values = {f"{lake.path(table)}y={year}/m=1/": [str(year), "1"] for year in range(1000, 1250)}
    wr.catalog.add_parquet_partitions(lake.database, table, partitions_values=values)
    assert wr.catalog.get_partitions(lake.database, table) == values
    assert len(wr.catalog.delete_all_partitions(table=table, database=lake.database)) == 250


def test_versions_are_counted(wr: Any, lake: Any) -> None:
    where = {"database": lake.database, "table": "versions"}
    write = {**where, "path": lake.path("versions"), "dataset": True, "mode": "overwrite"}
    wr.s3.to_parquet(df=pd.DataFrame({"c0": [1, 2]}), **write)
    assert wr.catalog.get_table_number_of_versions(**where) == 1
    wr.s3.to_parquet(df=pd.DataFrame({"c1": ["foo"]}), **write, catalog_versioning=True)
    assert wr.catalog.get_table_number_of_versions(**where) == 2
    wr.s3.to_parquet(df=pd.DataFrame({"c1": ["bar"]}), **write, catalog_versioning=False)
    assert wr.catalog.get_table_number_of_versions(**where) == 2
    columns = [
        version["Table"]["StorageDescriptor"]["Columns"][0]["Name"]
        for version in wr.catalog.get_table_versions(**where)
    ]
    assert columns == ["c1", "c0"]
