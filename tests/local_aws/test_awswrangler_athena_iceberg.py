"""awswrangler on Iceberg tables of the local Athena: to_iceberg in its modes, and deleting rows."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def target(lake: Any) -> dict[str, Any]:
    """Arguments that write a table of its own."""
    name = f"ice_{uuid.uuid4().hex[:8]}"
    return {
        "database": lake.database,
        "table": name,
        "table_location": lake.path(name),
        "temp_path": lake.path(f"{name}_temporary"),
        "s3_output": lake.path("queries"),
        "keep_files": False,
    }


def rows(wr: Any, target: dict[str, Any], order: str = "id") -> list[tuple[Any, ...]]:
    frame = wr.athena.read_sql_query(
        f'SELECT * FROM "{target["table"]}" ORDER BY {order}',
        database=target["database"],
        s3_output=target["s3_output"],
        ctas_approach=False,
    )
    return [tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False)]


def test_a_frame_becomes_a_table_that_grows_and_is_overwritten(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1, 2], "name": ["a", None]}), **target)
    wr.athena.to_iceberg(pd.DataFrame({"id": [3], "name": ["c"]}), **target)
    assert rows(wr, target) == [(1, "a"), (2, None), (3, "c")]
    wr.athena.to_iceberg(pd.DataFrame({"id": [9], "name": ["z"]}), mode="overwrite", **target)
    assert rows(wr, target) == [(9, "z")]


def test_merge_columns_update_what_matches_and_insert_the_rest(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1, 2], "name": ["a", "b"]}), **target)
    frame = pd.DataFrame({"id": [2, 3], "name": ["B", "C"]})
    wr.athena.to_iceberg(frame, merge_cols=["id"], **target)
    assert rows(wr, target) == [(1, "a"), (2, "B"), (3, "C")]
    ignored = pd.DataFrame({"id": [3, 4], "name": ["x", "D"]})
    wr.athena.to_iceberg(ignored, merge_cols=["id"], merge_condition="ignore", **target)
    assert rows(wr, target) == [(1, "a"), (2, "B"), (3, "C"), (4, "D")]


def test_nulls_match_when_asked_to(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1], "name": pd.Series([None], dtype="string")}), **target)
    frame = pd.DataFrame({"id": [2], "name": pd.Series([None], dtype="string")})
    wr.athena.to_iceberg(frame, merge_cols=["name"], merge_match_nulls=True, **target)
    assert rows(wr, target) == [(2, None)]
    wr.athena.to_iceberg(frame, merge_cols=["name"], **target)
    assert rows(wr, target) == [(2, None), (2, None)]


def test_new_and_wider_columns_change_the_schema(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1]}, dtype="int32"), **target)
    wider = pd.DataFrame({"id": [2**40], "price": [1.5]})
    with pytest.raises(wr.exceptions.InvalidArgumentValue, match="Schema change detected"):
        wr.athena.to_iceberg(wider, **target)
    wr.athena.to_iceberg(wider, schema_evolution=True, **target)
    assert rows(wr, target) == [(1, None), (2**40, 1.5)]
    assert wr.catalog.get_table_types(target["database"], target["table"]) == {"id": "bigint", "price": "double"}
    wr.athena.to_iceberg(pd.DataFrame({"id": [3]}), fill_missing_columns_in_df=True, **target)
    assert rows(wr, target)[1] == (3, None)


def test_partitions_by_column_and_transform_are_overwritten_alone(wr: Any, lake: Any, target: dict[str, Any]) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "shop": ["x", "y", "y"],
            "at": pd.to_datetime(["2020-01-01 10:00", "2020-01-01 00:00", "2020-01-02 00:00"]),
        }
    )
    wr.athena.to_iceberg(frame, partition_cols=["shop", "day(at)"], **target)
    folders = {key.partition("/data/")[2].rpartition("/")[0] for key in wr.s3.list_objects(target["table_location"])}
    assert folders - {""} == {"shop=x/at_day=2020-01-01", "shop=y/at_day=2020-01-01", "shop=y/at_day=2020-01-02"}
    only = pd.DataFrame({"id": [4], "shop": ["y"], "at": pd.to_datetime(["2021-01-01"])})
    wr.athena.to_iceberg(only, partition_cols=["shop"], mode="overwrite_partitions", **target)
    assert [row[:2] for row in rows(wr, target)] == [(1, "x"), (4, "y")]


def test_rows_are_deleted_by_a_frame(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]}), **target)
    where = {key: target[key] for key in ("database", "table", "temp_path", "s3_output", "keep_files")}
    wr.athena.delete_from_iceberg_table(pd.DataFrame({"id": [1, 3]}), merge_cols=["id"], **where)
    assert rows(wr, target) == [(2, "b")]


def test_every_way_of_reading_gives_the_rows(wr: Any, lake: Any, target: dict[str, Any]) -> None:
    frame = pd.DataFrame(
        {"id": [1, 2], "items": [[1, 2], [3]], "at": pd.to_datetime(["2020-01-01 00:00:00", "2020-01-02 03:04:05"])}
    )
    wr.athena.to_iceberg(frame, **target)
    where = {"database": target["database"], "s3_output": target["s3_output"]}
    by_ctas = wr.athena.read_sql_query(f"SELECT * FROM {target['table']}", ctas_approach=True, **where)
    by_unload = wr.athena.read_sql_query(
        f"SELECT * FROM {target['table']}",
        ctas_approach=False,
        unload_approach=True,
        database=target["database"],
        s3_output=lake.path(f"unload_{target['table']}"),
    )
    for found in (by_ctas, by_unload, wr.athena.read_sql_table(target["table"], **where)):
        found = found.sort_values("id", ignore_index=True)
        assert list(found["id"]) == [1, 2]
        assert [list(items) for items in found["items"]] == [[1, 2], [3]]
        assert list(found["at"]) == list(frame["at"])


def test_timestamps_keep_their_microseconds(wr: Any, target: dict[str, Any]) -> None:
    moment = pd.Timestamp("2020-01-01 10:11:12.131415")
    wr.athena.to_iceberg(pd.DataFrame({"id": [1], "at": [moment]}), **target)
    assert rows(wr, target) == [(1, moment)]


def test_names_types_and_comments_are_kept(wr: Any, target: dict[str, Any]) -> None:
    target = target | {"table": target["table"].replace("_", "-")}
    frame = pd.DataFrame({"ID": [1], "price": [decimal.Decimal("1.25")], "day": ["2020-01-01"], "tags": [{"x": "y"}]})
    wr.athena.to_iceberg(
        frame,
        dtype={"day": "date", "tags": "map<string,string>"},
        glue_table_settings={"columns_comments": {"ID": "it's the key"}},
        additional_table_properties={"write_target_data_file_size_bytes": 536870912},
        **target,
    )
    assert wr.catalog.get_table_types(target["database"], target["table"]) == {
        "id": "bigint",
        "price": "decimal(3,2)",
        "day": "date",
        "tags": "map<string,string>",
    }
    assert wr.catalog.get_columns_comments(target["database"], target["table"])["id"] == "it's the key"
    assert rows(wr, target) == [(1, decimal.Decimal("1.25"), datetime.date(2020, 1, 1), "{x=y}")]


def test_a_renamed_column_is_written_under_its_new_name(wr: Any, target: dict[str, Any]) -> None:
    wr.athena.to_iceberg(pd.DataFrame({"id": [1], "name": ["a"]}), **target)
    wr.athena.start_query_execution(
        f"ALTER TABLE {target['table']} CHANGE COLUMN id new_id bigint",
        database=target["database"],
        s3_output=target["s3_output"],
        wait=True,
    )
    wr.athena.to_iceberg(pd.DataFrame({"new_id": [2], "name": ["b"]}), schema_evolution=True, **target)
    assert rows(wr, target, "new_id") == [(1, "a"), (2, "b")]
