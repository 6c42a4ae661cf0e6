"""Views: stored queries, as Athena keeps them in the Data Catalog."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def sales(warehouse: Any) -> None:
    warehouse.put("sales/a.csv", "1,a,1.5\n2,b,2.5\n3,b,3.5\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE sales (id int, item string, price double) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{warehouse.location('sales')}'"
    )


def test_a_view_in_the_catalog(warehouse: Any) -> None:
    warehouse.succeed("CREATE VIEW totals AS SELECT item, sum(price) AS total, count(*) AS n FROM sales GROUP BY item")
    entry = warehouse.table("totals")
    assert entry["TableType"] == "VIRTUAL_VIEW"
    assert entry["Parameters"]["presto_view"] == "true"
    assert entry["ViewExpandedText"] == "/* Presto View */"
    assert entry["StorageDescriptor"]["Columns"] == [
        {"Name": "item", "Type": "string"},
        {"Name": "total", "Type": "double"},
        {"Name": "n", "Type": "bigint"},
    ]
    original = entry["ViewOriginalText"]
    stored = json.loads(base64.b64decode(original.removeprefix("/* Presto View: ").removesuffix(" */")))
    assert stored["originalSql"] == "SELECT item, sum(price) AS total, count(*) AS n FROM sales GROUP BY item"
    assert (stored["catalog"], stored["schema"]) == ("awsdatacatalog", warehouse.database)
    assert stored["columns"] == [
        {"name": "item", "type": "varchar"},
        {"name": "total", "type": "double"},
        {"name": "n", "type": "bigint"},
    ]


def test_a_view_is_read_like_a_table_from_any_database(warehouse: Any) -> None:
    warehouse.succeed("CREATE OR REPLACE VIEW dear AS SELECT id, price * 2 AS twice FROM sales WHERE price > 2")
    warehouse.succeed("CREATE OR REPLACE VIEW dearest AS SELECT max(twice) AS most FROM dear")
    assert warehouse.rows("SELECT d.id, s.item FROM dear d JOIN sales s ON d.id = s.id ORDER BY 1") == [
        ["2", "b"],
        ["3", "b"],
    ]
    rows = warehouse.athena.rows(
        f"SELECT most FROM {warehouse.database}.dearest", QueryExecutionContext={"Database": "default"}
    )
    assert rows == [["7.0"]]


def test_a_view_with_a_with_clause_and_unnamed_columns_of_its_own(warehouse: Any) -> None:
    warehouse.succeed("CREATE VIEW with_clause AS WITH x AS (SELECT item FROM sales) SELECT DISTINCT item FROM x")
    assert warehouse.rows("WITH x AS (SELECT 1 AS item) SELECT count(*) FROM with_clause, x") == [["2"]]


def test_describe_and_show(warehouse: Any) -> None:
    warehouse.succeed("CREATE OR REPLACE VIEW shown AS SELECT id, item\nFROM sales")
    execution = warehouse.succeed("DESCRIBE shown")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("UTILITY", "DESC_VIEW")
    assert warehouse.lines("DESCRIBE shown") == ["id\tinteger", "item\tvarchar"]
    assert warehouse.lines("SHOW COLUMNS IN shown") == ["id\tinteger", "item\tvarchar"]
    assert "shown" in warehouse.lines("SHOW VIEWS")
    assert "sales" not in warehouse.lines("SHOW VIEWS")
    assert "shown" in warehouse.lines("SHOW TABLES")
    assert warehouse.lines("SHOW CREATE VIEW shown") == [
        f"CREATE VIEW {warehouse.database}.shown AS",
        "SELECT id, item",
        "FROM sales",
    ]


def test_a_view_is_replaced_only_when_asked(warehouse: Any) -> None:
    warehouse.succeed("CREATE OR REPLACE VIEW replaced AS SELECT 1 AS a")
    assert warehouse.failure("CREATE VIEW replaced AS SELECT 2 AS a")[0] == (
        f"ALREADY_EXISTS: View already exists: '{warehouse.database}.replaced'"
    )
    warehouse.succeed("CREATE OR REPLACE VIEW replaced AS SELECT 2 AS a, 'x' AS b")
    assert warehouse.rows("SELECT * FROM replaced") == [["2", "x"]]


def test_dropping(warehouse: Any) -> None:
    warehouse.succeed("CREATE OR REPLACE VIEW dropped AS SELECT 1 AS a")
    assert warehouse.failure("DROP TABLE dropped")[0] == (
        "FAILED: SemanticException [Error 10132]: Cannot drop a view with DROP TABLE"
    )
    warehouse.succeed("DROP VIEW dropped")
    name = f"awsdatacatalog.{warehouse.database}.dropped"
    assert warehouse.failure("DROP VIEW dropped")[0] == f"TABLE_NOT_FOUND: line 1:1: View '{name}' does not exist"
    warehouse.succeed("DROP VIEW IF EXISTS dropped")
    assert "Did you mean DROP TABLE" in warehouse.failure("DROP VIEW sales")[0]


def test_a_view_over_what_is_gone(warehouse: Any) -> None:
    warehouse.succeed(f"CREATE EXTERNAL TABLE gone (a int) LOCATION '{warehouse.location('gone')}'")
    warehouse.succeed("CREATE VIEW over_gone AS SELECT a FROM gone")
    warehouse.succeed("DROP TABLE gone")
    assert "gone' does not exist" in warehouse.failure("SELECT * FROM over_gone")[0]


@pytest.mark.parametrize(
    ("query", "code"),
    [("SELECT nothing FROM sales", "COLUMN_NOT_FOUND"), ("SELECT * FROM nowhere", "TABLE_NOT_FOUND")],
)
def test_a_query_that_cannot_run_makes_no_view(warehouse: Any, query: str, code: str) -> None:
    assert warehouse.failure(f"CREATE VIEW broken AS {query}")[0].startswith(code)
    assert "broken" not in warehouse.lines("SHOW VIEWS")
