"""Why a query fails: the words, the place and the type of the error, as Athena gives them."""

from __future__ import annotations

import pytest
from expressions import failure_of, text_of

_UNKNOWN = "cannot be resolved or requester is not authorized to access requested resources"
_COMMON = "must be the same type or coercible to a common type. Cannot find common type between"
_CONCAT = "Expected: concat(char(x), char(y)), concat(varbinary), concat(varchar)"

NAMES = [
    ("SELECT nope FROM (VALUES 1) t(x)", 1006, f"COLUMN_NOT_FOUND: line 1:8: Column 'nope' {_UNKNOWN}"),
    ("SELECT t.nope FROM (VALUES 1) t(x)", 1006, f"COLUMN_NOT_FOUND: line 1:8: Column 't.nope' {_UNKNOWN}"),
    ("SELECT u.x FROM (VALUES 1) t(x)", 1006, f"COLUMN_NOT_FOUND: line 1:8: Column 'u.x' {_UNKNOWN}"),
    ("SELECT x FROM (VALUES 1) t(x) WHERE nope = 1", 1006, f"COLUMN_NOT_FOUND: line 1:37: Column 'nope' {_UNKNOWN}"),
    ("SELECT x FROM (VALUES 1) t(x) ORDER BY nope", 1006, f"COLUMN_NOT_FOUND: line 1:40: Column 'nope' {_UNKNOWN}"),
    ("SELECT * FROM nope", 1301, "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nope' does not exist"),
    ("SELECT * FROM nodb.nope", 1301, "SCHEMA_NOT_FOUND: line 1:20: Schema 'nodb' does not exist"),
    ("SELECT nofn(1)", 1303, "FUNCTION_NOT_FOUND: line 1:8: Function 'nofn' not registered"),
    ("SELECT x, nofn(x) FROM (VALUES 1) t(x)", 1303, "FUNCTION_NOT_FOUND: line 1:11: Function 'nofn' not registered"),
    (
        "SELECT sum('a')",
        1303,
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(1)) for function sum. "
        "Expected: sum(double), sum(decimal(p,s)), sum(bigint), sum(real)",
    ),
    (
        "SELECT x, count(*) FROM (VALUES 1) t(x)",
        1000,
        "EXPRESSION_NOT_AGGREGATE: line 1:8: 'x' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (
        "SELECT x, y FROM (VALUES (1,2)) t(x,y) GROUP BY x",
        1000,
        "EXPRESSION_NOT_AGGREGATE: line 1:11: 'y' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (
        "SELECT x + y FROM (VALUES (1,2)) t(x,y) GROUP BY x",
        1000,
        "EXPRESSION_NOT_AGGREGATE: line 1:12: 'y' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (
        "SELECT count(*) FROM (VALUES 1) t(x) WHERE count(*) > 1",
        1000,
        "EXPRESSION_NOT_SCALAR: line 1:1: WHERE clause cannot contain aggregations, "
        "window functions or grouping operations",
    ),
    (
        "SELECT sum(count(*)) FROM (VALUES 1) t(x)",
        1000,
        "NESTED_AGGREGATION: line 1:1: Cannot nest aggregations inside aggregation",
    ),
    (
        "SELECT x FROM (VALUES 1) t(x) HAVING x > 1",
        1000,
        "EXPRESSION_NOT_AGGREGATE: line 1:8: 'x' must be an aggregate expression or appear in GROUP BY clause",
    ),
    ("SELECT x FROM (VALUES 1) t(x), (VALUES 1) u(x)", 1000, "AMBIGUOUS_NAME: line 1:8: Column 'x' is ambiguous"),
    ("SELECT a FROM (VALUES 1) t(a) ORDER BY 2", 1000, "SYNTAX_ERROR: line 1:1: Unknown output column: 2"),
    ("SELECT a FROM (VALUES 1) t(a) GROUP BY 2", 1000, "SYNTAX_ERROR: line 1:1: Unknown output column: 2"),
    ("SELECT length(5)", 1303, "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function length"),
    (
        "SELECT year('2019-01-01')",
        1303,
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar) for function year",
    ),
    (
        "SELECT concat('a', 1)",
        1303,
        f"FUNCTION_NOT_FOUND: line 1:15: Unexpected parameters (varchar(1), integer) for function concat. {_CONCAT}",
    ),
    (
        "SELECT 'a' || 1",
        1303,
        f"FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(1), integer) for function concat. {_CONCAT}",
    ),
    ("SELECT x AS a FROM (VALUES 1) t(x) WHERE a = 1", 1006, f"COLUMN_NOT_FOUND: line 1:42: Column 'a' {_UNKNOWN}"),
    (
        "SELECT * FROM (VALUES 1) t(x) MATCH_RECOGNIZE (PATTERN (A+) DEFINE A AS x > 1)",
        1200,
        "NOT_SUPPORTED: MATCH_RECOGNIZE is not available in the local Athena",
    ),
    (
        "WITH a AS (SELECT 1) SELECT * FROM b",
        1301,
        "TABLE_NOT_FOUND: line 1:36: Table 'awsdatacatalog.default.b' does not exist",
    ),
]

