"""awswrangler's own cache over the history of queries, and Athena's result reuse through it."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest

CACHED = {"max_cache_seconds": 900}


@pytest.fixture(scope="module")
def group(wr: Any, client: Any, lake: Any) -> str:
    name = f"cache-{uuid.uuid4().hex[:8]}"
    settings = {"ResultConfiguration": {"OutputLocation": lake.path("cache")}}
    client("athena").create_work_group(Name=name, Configuration=settings)
    wr.s3.to_parquet(
        pd.DataFrame({"c0": [0, None]}, dtype="Int64"),
        path=lake.path("cached"),
        dataset=True,
        database=lake.database,
        table="cached",
    )
    return name


@pytest.mark.parametrize("ctas", [True, False])
def test_a_query_asked_again_is_not_run_again(wr: Any, lake: Any, group: str, ctas: bool) -> None:
    sql = f"SELECT c0, {int(ctas)} AS variant FROM cached"
    common = {"database": lake.database, "workgroup": group, "ctas_approach": ctas}
    first = wr.athena.read_sql_query(sql, **common)
    with patch("awswrangler.athena._read._resolve_query_without_cache") as without_cache:
        second = wr.athena.read_sql_query(f"{sql};", **common, athena_cache_settings=CACHED)
        without_cache.assert_not_called()
    assert first.equals(second)
    parts = wr.athena.read_sql_query(sql, **common, athena_cache_settings=CACHED, chunksize=1)
    assert len(list(parts)) == 2


def test_starting_a_query_finds_the_one_before(wr: Any, lake: Any, group: str) -> None:
    sql = f'SELECT c0 AS "{uuid.uuid4().hex}" FROM cached'
    common = {"sql": sql, "database": lake.database, "workgroup": group}
    first = wr.athena.start_query_execution(**common)
    wr.athena.wait_query(first)
    assert wr.athena.start_query_execution(**common, athena_cache_settings=CACHED) == first
    assert wr.athena.start_query_execution(**common) != first


def test_reuse_is_athenas_own(wr: Any, lake: Any, group: str) -> None:
    sql = f'SELECT c0 AS "{uuid.uuid4().hex}" FROM cached'
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}
    common = {"database": lake.database, "workgroup": group, "ctas_approach": False}
    frames = [wr.athena.read_sql_query(sql, **common, result_reuse_configuration=reuse) for _ in range(2)]
    informed = [frame.query_metadata["Statistics"]["ResultReuseInformation"] for frame in frames]
    assert [information["ReusedPreviousResult"] for information in informed] == [False, True]
    assert frames[0].equals(frames[1])


def test_the_same_token_is_the_same_query(wr: Any, lake: Any, group: str) -> None:
    common = {"sql": "SELECT 1 AS a", "database": lake.database, "workgroup": group}
    token = uuid.uuid4().hex
    first = wr.athena.start_query_execution(**common, client_request_token=token)
    assert wr.athena.start_query_execution(**common, client_request_token=token) == first
