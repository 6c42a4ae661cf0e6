"""EXPLAIN and EXPLAIN ANALYZE.

https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def explained(warehouse: Any) -> None:
    warehouse.put("explained/a.csv", "1,a\n2,b\n3,b\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE explained (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{warehouse.location('explained')}'"
    )


QUERY = "SELECT name, count(*) AS n FROM explained WHERE id > 1 GROUP BY name ORDER BY n LIMIT 5"


def test_a_plan_names_the_steps_and_reads_nothing(warehouse: Any) -> None:
    execution = warehouse.succeed(f"EXPLAIN {QUERY}")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "EXPLAIN")
    lines = warehouse.lines(f"EXPLAIN {QUERY}")
    assert lines[0].startswith("Fragment 0 [SINGLE]")
    assert "    Output[columnNames = [name, n]]" in [line.rstrip("\n") for line in lines]
    text = "\n".join(lines)
    places = [text.index(step) for step in ("TopN[", "Aggregate[", "Filter[", "TableScan[")]
    assert places == sorted(places)
    assert execution["Statistics"]["DataScannedInBytes"] == 0


def test_analyze_runs_the_query(warehouse: Any) -> None:
    execution = warehouse.succeed(f"EXPLAIN ANALYZE {QUERY}")
    assert execution["Statistics"]["DataScannedInBytes"] == 12
    text = "\n".join(warehouse.lines(f"EXPLAIN ANALYZE {QUERY}"))
    assert "Input: 12B" in text
    assert "rows = 1" in text


def test_a_plan_as_json(warehouse: Any) -> None:
    plan = json.loads("\n".join(warehouse.lines(f"EXPLAIN (FORMAT JSON) {QUERY}")))
    assert plan["name"] == "Output"
    assert plan["children"][0]["name"] == "TopN"


def test_validation_only(warehouse: Any) -> None:
    assert warehouse.rows(f"EXPLAIN (TYPE VALIDATE) {QUERY}") == [["true"]]
    reason, _ = warehouse.failure("EXPLAIN (TYPE VALIDATE) SELECT nothing FROM explained")
    assert reason.startswith("COLUMN_NOT_FOUND")
