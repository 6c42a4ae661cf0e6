"""CSV tables as OpenCSVSerde reads them."""

from __future__ import annotations

from typing import Any

import pytest

SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"


def csv_table(warehouse: Any, name: str, columns: str, *, serde: str = "", table: str = "") -> None:
    options = f" WITH SERDEPROPERTIES ({serde})" if serde else ""
    tail = f" TBLPROPERTIES ({table})" if table else ""
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} ({columns}) {SERDE}{options} LOCATION '{warehouse.location(name)}'{tail}"
    )


def test_quotes_are_taken_off_and_empty_fields_are_empty_texts(warehouse: Any) -> None:
    warehouse.put("quotes/a.csv", 'id,name,note\n"1","a,b",\n"2","say ""hi""",""\n3, c ,x,extra\n4\n')
    csv_table(warehouse, "quotes", "id string, name string, note string", table="'skip.header.line.count'='1'")
    assert warehouse.rows("SELECT * FROM quotes ORDER BY id") == [
        ["1", "a,b", ""],
        ["2", 'say "hi"', ""],
        ["3", " c ", "x"],
        ["4", None, None],
    ]


def test_escapes_and_other_marks(warehouse: Any) -> None:
    warehouse.put("marks/a.csv", "1;'a;b'\n2;'it\\'s'\n3;'back\\\\slash'\n")
    csv_table(
        warehouse,
        "marks",
        "id string, name string",
        serde="""'separatorChar'=';', 'quoteChar'="'", 'escapeChar'='\\\\'""",
    )
    assert warehouse.rows("SELECT * FROM marks ORDER BY id") == [["1", "a;b"], ["2", "it's"], ["3", "back\\slash"]]


def test_a_line_break_ends_a_row_even_in_quotes(warehouse: Any) -> None:
    warehouse.put("breaks/a.csv", '1,"two\nlines",x\n2,b,y\n')
    csv_table(warehouse, "breaks", "id string, name string, z string")
    assert warehouse.rows("SELECT * FROM breaks ORDER BY id NULLS LAST") == [
        ["1", None, None],
        ["2", "b", "y"],
        [None, None, None],
    ]


def test_days_and_milliseconds_since_1970(warehouse: Any) -> None:
    warehouse.put("unix/a.csv", '"unixvalue creationdate 18276","18276","1579059880000","TRUE","7","1.5"\n')
    csv_table(warehouse, "unix", "profile string, day date, moment timestamp, ok boolean, n bigint, x double")
    assert warehouse.rows("SELECT day, moment, ok, n, x FROM unix") == [
        ["2020-01-15", "2020-01-15 03:44:40.000", "true", "7", "1.5"]
    ]


@pytest.mark.parametrize(("kind", "value"), [("int", ""), ("double", "abc"), ("bigint", "1.5"), ("date", "2020-01-15")])
def test_values_that_do_not_parse_fail_the_query(warehouse: Any, kind: str, value: str) -> None:
    name = f"bad_{kind}"
    warehouse.put(f"{name}/a.csv", f'"{value}","x"\n')
    csv_table(warehouse, name, f"n {kind}, t string")
    expected = f"HIVE_BAD_DATA: Error parsing field value '{value}' for field n: For input string: \"{value}\""
    assert warehouse.failure(f"SELECT n FROM {name}") == (expected, 1100)
    assert warehouse.rows(f"SELECT t FROM {name}") == [["x"]]


def test_invalid_values_may_be_null_by_a_table_property(warehouse: Any) -> None:
    warehouse.put("lenient/a.csv", "1,x\n,y\n")
    csv_table(warehouse, "lenient", "n int, t string", table="'use.null.for.invalid.data'='true'")
    assert warehouse.rows("SELECT * FROM lenient ORDER BY t") == [["1", "x"], [None, "y"]]
    warehouse.put("lenient_casts/a.csv", "1.5,17000\n,\nx,y\n")
    csv_table(warehouse, "lenient_casts", "p double, d date", table="'use.null.for.invalid.data'='true'")
    assert warehouse.rows("SELECT p, d FROM lenient_casts ORDER BY p NULLS LAST") == [
        ["1.5", "2016-07-18"],
        [None, None],
        [None, None],
    ]
