"""awswrangler.athena reading: every approach, type, chunking, parameter style and setting."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest

APPROACHES = [
    pytest.param({"ctas_approach": False}, id="regular"),
    pytest.param({"ctas_approach": True}, id="ctas"),
    pytest.param({"ctas_approach": False, "unload_approach": True}, id="unload"),
]


def typed_frame() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "iint8": [1, None, 2],
            "iint16": [1, None, 2],
            "iint32": [1, None, 2],
            "iint64": [2**60, None, 2],
            "float": [0.0, None, 1.5],
            "ddouble": [0.0, None, 1.1],
            "decimal": [decimal.Decimal("1.99"), None, decimal.Decimal("1.90")],
            "string_object": ["foo", None, "boo"],
            "string": ["Seattle", None, "Washington"],
            "date": [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)],
            "timestamp": [datetime.datetime(2020, 1, 1), None, datetime.datetime(2020, 1, 2, 0, 0, 1)],
            "bool": [True, None, False],
            "binary": [b"0", None, b"\xff\x00"],
            "list": [[1, 2], None, [3]],
            "struct": [{"a": 1, "b": "x"}, None, {"a": 2, "b": "y"}],
            "par0": [1, 1, 2],
            "par1": ["a", "b", "b"],
        }
    )
    for name, kind in (("iint8", "Int8"), ("iint16", "Int16"), ("iint32", "Int32"), ("iint64", "Int64")):
        frame[name] = frame[name].astype(kind)
    frame["float"] = frame["float"].astype("float32")
    frame["string"] = frame["string"].astype("string")
    return frame


@pytest.fixture(scope="module")
def table(wr: Any, lake: Any) -> str:
    wr.s3.to_parquet(
        typed_frame(),
        path=lake.path("typed"),
        dataset=True,
        database=lake.database,
        table="typed",
        partition_cols=["par0", "par1"],
    )
    return "typed"


@pytest.fixture
def reading(lake: Any) -> dict[str, Any]:
    """Arguments common to every query: database and an empty folder for what it leaves."""
    return {"database": lake.database, "s3_output": lake.path(f"out_{uuid.uuid4().hex[:8]}")}


@pytest.mark.parametrize("approach", APPROACHES)
def test_every_type_comes_back(wr: Any, table: str, reading: dict[str, Any], approach: dict[str, bool]) -> None:
    frame = wr.athena.read_sql_query(f"SELECT * FROM {table} ORDER BY iint8", **reading, **approach)
    assert len(frame) == 3
    types = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert types["iint8"].startswith("Int")
    assert types["iint64"] == "Int64"
    assert types["float"].startswith("float")
    assert types["ddouble"] == "float64"
    assert types["string"] in ("string", "str")
    assert types["timestamp"].startswith("datetime64")
    assert types["bool"] == "boolean"
    row = frame[frame["iint8"] == 1].iloc[0]
    assert row["iint64"] == 2**60
    assert row["decimal"] == decimal.Decimal("1.99")
    assert row["date"] == datetime.date(2020, 1, 1)
    assert row["timestamp"] == pd.Timestamp("2020-01-01")
    assert (row["bool"], row["par1"]) == (True, "a")
    if approach.get("ctas_approach") or approach.get("unload_approach"):
        assert list(row["list"]) == [1, 2]
        assert (row["struct"], row["binary"]) == ({"a": 1, "b": "x"}, b"0")
    else:
        # The CSV has binary values in hexadecimal, and awswrangler leaves them so.
        assert (row["list"], row["struct"], row["binary"]) == ("[1, 2]", "{a=1, b=x}", b"30")
    empty = frame[frame["iint8"].isna()].iloc[0]
    for name in ("ddouble", "decimal", "string", "date", "timestamp", "bool", "binary", "list"):
        assert empty[name] is None or pd.isna(empty[name]), name


@pytest.mark.parametrize("approach", APPROACHES)
def test_what_a_query_leaves_is_kept_or_deleted(
    wr: Any, table: str, reading: dict[str, Any], approach: dict[str, bool]
) -> None:
    out = reading["s3_output"]
    kept = wr.athena.read_sql_query(f"SELECT * FROM {table}", **reading, **approach)
    assert len(wr.s3.list_objects(out)) >= 2
    metadata = kept.query_metadata
    assert metadata["ResultConfiguration"]["OutputLocation"].startswith(out)
    wr.s3.delete_objects(out)
    wr.athena.read_sql_query(f"SELECT * FROM {table}", **reading, **approach, keep_files=False)
    assert wr.s3.list_objects(out) == []


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize(("chunk", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (100, [3])])
def test_chunks(
    wr: Any, table: str, reading: dict[str, Any], approach: dict[str, bool], chunk: int, sizes: list[int]
) -> None:
    parts = wr.athena.read_sql_query(f"SELECT iint8, string FROM {table}", **reading, **approach, chunksize=chunk)
    assert [len(part) for part in parts] == sizes


@pytest.mark.parametrize("approach", APPROACHES)
@pytest.mark.parametrize(
    ("column", "value"), [("string", "Washington"), ("iint32", "1"), ("date", "DATE '2020-01-01'")]
)
def test_question_mark_parameters(
    wr: Any, table: str, reading: dict[str, Any], approach: dict[str, bool], column: str, value: str
) -> None:
    frame = wr.athena.read_sql_query(
        f"SELECT * FROM {table} WHERE {column} = ?", **reading, **approach, params=[value], paramstyle="qmark"
    )
    assert len(frame) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("string", "Seattle"), ("date", datetime.date(2020, 1, 1)), ("bool", True), ("iint16", 2), ("ddouble", 1.1)],
)
def test_named_parameters(wr: Any, table: str, reading: dict[str, Any], column: str, value: Any) -> None:
    sql = f"SELECT * FROM {table} WHERE {column} = :value"
    assert len(wr.athena.read_sql_query(sql, **reading, ctas_approach=False, params={"value": value})) == 1


@pytest.mark.parametrize("column", ["string", "date", "bool", "ddouble"])
def test_a_named_parameter_may_be_null(wr: Any, table: str, reading: dict[str, Any], column: str) -> None:
    sql = f"SELECT * FROM {table} WHERE {column} IS :value"
    assert len(wr.athena.read_sql_query(sql, **reading, ctas_approach=False, params={"value": None})) == 1


@pytest.mark.parametrize("ctas", [True, False])
def test_an_empty_result_has_its_columns(wr: Any, table: str, reading: dict[str, Any], ctas: bool) -> None:
    sql = f"SELECT iint8, string, timestamp FROM {table} WHERE iint8 = 99"
    frame = wr.athena.read_sql_query(sql, **reading, ctas_approach=ctas)
    assert frame.empty
    assert list(frame.columns) == ["iint8", "string", "timestamp"]
    parts = list(wr.athena.read_sql_query(sql, **reading, ctas_approach=ctas, chunksize=10))
    assert [part.empty for part in parts] == [True]


def test_an_empty_unload_says_so(wr: Any, table: str, reading: dict[str, Any]) -> None:
    with pytest.raises(wr.exceptions.EmptyDataFrame):
        wr.athena.read_sql_query(
            f"SELECT * FROM {table} WHERE iint8 = 99", **reading, ctas_approach=False, unload_approach=True
        )


def test_a_whole_table(wr: Any, lake: Any, table: str) -> None:
    for ctas in (True, False):
        frame = wr.athena.read_sql_table(
            table=table, database=lake.database, ctas_approach=ctas, s3_output=lake.path("whole")
        )
        assert frame.shape == (3, 17)
        assert frame["par0"].sum() == 4


def test_a_temporary_table_is_gone_after_reading(wr: Any, lake: Any, table: str, reading: dict[str, Any]) -> None:
    settings = wr.typing.AthenaCTASSettings(temp_table_name="temporary", compression="gzip")
    wr.athena.read_sql_query(f"SELECT * FROM {table}", **reading, ctas_approach=True, ctas_parameters=settings)
    assert wr.catalog.does_table_exist(lake.database, "temporary") is False
    folder = f"{reading['s3_output']}temporary/"
    assert wr.s3.list_objects(folder)


def test_categories(wr: Any, table: str, reading: dict[str, Any]) -> None:
    frame = wr.athena.read_sql_query(
        f"SELECT string, par1 FROM {table}", **reading, ctas_approach=False, categories=["string", "par1"]
    )
    assert [str(kind) for kind in frame.dtypes] == ["category", "category"]


@pytest.mark.parametrize("ctas", [True, False])
def test_pyarrow_types(wr: Any, table: str, reading: dict[str, Any], ctas: bool) -> None:
    frame = wr.athena.read_sql_query(
        f"SELECT iint64, string, ddouble FROM {table}", **reading, ctas_approach=ctas, dtype_backend="pyarrow"
    )
    whole, text, number = (str(kind) for kind in frame.dtypes)
    assert (whole, number) == ("int64[pyarrow]", "double[pyarrow]")
    assert text.startswith("string")


@pytest.mark.parametrize("encryption", [None, "SSE_S3", "SSE_KMS"])
@pytest.mark.parametrize("ctas", [True, False])
def test_encrypted_results(
    wr: Any, client: Any, table: str, reading: dict[str, Any], encryption: str | None, ctas: bool
) -> None:
    key = client("kms").create_key()["KeyMetadata"]["KeyId"] if encryption == "SSE_KMS" else None
    frame = wr.athena.read_sql_query(
        f"SELECT iint8, string FROM {table}", **reading, ctas_approach=ctas, encryption=encryption, kms_key=key
    )
    assert frame.shape == (3, 2)
    expected = {None: None, "SSE_S3": "AES256", "SSE_KMS": "aws:kms"}[encryption]
    described = wr.s3.describe_objects(reading["s3_output"]).values()
    if expected:
        assert {head["ServerSideEncryption"] for head in described} == {expected}


def test_nested_types_as_athena_writes_them(wr: Any, reading: dict[str, Any]) -> None:
    sql = "SELECT ARRAY[1, 2, 3] AS a, CAST(ROW(1, 'foo') AS ROW(id BIGINT, value VARCHAR)) AS r"
    text = wr.athena.read_sql_query(sql, **reading, ctas_approach=False)
    assert text.iloc[0].to_list() == ["[1, 2, 3]", "{id=1, value=foo}"]
    ctas = wr.athena.read_sql_query(sql, **reading, ctas_approach=True)
    assert ctas["r"].iloc[0] == {"id": 1, "value": "foo"}
    reading["s3_output"] = f"{reading['s3_output']}unload/"  # UNLOAD wants an empty folder
    unload = wr.athena.read_sql_query(sql, **reading, ctas_approach=False, unload_approach=True)
    assert unload["r"].iloc[0] == ctas["r"].iloc[0]


@pytest.mark.parametrize("ctas", [True, False])
@pytest.mark.parametrize("source", [None, "AwsDataCatalog"])
def test_numbers_that_are_none(wr: Any, reading: dict[str, Any], ctas: bool, source: str | None) -> None:
    sql = "SELECT nan() AS nan, infinity() AS inf, -infinity() AS inf_n, 1.2 AS regular"
    frame = wr.athena.read_sql_query(sql, **reading, ctas_approach=ctas, data_source=source)
    assert frame.dtypes.to_list() == ["float64"] * 4
    assert np.isnan(frame["nan"].iloc[0])
    assert frame.iloc[0].to_list()[1:] == [np.inf, -np.inf, 1.2]


def test_columns_that_share_a_name(wr: Any, reading: dict[str, Any]) -> None:
    sql = "SELECT 1 AS foo, 2 AS foo"
    assert wr.athena.read_sql_query(sql, **reading, ctas_approach=False).columns.to_list() == ["foo", "foo.1"]
    with pytest.raises(wr.exceptions.InvalidCtasApproachQuery):
        wr.athena.read_sql_query(sql, **reading, ctas_approach=True)


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT NULL AS my_null"])
def test_columns_without_name_or_type_need_another_approach(wr: Any, reading: dict[str, Any], sql: str) -> None:
    with pytest.raises(wr.exceptions.InvalidArgumentValue):
        wr.athena.read_sql_query(sql, **reading)


def test_a_statement_without_rows_gives_an_empty_frame(wr: Any, lake: Any, reading: dict[str, Any]) -> None:
    wr.catalog.create_parquet_table(
        database=lake.database, table="moved", path=lake.path("moved"), columns_types={"c0": "int"}
    )
    sql = f"ALTER TABLE {lake.database}.moved SET LOCATION '{lake.path('elsewhere')}'"
    assert wr.athena.read_sql_query(sql, **reading, ctas_approach=False).empty
    assert wr.catalog.get_table_location(lake.database, "moved") == lake.path("elsewhere")


def test_without_a_location_the_default_bucket_is_made(wr: Any, lake: Any) -> None:
    with pytest.warns(UserWarning, match="default bucket"):
        frame = wr.athena.read_sql_query("SELECT 1 AS foo", database=lake.database, ctas_approach=False)
    location = frame.query_metadata["ResultConfiguration"]["OutputLocation"]
    assert location.startswith("s3://aws-athena-query-results-000000000000-us-east-1/")


def test_a_workgroup_with_a_location_of_its_own(wr: Any, client: Any, lake: Any, table: str) -> None:
    group, own = f"wr-{uuid.uuid4().hex[:8]}", lake.path("group")
    client("athena").create_work_group(Name=group, Configuration={"ResultConfiguration": {"OutputLocation": own}})
    for approach in ({"ctas_approach": True}, {"ctas_approach": False}):
        frame = wr.athena.read_sql_query(f"SELECT * FROM {table}", database=lake.database, workgroup=group, **approach)
        assert len(frame) == 3
        assert frame.query_metadata["ResultConfiguration"]["OutputLocation"].startswith(own)


def test_managed_results_are_read_through_the_api(wr: Any, client: Any, lake: Any, table: str) -> None:
    group = f"managed-{uuid.uuid4().hex[:8]}"
    configuration = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    client("athena").create_work_group(Name=group, Configuration=configuration)
    frame = wr.athena.read_sql_query(
        f"SELECT iint8, string FROM {table} ORDER BY 1",
        database=lake.database,
        workgroup=group,
        ctas_approach=False,
    )
    assert frame["iint8"].to_list()[:2] == [1, 2]
    assert "OutputLocation" not in frame.query_metadata["ResultConfiguration"]
    assert frame.query_metadata["ManagedQueryResultsConfiguration"]["Enabled"] is True


@pytest.mark.parametrize(
    ("backend", "expected"), [("numpy_nullable", "13:24:11"), ("pyarrow", datetime.time(13, 24, 11))]
)
def test_times_of_day(wr: Any, lake: Any, backend: str, expected: Any) -> None:
    sql = "SELECT TIME '13:24:11' AS col"
    frame = wr.athena.read_sql_query(
        sql, lake.database, ctas_approach=False, dtype_backend=backend, s3_output=lake.path("out")
    )
    assert frame["col"].iloc[0] == expected


def test_a_query_that_fails(wr: Any, lake: Any) -> None:
    query_id = wr.athena.start_query_execution("SELECT random(-1)", lake.database, s3_output=lake.path("out"))
    with pytest.raises(wr.exceptions.QueryFailed, match="bound must be positive"):
        wr.athena.wait_query(query_id)
