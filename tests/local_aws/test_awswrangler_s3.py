"""awswrangler.s3 against the local S3 and Data Catalog."""

from __future__ import annotations

import datetime
import decimal
import uuid
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "text": ["a", "b", None],
            "day": [datetime.date(2020, 1, 1), None, datetime.date(2021, 1, 1)],
            "at": pd.to_datetime(["2020-01-01 01:02:03.123", "2020-01-02 00:00:00.000", None]),
            "price": [decimal.Decimal("1.10"), None, decimal.Decimal("2.20")],
            "items": [[1, 2], [3], []],
            "shop": ["x", "x", "y"],
        }
    )


@pytest.fixture
def target(lake: Any) -> dict[str, Any]:
    """Arguments that write a data set of its own, as a table."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    return {"path": lake.path(name), "dataset": True, "database": lake.database, "table": name}


def test_parquet_data_sets_grow_by_mode(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    where = {"database": target["database"], "table": target["table"]}
    written = wr.s3.to_parquet(frame, **target, partition_cols=["shop"], mode="overwrite")
    assert sorted(written["partitions_values"].values()) == [["x"], ["y"]]
    assert wr.catalog.get_table_types(**where) == {
        "id": "bigint",
        "text": "string",
        "day": "date",
        "at": "timestamp",
        "price": "decimal(3,2)",
        "items": "array<bigint>",
        "shop": "string",
    }
    wr.s3.to_parquet(frame, **target, partition_cols=["shop"], mode="append")
    assert len(wr.s3.read_parquet_table(**where)) == 6
    assert len(wr.s3.read_parquet_table(**where, partition_filter=lambda values: values["shop"] == "y")) == 2
    only = frame[frame["shop"] == "y"]
    wr.s3.to_parquet(only, **target, partition_cols=["shop"], mode="overwrite_partitions")
    assert len(wr.s3.read_parquet_table(**where)) == 5
    wider = frame.assign(added=1)
    wr.s3.to_parquet(wider, **target, partition_cols=["shop"], mode="append", schema_evolution=True)
    assert wr.catalog.get_table_types(**where)["added"] == "bigint"


def test_a_column_that_no_one_asked_for_is_refused(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    wr.s3.to_parquet(frame, **target, mode="overwrite")
    with pytest.raises(wr.exceptions.InvalidArgumentValue, match="Schema change detected"):
        wr.s3.to_parquet(frame.assign(added=1), **target, mode="append", schema_evolution=False)


def test_parquet_in_chunks_and_columns(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    wr.s3.to_parquet(frame, **target)
    path = target["path"]
    assert [len(part) for part in wr.s3.read_parquet(path, chunked=2)] == [2, 1]
    assert list(wr.s3.read_parquet(path, columns=["id", "text"]).columns) == ["id", "text"]
    types, _ = wr.s3.read_parquet_metadata(path=path, dataset=True)[:2]
    assert types["price"] == "decimal(3,2)"


def test_stored_metadata_makes_a_table(wr: Any, lake: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    wr.s3.to_parquet(frame, path=target["path"], dataset=True, partition_cols=["shop"])
    _, partitions, values = wr.s3.store_parquet_metadata(
        path=target["path"], database=target["database"], table=target["table"], dataset=True
    )
    assert (partitions, len(values)) == ({"shop": "string"}, 2)
    assert len(wr.s3.read_parquet_table(database=target["database"], table=target["table"])) == 3


def test_buckets_and_projection_are_told_to_the_catalog(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    where = {"database": target["database"], "table": target["table"]}
    written = wr.s3.to_parquet(
        frame[["id", "shop"]],
        **target,
        partition_cols=["shop"],
        bucketing_info=(["id"], 2),
        athena_partition_projection_settings={
            "projection_types": {"shop": "enum"},
            "projection_values": {"shop": "x,y"},
        },
    )
    assert {path.rpartition("_")[2] for path in written["paths"]} <= {
        "bucket-00000.snappy.parquet",
        "bucket-00001.snappy.parquet",
    }
    parameters = wr.catalog.get_table_parameters(**where)
    assert (parameters["projection.enabled"], parameters["projection.shop.values"]) == ("true", "x,y")
    table = next(wr.catalog.get_tables(database=where["database"], name_contains=where["table"]))
    assert table["StorageDescriptor"]["NumberOfBuckets"] == 2


@pytest.mark.parametrize("compression", [None, "gzip", "bz2"])
def test_csv(wr: Any, target: dict[str, Any], frame: pd.DataFrame, compression: str | None) -> None:
    columns = ["id", "text", "shop"]
    wr.s3.to_csv(
        frame[columns], **target, partition_cols=["shop"], index=False, mode="overwrite", compression=compression
    )
    assert wr.s3.read_csv(target["path"], dataset=True, header=None).shape == (3, 3)
    assert wr.catalog.get_table_types(target["database"], target["table"]) == {
        "id": "bigint",
        "text": "string",
        "shop": "string",
    }


def test_json(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    wr.s3.to_json(
        frame[["id", "text", "shop"]],
        **target,
        partition_cols=["shop"],
        orient="records",
        lines=True,
        index=False,
        mode="overwrite",
    )
    assert wr.s3.read_json(target["path"], dataset=True, lines=True).shape == (3, 3)


def test_orc(wr: Any, target: dict[str, Any], frame: pd.DataFrame) -> None:
    wr.s3.to_orc(frame[["id", "text"]], **target, mode="overwrite")
    assert wr.s3.read_orc_table(database=target["database"], table=target["table"]).shape == (3, 2)


def test_objects_are_listed_described_copied_and_deleted(wr: Any, lake: Any, frame: pd.DataFrame) -> None:
    source, copy = lake.path("source"), lake.path("copy")
    wr.s3.to_parquet(frame, path=source, dataset=True, partition_cols=["shop"])
    wr.s3.to_csv(frame[["id"]], path=f"{source}plain.csv", index=False)
    assert len(wr.s3.list_objects(source)) == 3
    assert len(wr.s3.list_objects(f"{source}*/*.parquet")) == 2
    assert wr.s3.list_objects(source, suffix=".csv") == [f"{source}plain.csv"]
    assert wr.s3.list_directories(source) == [f"{source}shop=x/", f"{source}shop=y/"]
    assert lake.bucket in wr.s3.list_buckets()
    assert wr.s3.get_bucket_region(lake.bucket) == "us-east-1"
    assert wr.s3.does_object_exist(f"{source}plain.csv")
    assert not wr.s3.does_object_exist(f"{source}nope.csv")
    assert wr.s3.size_objects(f"{source}plain.csv")[f"{source}plain.csv"] == len("id\n1\n2\n3\n")
    assert wr.s3.describe_objects(f"{source}plain.csv")[f"{source}plain.csv"]["ContentLength"] == 9
    copied = wr.s3.copy_objects(wr.s3.list_objects(source), source_path=source, target_path=copy)
    assert sorted(copied) == wr.s3.list_objects(copy)
    wr.s3.merge_datasets(source_path=copy, target_path=lake.path("merged"), mode="overwrite")
    assert len(wr.s3.list_objects(lake.path("merged"))) == 3
    wr.s3.delete_objects(copy)
    assert wr.s3.list_objects(copy) == []
    wr.s3.wait_objects_exist([f"{source}plain.csv"], delay=1, max_attempts=2)
    wr.s3.wait_objects_not_exist([f"{copy}plain.csv"], delay=1, max_attempts=2)


def test_files_go_up_and_down(wr: Any, lake: Any, tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(b"content")
    wr.s3.upload(local_file=str(there), path=f"{lake.path('files')}x")
    wr.s3.download(path=f"{lake.path('files')}x", local_file=str(back))
    assert back.read_bytes() == b"content"


def test_large_files_go_up_in_parts(wr: Any, lake: Any) -> None:
    large = pd.DataFrame({"a": range(1_500_000)})
    path = f"{lake.path('large')}a.csv"
    wr.s3.to_csv(large, path, index=False)
    assert wr.s3.size_objects(path)[path] > 5 * 1024 * 1024
    assert sum(len(part) for part in wr.s3.read_csv(path, chunksize=500_000)) == 1_500_000


@pytest.mark.parametrize("use_threads", [True, False])
def test_select_query(wr: Any, lake: Any, use_threads: bool) -> None:
    path = lake.path(f"select_{use_threads}")
    data = pd.DataFrame({"c0": [1, 1, 2, 2], "c1": ["foo", None, "tez", "qux"], "c2": [4.0, None, 8.0, 9.0]})
    wr.s3.to_parquet(data, path, dataset=True, max_rows_by_file=2)
    wr.s3.to_csv(data, path, dataset=True, index=False)
    common = {"path": path, "use_threads": use_threads}
    columns = wr.s3.select_query(
        sql="select * from s3object",
        **common,
        input_serialization="Parquet",
        input_serialization_params={},
        path_suffix=[".parquet"],
    )
    assert columns.shape == (4, 3)
    text = wr.s3.select_query(
        sql='select s."c1" from s3object s where s."c0" = \'2\'',
        **common,
        input_serialization="CSV",
        input_serialization_params={"FileHeaderInfo": "Use", "RecordDelimiter": "\n"},
        scan_range_chunk_size=1024 * 1024,
        path_suffix=[".csv"],
    )
    assert sorted(text["c1"]) == ["qux", "tez"]


def test_excel_files_come_back_as_they_went(wr: Any, lake: Any) -> None:
    path = lake.path("excel") + "sheet.xlsx"
    frame = pd.DataFrame({"id": [1, 2], "text": ["a", "b"], "price": [1.5, 2.25]})
    assert wr.s3.to_excel(frame, path, index=False) == path
    pd.testing.assert_frame_equal(wr.s3.read_excel(path), frame)
