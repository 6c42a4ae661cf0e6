"""Tables that awswrangler.s3 writes, read through Athena: modes, formats, projection, evolution."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def target(lake: Any) -> dict[str, Any]:
    name = f"t_{uuid.uuid4().hex[:8]}"
    return {"path": lake.path(name), "dataset": True, "database": lake.database, "table": name}


@pytest.fixture
def read(wr: Any, lake: Any, target: dict[str, Any]) -> Any:
    """Read the target table through Athena."""

    def table(where: str = "", **how: Any) -> pd.DataFrame:
        how.setdefault("ctas_approach", False)
        sql = f"SELECT * FROM {target['table']} {where}"
        return wr.athena.read_sql_query(sql, database=lake.database, s3_output=lake.path("read"), **how)

    return table


@pytest.mark.parametrize("kind", ["parquet", "csv", "json"])
def test_modes(wr: Any, target: dict[str, Any], read: Any, kind: str) -> None:
    write = getattr(wr.s3, f"to_{kind}")
    more: dict[str, Any] = {"index": False}
    if kind == "json":
        more |= {"orient": "records", "lines": True}
    first = pd.DataFrame({"c0": [1, 2, 3], "par": ["a", "a", "b"]})
    write(first, **target, **more, partition_cols=["par"], mode="overwrite")
    assert read()["c0"].sum() == 6
    write(first, **target, **more, partition_cols=["par"], mode="append")
    assert read()["c0"].sum() == 12
    second = pd.DataFrame({"c0": [10], "par": ["b"]})
    write(second, **target, **more, partition_cols=["par"], mode="overwrite_partitions")
    assert read()["c0"].sum() == 2 * 3 + 10
    assert read("WHERE par = 'b'")["c0"].to_list() == [10]
    write(second, **target, **more, partition_cols=["par"], mode="overwrite")
    assert read()["c0"].to_list() == [10]


@pytest.mark.parametrize("compression", [None, "gzip", "bz2"])
def test_compressed_csv(wr: Any, target: dict[str, Any], read: Any, compression: str | None) -> None:
    frame = pd.DataFrame({"c0": [1, 2], "c1": ["foo", "bar"]})
    wr.s3.to_csv(frame, **target, index=False, compression=compression)
    assert read()["c1"].to_list() == ["foo", "bar"]


@pytest.mark.parametrize("compression", [None, "snappy", "gzip"])
def test_compressed_parquet(wr: Any, target: dict[str, Any], read: Any, compression: str | None) -> None:
    wr.s3.to_parquet(pd.DataFrame({"c0": [1, 2]}), **target, compression=compression)
    assert read()["c0"].sum() == 3


@pytest.mark.parametrize("ctas", [True, False])
@pytest.mark.parametrize("lines", [1, 2])
def test_csv_with_a_header(wr: Any, target: dict[str, Any], read: Any, ctas: bool, lines: int) -> None:
    frame = pd.DataFrame({"c0": [1, 2], "c1": [3.3, 4.4], "c2": ["foo", "boo"]})
    wr.s3.to_csv(frame, path=f"{target['path']}0.csv", index=False)
    wr.catalog.create_csv_table(
        database=target["database"],
        table=target["table"],
        path=target["path"],
        columns_types={"c0": "bigint", "c1": "double", "c2": "string"},
        skip_header_line_count=lines,
    )
    assert read(ctas_approach=ctas)["c0"].to_list() == [1, 2][lines - 1 :]


def test_csv_with_types_nulls_and_a_separator(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "text": ["a", None],
            "number": [1.5, None],
            "day": [datetime.date(2020, 1, 1), None],
            "at": [datetime.datetime(2020, 1, 1, 1, 2, 3), None],
            "flag": [True, None],
        }
    )
    wr.s3.to_csv(frame, **target, sep="|", index=False)
    row, empty = read("ORDER BY id").to_dict("records")
    assert (row["text"], row["number"], row["flag"]) == ("a", 1.5, True)
    assert (row["day"], row["at"]) == (datetime.date(2020, 1, 1), pd.Timestamp("2020-01-01 01:02:03"))
    assert all(pd.isna(empty[name]) or empty[name] == "" for name in ("number", "day", "at", "flag"))


def test_a_new_column_is_null_in_older_files(wr: Any, target: dict[str, Any], read: Any) -> None:
    wr.s3.to_parquet(pd.DataFrame({"c0": [1]}), **target)
    wr.s3.to_parquet(pd.DataFrame({"c0": [2], "c1": ["x"]}), **target, mode="append")
    frame = read("ORDER BY c0")
    assert pd.isna(frame["c1"].iloc[0])
    assert frame["c1"].iloc[1] == "x"


def test_integer_projection(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame({"c0": [0, 1, 2], "c1": [0, 1, 2], "c2": [0, 100, 200], "c3": [0, 1, 2]})
    wr.s3.to_parquet(
        frame,
        **target,
        partition_cols=["c1", "c2", "c3"],
        glue_table_settings={"regular_partitions": False},
        athena_partition_projection_settings={
            "projection_types": {"c1": "integer", "c2": "integer", "c3": "integer"},
            "projection_ranges": {"c1": "0,2", "c2": "0,200", "c3": "0,2"},
            "projection_intervals": {"c2": "100"},
            "projection_digits": {"c3": "1"},
        },
    )
    found = read()
    assert found.shape == frame.shape
    assert found[["c0", "c1", "c2", "c3"]].sum().to_list() == frame.sum().to_list()


def test_enum_projection(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame({"c0": [0, 1, 2], "c1": [1, 2, 3], "c2": ["foo", "boo", "bar"]})
    wr.s3.to_parquet(
        frame,
        **target,
        partition_cols=["c1", "c2"],
        glue_table_settings={"regular_partitions": False},
        athena_partition_projection_settings={
            "projection_types": {"c1": "enum", "c2": "enum"},
            "projection_values": {"c1": "1,2,3", "c2": "foo,boo,bar"},
        },
    )
    assert sorted(read()["c2"]) == ["bar", "boo", "foo"]
    assert read("WHERE c2 = 'boo'")["c0"].to_list() == [1]


def test_date_projection(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame(
        {
            "c0": [0, 1, 2],
            "c1": [datetime.date(2020, 1, day) for day in (1, 2, 3)],
            "c2": [datetime.datetime(2020, 1, 1, 1, 1, second) for second in (1, 2, 3)],
        }
    )
    wr.s3.to_parquet(
        frame,
        **target,
        partition_cols=["c1", "c2"],
        glue_table_settings={"regular_partitions": False},
        athena_partition_projection_settings={
            "projection_types": {"c1": "date", "c2": "date"},
            "projection_ranges": {"c1": "2020-01-01,2020-01-03", "c2": "2020-01-01 01:01:00,2020-01-01 01:01:03"},
        },
    )
    assert read()["c0"].sum() == 3
    assert read("WHERE c1 = DATE '2020-01-02'")["c0"].to_list() == [1]


def test_injected_projection_with_a_location_template(wr: Any, target: dict[str, Any], read: Any) -> None:
    for number, (first, second) in enumerate((("foo", "0"), ("foo", "1"), ("boo", "2"))):
        wr.s3.to_parquet(pd.DataFrame({"c0": [number]}), path=f"{target['path']}{first}/{second}/x.parquet")
    wr.catalog.create_parquet_table(
        database=target["database"],
        table=target["table"],
        path=target["path"],
        columns_types={"c0": "bigint"},
        partitions_types={"c1": "string", "c2": "string"},
        athena_partition_projection_settings={
            "projection_types": {"c1": "injected", "c2": "injected"},
            "projection_storage_location_template": f"{target['path']}${{c1}}/${{c2}}/",
        },
    )
    frame = read("WHERE c1 = 'foo' AND c2 = '1'")
    assert frame.to_dict("records") == [{"c0": 1, "c1": "foo", "c2": "1"}]


def test_buckets(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame({"c0": [0, 1, 2, 3], "c1": ["foo", "bar", "baz", "boo"]})
    wr.s3.to_parquet(frame, **target, bucketing_info=(["c0"], 2))
    assert sorted(read()["c0"]) == [0, 1, 2, 3]
    assert read("WHERE c0 = 2")["c1"].to_list() == ["baz"]


def test_stored_metadata_can_be_queried(wr: Any, target: dict[str, Any], read: Any) -> None:
    frame = pd.DataFrame({"c0": [0, 1, 2], "c1": [3, 4, 5]})
    wr.s3.to_parquet(frame, path=target["path"], dataset=True, partition_cols=["c1"])
    wr.s3.store_parquet_metadata(path=target["path"], database=target["database"], table=target["table"], dataset=True)
    assert read()["c0"].sum() == 3


@pytest.mark.parametrize("name", ["CamelCase", "with space", "Ünïcode"])
def test_names_are_sanitized(wr: Any, target: dict[str, Any], read: Any, name: str) -> None:
    wr.s3.to_parquet(pd.DataFrame({name: [1]}), **target, sanitize_columns=True)
    assert list(read().columns) == [wr.catalog.sanitize_column_name(name)]