TYPES = [
    ("SELECT 'a' + 1", 1002, "TYPE_MISMATCH: line 1:8: Cannot apply operator: varchar(1) + integer"),
    ("SELECT 1 = 'a'", 1002, "TYPE_MISMATCH: line 1:8: Cannot apply operator: integer = varchar(1)"),
    (
        "SELECT x FROM (VALUES 1) t(x) WHERE x = 'a'",
        1002,
        "TYPE_MISMATCH: line 1:37: Cannot apply operator: integer = varchar(1)",
    ),
    (
        "SELECT x FROM (VALUES 1) t(x) WHERE x",
        1002,
        "TYPE_MISMATCH: line 1:37: WHERE clause must evaluate to a boolean: actual type integer",
    ),
    (
        "SELECT 1 UNION SELECT 'a'",
        1002,
        "TYPE_MISMATCH: line 1:8: column 1 in UNION query has incompatible types: integer, varchar(1)",
    ),
    (
        "SELECT date '2019-01-01' > '2018-01-01'",
        1002,
        "TYPE_MISMATCH: line 1:13: Cannot apply operator: date > varchar(10)",
    ),
    (
        "SELECT coalesce(1, 'a')",
        1002,
        f"TYPE_MISMATCH: line 1:20: All COALESCE operands {_COMMON} integer and varchar(1)",
    ),
    ("SELECT if(1, 2, 3)", 1002, "TYPE_MISMATCH: line 1:11: IF condition must be a boolean: integer"),
    (
        "SELECT case when true then 1 else 'a' end",
        1002,
        f"TYPE_MISMATCH: line 1:35: All CASE results {_COMMON} integer and varchar(1)",
    ),
    (
        "SELECT not 1",
        1002,
        "TYPE_MISMATCH: line 1:12: Logical expression term must evaluate to a boolean (actual: integer)",
    ),
    (
        "SELECT 1 and true",
        1002,
        "TYPE_MISMATCH: line 1:8: Logical expression term must evaluate to a boolean (actual: integer)",
    ),
]

VALUES = [
    (
        "SELECT m['b'] FROM (SELECT map_agg(x, 1) m FROM (VALUES 'a') t(x))",
        1106,
        "INVALID_FUNCTION_ARGUMENT: Key not present in map: b",
    ),
    ("SELECT cast('a' as integer)", 1100, "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT"),
    ("SELECT cast('2019-13-01' as date)", 1100, "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2019-13-01"),
    ("SELECT cast('x' as timestamp)", 1100, "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: x"),
    ("SELECT cast('abc' as double)", 1100, "INVALID_CAST_ARGUMENT: Cannot cast 'abc' to DOUBLE"),
    ("SELECT cast('x' as boolean)", 1100, "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BOOLEAN"),
    ("SELECT cast('1.5' as integer)", 1100, "INVALID_CAST_ARGUMENT: Cannot cast '1.5' to INT"),
    ("SELECT cast(3000000000 as integer)", 1100, "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 3000000000"),
    ("SELECT 1/0", 1001, "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT 1 % 0", 1001, "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT decimal '1.0' / decimal '0.0'", 1001, "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT 2147483647 + 1", 1100, "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1"),
    (
        "SELECT 9223372036854775807 + 1",
        1100,
        "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775807 + 1",
    ),
    (
        "SELECT (SELECT x FROM (VALUES 1,2) t(x))",
        1000,
        "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows",
    ),
    (
        "SELECT array[1,2][5]",
        1106,
        "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 5 > 2",
    ),
    ("SELECT array[1,2][0]", 1106, "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
    ("SELECT map(array['a'], array[1])['b']", 1106, "INVALID_FUNCTION_ARGUMENT: Key not present in map: b"),
    ("SELECT date_parse('x', '%Y')", 1106, 'INVALID_FUNCTION_ARGUMENT: Invalid format: "x"'),
    (
        "SELECT date_trunc('century2', date '2019-01-01')",
        1106,
        "INVALID_FUNCTION_ARGUMENT: 'century2' is not a valid Timestamp field",
    ),
    ("SELECT json_parse('{a')", 1106, "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{a'"),
    (
        "SELECT sequence(1, 100000)",
        1106,
        "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 50000 entries",
    ),
    ("SELECT x FROM (VALUES 1,'a') t(x)", 1100, "INVALID_CAST_ARGUMENT: Cannot cast 'a' to INT"),
]


@pytest.mark.parametrize(("sql", "error_type", "reason"), [*NAMES, *TYPES, *VALUES])
def test_queries_fail_in_athenas_words(sql: str, error_type: int, reason: str) -> None:
    assert failure_of(sql) == (2, error_type, reason)


def test_the_place_is_that_of_the_line_in_which_the_name_stands() -> None:
    sql = "SELECT x,\n       -- a comment\n       nope\nFROM (VALUES 1) t(x)"
    assert failure_of(sql) == (2, 1006, f"COLUMN_NOT_FOUND: line 3:8: Column 'nope' {_UNKNOWN}")


@pytest.mark.parametrize(
    "failing", ["1 / 0", "1 % 0", "cast('a' AS bigint)", "cast('1.5' AS integer)", "ARRAY[1][2]", "map()['a']"]
)
def test_try_makes_a_failure_null(failing: str) -> None:
    assert text_of(f"try({failing})") is None


def test_names_of_the_select_list_may_order_but_not_filter() -> None:
    assert text_of("b FROM (SELECT a AS b FROM (VALUES 2) t(a) ORDER BY b)") == "2"
    sql = "SELECT a + 1 AS b FROM (VALUES 1) t(a) GROUP BY b"
    assert failure_of(sql) == (2, 1006, f"COLUMN_NOT_FOUND: line 1:49: Column 'b' {_UNKNOWN}")
