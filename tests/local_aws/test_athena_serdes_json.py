"""JSON tables as both JSON SerDes read them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

OPENX = "org.openx.data.jsonserde.JsonSerDe"
HIVE = "org.apache.hive.hcatalog.data.JsonSerDe"


def json_table(warehouse: Any, name: str, columns: str, serde: str = OPENX, properties: str = "") -> None:
    options = f" WITH SERDEPROPERTIES ({properties})" if properties else ""
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} ({columns}) ROW FORMAT SERDE '{serde}'{options} "
        f"LOCATION '{warehouse.location(name)}'"
    )


@pytest.mark.parametrize("serde", [OPENX, HIVE])
def test_keys_in_any_case_missing_keys_and_nested_values(warehouse: Any, serde: str) -> None:
    name = f"nested_{serde.split('.')[1]}"
    warehouse.put(
        f"{name}/a.json",
        '{"Id": 9007199254740993, "name": "é\\n\\"", "Tags": ["x", null], '
        '"m": {"K": 1}, "s": {"A": {"deep": [1, 2]}}}\n'
        '{"id": 2, "extra": 1, "tags": [], "s": null}\n'
        '{"NAME": null}\n',
    )
    kinds = "id bigint, name string, tags array<string>, m map<string,int>, s struct<a:struct<deep:array<int>>>"
    json_table(warehouse, name, kinds, serde)
    assert warehouse.rows(f"SELECT * FROM {name} ORDER BY id DESC NULLS LAST") == [
        ["9007199254740993", 'é\n"', "[x, null]", "{K=1}", "{a={deep=[1, 2]}}"],
        ["2", None, "[]", None, None],
        [None, None, None, None, None],
    ]
    assert warehouse.rows(f"SELECT s.a.deep[2], tags[1], m['K'] FROM {name} WHERE name IS NOT NULL") == [
        ["2", "x", "1"]
    ]


def test_openx_makes_null_of_what_does_not_fit(warehouse: Any) -> None:
    warehouse.put(
        "fits/a.json",
        '{"n": "7", "x": "1.5", "t": 5, "b": "TRUE", "d": "2019-10-01", "ts": "2019-10-01T10:00:00Z"}\n'
        '{"n": "abc", "x": true, "t": {"a": 1}, "b": 1, "d": "no", "ts": 1569924000000}\n\n',
    )
    json_table(warehouse, "fits", "n int, x double, t string, b boolean, d date, ts timestamp")
    assert warehouse.rows("SELECT * FROM fits ORDER BY n NULLS LAST, t NULLS LAST") == [
        ["7", "1.5", "5", "true", "2019-10-01", "2019-10-01 10:00:00.000"],
        [None, None, '{"a":1}', "false", None, "2019-10-01 10:00:00.000"],
        [None] * 6,
    ]


def test_the_hive_serde_fails_where_a_value_does_not_fit(warehouse: Any) -> None:
    warehouse.put("strict/a.json", '{"n": "abc", "t": "x"}\n')
    json_table(warehouse, "strict", "n int, t string", HIVE)
    reason, error_type = warehouse.failure("SELECT n FROM strict")
    assert reason.startswith("HIVE_BAD_DATA: Error parsing field value")
    assert error_type == 1100
    assert warehouse.rows("SELECT t FROM strict") == [["x"]]


def test_malformed_lines_fail_unless_they_are_to_be_ignored(warehouse: Any) -> None:
    warehouse.put("malformed/a.json", '{"n": 1}\n{"n": 2\n{"n": 3}\n')
    json_table(warehouse, "malformed", "n int")
    reason, error_type = warehouse.failure("SELECT n FROM malformed")
    assert reason.startswith("HIVE_CURSOR_ERROR: Row is not a valid JSON Object")
    assert error_type == 1100
    warehouse.put("ignored/a.json", '{"n": 1}\n{"n": 2\n{"n": 3}\n')
    json_table(warehouse, "ignored", "n int", OPENX, "'ignore.malformed.json'='true'")
    assert warehouse.rows("SELECT n FROM ignored ORDER BY n") == [["1"], ["3"], [None]]


def test_mapped_keys_and_dots_in_keys(warehouse: Any) -> None:
    warehouse.put("mapped/a.json", '{"ts": "x", "a.b": 1}\n')
    json_table(warehouse, "mapped", "moment string, a_b int", OPENX, "'mapping.moment'='ts', 'dots.in.keys'='true'")
    assert warehouse.rows("SELECT * FROM mapped") == [["x", "1"]]


def test_a_gzip_of_many_rows(warehouse: Any) -> None:
    text = "".join(f'{{"id": {number}, "name": "n{number}"}}\n' for number in range(3000)).encode()
    warehouse.put("many/a.json.gz", gzip.compress(text))
    json_table(warehouse, "many", "id bigint, name string")
    assert warehouse.rows("SELECT count(*), max(id), count(DISTINCT name) FROM many") == [["3000", "2999", "3000"]]
    assert warehouse.bytes_scanned("SELECT max(id) FROM many") == len(gzip.compress(text))
