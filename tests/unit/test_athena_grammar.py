"""Which SQL Athena's grammar takes, and what it says of the first token that does not fit."""

from __future__ import annotations

import pytest
from expressions import failure_of

from helpers.local.athena.errors import QuerySyntaxError
from helpers.local.athena.grammar import check_grammar
from helpers.local.athena.model import AthenaQueryError, QueryContext
from helpers.local.athena.statements import check, classify

_AFTER_SELECT = (
    "',', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', 'INTERSECT', 'LIMIT', 'OFFSET', 'ORDER', 'UNION', 'WHERE', "
    "'WINDOW', <EOF>"
)
_FIRST = (
    "'ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DENY', 'DESC', 'DESCRIBE', "
    "'DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'MERGE', 'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', "
    "'SET', 'SHOW', 'START', 'TRUNCATE', 'UNLOAD', 'UPDATE', 'USE', <query>"
)
_UNSUPPORTED = "Queries of this type are not supported"

FITTING = [
    "UPDATE a.t SET x = 1, y = z + 1 WHERE x IN (SELECT 1)",
    'DELETE FROM "t" WHERE a = ?',
    "MERGE INTO t AS x USING (SELECT 1 AS a) AS y ON x.a = y.a WHEN MATCHED AND y.a > 1 THEN UPDATE SET b = 1 "
    "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (a, b) VALUES (1, y.a)",
    'SELECT cast(x as row(a integer, b array(varchar(10)), "c d" map(varchar, double))) FROM t',
    (
        "SELECT cast(x as row(integer, varchar)) , cast(y as row(a double precision, b timestamp(3) with time"
        " zone, c interval day to second))"
    ),
    (
        "SELECT cast(x as array<int>), cast(x as decimal(10,2)), cast(x as timestamp with time zone), cast(x "
        "as double precision), cast(y as varchar array)"
    ),
    (
        "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM a WHERE n < 5), b AS (TABLE a) SELECT * "
        "FROM b ORDER BY n DESC NULLS LAST LIMIT 5"
    ),
    (
        'SELECT "$path", "$file_modified_time" FROM "awsdatacatalog"."db"."t$partitions" t1 WHERE day >= '
        "'2019-10-01' AND day < date_format(date '2019-10-02', '%Y-%m-%d')"
    ),
    (
        "SELECT a.*, b.c FROM t AS a LEFT OUTER JOIN u b ON a.x = b.x AND (a.y > b.y OR a.z IS NULL) RIGHT "
        "JOIN v USING (k, l)"
    ),
    "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
    "SELECT * FROM (a CROSS JOIN b) c, d",
    "SELECT * FROM ((SELECT 1 x) UNION ALL (SELECT 2)) t",
    "SELECT ((SELECT 1) + 1) * 2, ((1)), (((1, 2)))",
    "SELECT * FROM ((SELECT 1) a CROSS JOIN b)",
    (
        "SELECT sum(x) FILTER (WHERE y > 0) OVER (PARTITION BY a, b ORDER BY c DESC ROWS BETWEEN 1 PRECEDING "
        "AND CURRENT ROW), lag(x, 1) IGNORE NULLS OVER w, rank() OVER (w ORDER BY z) FROM t WINDOW w AS "
        "(PARTITION BY q RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    ),
    (
        "SELECT listagg(x, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY y DESC) FROM t "
        "GROUP BY GROUPING SETS ((a, b), (a), ()), CUBE (c, d), ROLLUP (e)"
    ),
    (
        "SELECT extract(hour FROM event_time), extract(dow from date '2019-10-01'), trim(BOTH 'x' FROM y), "
        "trim(y), trim('x' FROM y), position('a' IN b), substring(a FROM 2 FOR 3), substring(a, 2, 3), "
        "normalize(a, NFC)"
    ),
    (
        "SELECT interval '1' day, interval -'3' month, interval '1-2' year to month, interval '1 02:03:04' "
        "day to second, timestamp '2019-10-01 00:00:00' AT TIME ZONE 'UTC', current_timestamp, "
        "current_timestamp(3), current_date, localtime"
    ),
    (
        "SELECT filter(a, x -> x > 1), reduce(a, 0, (s, x) -> s + x, s -> s), transform_values(m, (k, v) -> v"
        " || k), zip_with(a, b, (x, y) -> (x, y)), any_match(a, () -> true)"
    ),
    (
        "SELECT x[1], m['k'].a.b[2], (row(1,2)).field0, cast(r as row(a int)).a, array[], array[1,2][1], "
        "map(array['a'], array[1])['a'], f(x)[1].y FROM t"
    ),
    ("SELECT CASE x WHEN 1 THEN 'a' ELSE 'b' END, CASE WHEN a > 1 AND b IN (1, 2) THEN 1 WHEN NOT c THEN 2 END FROM t"),
    (
        "SELECT a FROM t WHERE a NOT IN (SELECT b FROM u) AND EXISTS (SELECT 1 FROM v WHERE v.x = t.x) AND a "
        "<> ALL (SELECT 1) AND (a, b) IN ((1, 2), (3, 4)) AND c LIKE 'x\\_%' ESCAPE '\\' AND d NOT BETWEEN 1 "
        "AND 2 AND e IS NOT DISTINCT FROM f"
    ),
    (
        "SELECT json_query(a, 'lax $.x' WITH ARRAY WRAPPER), json_value(a, 'strict $.y' RETURNING integer "
        "DEFAULT 0 ON EMPTY), json_object('a' : 1, KEY 'b' VALUE 2), json_array(1, 2 NULL ON NULL)"
    ),
    (
        "SELECT count(*), count(DISTINCT x), array_agg(x ORDER BY y, z DESC), array_agg(DISTINCT x), "
        "approx_percentile(x, ARRAY[0.5, 0.9]) FROM t GROUP BY 1, 2 HAVING count(*) > 1"
    ),
    "VALUES (1, 'a'), (2, 'b')",
    "VALUES 1, 2",
    "(SELECT 1 LIMIT 1) UNION ALL (SELECT 2) ORDER BY 1 OFFSET 1 ROW FETCH FIRST 1 ROW WITH TIES",
    "SELECT 1 -- c",
    "/* x */ SELECT /* y */ 'it''s', \"a\"\"b\", U&'\\0041', X'00ff', 1.5e-3, .5, 5., -1, - 1, +x, a-1, a--1",
    (
        'SELECT year, month, day, hour, date, time, timestamp, "order", if, row, map, array, "group", offset,'
        " limit, first, last, rank, type, value, key, name, user_id, data, position, zone FROM t"
    ),
    (
        "SELECT date(x), year(x), map(), row(1), if(a, b, c), coalesce(a, b), nullif(a, b), try(a / b), "
        "hour(x), replace(a, b), left_x, format('%s', a) FROM t"
    ),
    (
        "SELECT * FROM UNNEST(a, b) WITH ORDINALITY AS t (x, y, n), LATERAL (SELECT 1) AS l, t FOR TIMESTAMP "
        "AS OF timestamp '2020-01-01 00:00:00 UTC' AS z"
    ),
    "SELECT * FROM t TABLESAMPLE BERNOULLI (10), u AS v TABLESAMPLE SYSTEM (5)",
    "SELECT * FROM t WHERE x = ? AND y IN (?, ?) LIMIT ?",
    "INSERT INTO db.t SELECT * FROM u",
    "INSERT INTO \"db\".\"t\" (a, b) VALUES (1, 'a'), (2, 'b')",
    "INSERT INTO t (SELECT 1)",
    "INSERT INTO `db`.`t` (`a`) SELECT 1",
    (
        "CREATE TABLE db.t WITH (format = 'PARQUET', partitioned_by = ARRAY['day'], external_location = "
        "'s3://b/c/', bucket_count = 4) AS SELECT 1 AS a WITH NO DATA"
    ),
    "CREATE TABLE IF NOT EXISTS t COMMENT 'x' AS (SELECT 1 a)",
    (
        "CREATE TABLE \"db\".\"t\" WITH(     external_location='s3://x/y',     format='PARQUET') AS WITH q AS "
        "(SELECT 1 a) SELECT * FROM q"
    ),
    "CREATE OR REPLACE VIEW db.v AS SELECT a, b AS c FROM t",
    "CREATE VIEW v COMMENT 'c' SECURITY INVOKER AS SELECT 1 a",
    "UNLOAD (SELECT * FROM t) TO 's3://b/p/' WITH (format = 'PARQUET', compression='SNAPPY')",
    "EXPLAIN SELECT 1",
    "EXPLAIN (TYPE IO, FORMAT JSON) SELECT 1",
    "EXPLAIN ANALYZE VERBOSE SELECT 1",
    "EXPLAIN ANALYZE (FORMAT JSON) WITH a AS (SELECT 1) SELECT * FROM a",
    "SELECT 1;",
    (
        "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES A.x AS y PATTERN (A B+) DEFINE B"
        " AS b.x > 1) AS m"
    ),
    (
        "SELECT TIMESTAMP '2019-10-01 00:00:00' + INTERVAL '1' HOUR * 3 FROM t WHERE ts BETWEEN TIMESTAMP "
        "'2019-10-01' AND TIMESTAMP '2019-10-02'"
    ),
    (
        "SELECT decimal '1.5', double '1', real '2', json '{}', date '2019-10-01', time '10:00', char 'a', "
        "bigint '5', double precision '3', uuid '12'"
    ),
    'SELECT t.x AS "X y", count(*) cnt FROM t GROUP BY ALL t.x',
    "SELECT DISTINCT a FROM t ORDER BY a ASC NULLS FIRST, b",
    "SELECT ALL a FROM t",
    "SELECT a || b || 'c' = d AND NOT (e OR NOT f) FROM t",
    "SELECT grouping(a, b) FROM t",
    "SELECT * FROM (VALUES (1, 2)) AS t (a, b) NATURAL JOIN u",
]

REFUSED = [
    ("SELEC 1", f"line 1:1: mismatched input 'SELEC'. Expecting: {_FIRST}"),
    ("-- who\n  FORM t", f"line 2:3: mismatched input 'FORM'. Expecting: {_FIRST}"),
    ("SELECT * FORM t", f"line 1:10: mismatched input 'FORM'. Expecting: {_AFTER_SELECT}"),
    ("PREPARE s FROM SELECT * FORM t", f"line 1:25: mismatched input 'FORM'. Expecting: {_AFTER_SELECT}"),
    ("UPDATE t SET 1 = 2", "line 1:14: mismatched input '1'. Expecting: <identifier>"),
    ("DELETE FROM t HAVING a", "line 1:15: mismatched input 'HAVING'. Expecting: '.', 'WHERE', <EOF>"),
    (
        "MERGE INTO t USING u ON a WHEN MATCHED THEN INSERT",
        "line 1:45: mismatched input 'INSERT'. Expecting: 'DELETE', 'UPDATE'",
    ),
    ("SELECT a b c FROM t", f"line 1:12: mismatched input 'c'. Expecting: {_AFTER_SELECT}"),
    ("SELECT , FROM t", "line 1:8: mismatched input ','. Expecting: '*', 'ALL', 'DISTINCT', <expression>"),
    ("SELECT FROM t", "line 1:8: mismatched input 'FROM'. Expecting: '*', 'ALL', 'DISTINCT', <expression>"),
    ("SELECT a, FROM t", "line 1:11: mismatched input 'FROM'. Expecting: '*', <expression>"),
    ("select *\nfrom x\nwhere from", "line 3:7: mismatched input 'from'. Expecting: <expression>"),
    (
        "select *\nfrom x\nfrom",
        "line 3:1: mismatched input 'from'. Expecting: ',', '.', 'AS', 'CROSS', 'EXCEPT', 'FETCH', 'FULL', 'GROUP', "
        "'HAVING', 'INNER', 'INTERSECT', 'JOIN', 'LEFT', 'LIMIT', 'MATCH_RECOGNIZE', 'NATURAL', 'OFFSET', 'ORDER', "
        "'RIGHT', 'TABLESAMPLE', 'UNION', 'WHERE', 'WINDOW', <EOF>, <identifier>",
    ),
    (
        "select a from t order by a order by a",
        "line 1:28: mismatched input 'order'. Expecting: '%', '*', '+', ',', '-', '.', '/', 'AND', 'ASC', 'AT', "
        "'DESC', 'FETCH', 'LIMIT', 'NULLS', 'OFFSET', 'OR', '[', '||', <EOF>, <predicate>",
    ),
    ("select a from t limit 10 order by a", "line 1:26: mismatched input 'order'. Expecting: <EOF>"),
    ("SELECT a FROM t LIMIT 1 OFFSET 1", "line 1:25: mismatched input 'OFFSET'. Expecting: <EOF>"),
    ("SELECT count(* FROM t", "line 1:16: mismatched input 'FROM'. Expecting: ')'"),
    ("SELECT cast(a AS ) FROM t", "line 1:18: mismatched input ')'. Expecting: <type>"),
    ("SELECT a FROM t WHERE a IN ()", "line 1:29: mismatched input ')'. Expecting: <expression>"),
    ("SELECT a FROM t GROUP a", "line 1:23: mismatched input 'a'. Expecting: 'BY'"),
    ("SELECT a FROM t TABLESAMPLE x", "line 1:29: mismatched input 'x'. Expecting: 'BERNOULLI', 'SYSTEM'"),
    (
        "SELECT x() OVER (ROWS UNBOUNDED) FROM t",
        "line 1:32: mismatched input ')'. Expecting: 'FOLLOWING', 'PRECEDING'",
    ),
    (
        "SELECT `a` FROM t",
        "line 1:8: backquoted identifiers are not supported; use double quotes to quote identifiers",
    ),
    (
        "SELECT a FROM 1t",
        "line 1:15: identifiers must not start with a digit; surround the identifier with double quotes",
    ),
    ('SELECT "" FROM t', "line 1:8: Zero-length delimited identifier not allowed"),
    ("INSERT OVERWRITE INTO t SELECT 1", "line 1:8: mismatched input 'OVERWRITE'. Expecting: 'INTO'"),
    ("UNLOAD (SELECT 1) INTO 's3://b/p/'", "line 1:19: mismatched input 'INTO'. Expecting: 'TO'"),
    ("CREATE VIEW v AS SELECT , a", "line 1:25: mismatched input ','. Expecting: '*', 'ALL', 'DISTINCT', <expression>"),
    ("SELECT 1; SELECT 2", "Only one sql statement is allowed. Got: SELECT 1; SELECT 2"),
    ("SELECT * FROM", _UNSUPPORTED),
    ("START TRANSACTION", _UNSUPPORTED),
    ("USE db", _UNSUPPORTED),
    ("CREATE INDEX i ON t (a)", _UNSUPPORTED),
    ("-- nothing", _UNSUPPORTED),
]

# What sqlglot reads, as other databases have it.
FOREIGN = [
    ("SELECT x::integer FROM t", 9),
    ("SELECT TOP 1 * FROM t", 12),
    ("SELECT * EXCEPT (a) FROM t", 18),
    ("SELECT DISTINCT ON (a) a FROM t", 17),
    ("SELECT a FROM t QUALIFY a > 1", 25),
    ("SELECT a FROM t WHERE a ILIKE 'x'", 25),
    ("SELECT a FROM t WHERE a RLIKE 'x'", 25),
    ("SELECT INTERVAL 1 DAY", 17),
    ("SELECT a[1:2] FROM t", 11),
    ("SELECT [1, 2]", 8),
    ("SELECT {'a': 1}", 8),
    ("SELECT a FROM t LIMIT 1, 2", 24),
    ("SELECT a FROM t GROUP BY ALL ORDER BY a", 30),
    ("SELECT a FROM t WHERE a == 1", 26),
    ("SELECT a & b FROM t", 10),
    ("SELECT a INTO u FROM t", 10),
    ("SELECT a FROM t LEFT SEMI JOIN u ON a = b", 22),
    ("SELECT 1 AS 'x'", 13),
]

KINDS = [
    ("SELECT 1", ("DML", "SELECT")),
    ("(SELECT 1)", ("DML", "SELECT")),
    ("WITH a AS (SELECT 1) TABLE a", ("DML", "SELECT")),
    ("VALUES 1", ("DML", "SELECT")),
    ("TABLE t", ("DML", "SELECT")),
    ("/* a */ -- b\n select'a'", ("DML", "SELECT")),
    ("EXPLAIN ANALYZE SELECT 1", ("DML", "EXPLAIN")),
    ("INSERT INTO t VALUES 1", ("DML", "INSERT")),
    ("UNLOAD (SELECT 1) TO 's3://b/p/' WITH (format = 'PARQUET')", ("DML", "UNLOAD")),
    ("EXECUTE s USING 1", ("DML", "EXECUTE")),
    ("VACUUM t", ("DML", "VACUUM")),
    ("OPTIMIZE t REWRITE DATA USING BIN_PACK", ("DDL", "OPTIMIZE")),
    ("CREATE TABLE t AS ((SELECT 1 a))", ("DDL", "CREATE_TABLE_AS_SELECT")),
    ("CREATE /* c */ TABLE t AS -- c\nVALUES 1", ("DDL", "CREATE_TABLE_AS_SELECT")),
    ("CREATE EXTERNAL TABLE t (a int COMMENT 'the same AS SELECT') LOCATION 's3://b/'", ("DDL", "CREATE_TABLE")),
    ("CREATE OR REPLACE VIEW v AS SELECT 1 a", ("DDL", "CREATE_VIEW")),
    ("CREATE SCHEMA s", ("DDL", "CREATE_DATABASE")),
    ("MSCK REPAIR TABLE t", ("DDL", "MSCK_REPAIR")),
    ("ALTER TABLE t ADD IF NOT EXISTS PARTITION (d = '1')", ("DDL", "ALTER_TABLE_ADD_PARTITION")),
    ("DROP TABLE IF EXISTS t", ("DDL", "DROP_TABLE")),
    ("SHOW TABLES IN db", ("UTILITY", "SHOW_TABLES")),
    ("SHOW SCHEMAS", ("UTILITY", "SHOW_DATABASES")),
    ("DESC t", ("UTILITY", "DESCRIBE_TABLE")),
    ("PREPARE s FROM SELECT ?", ("UTILITY", "PREPARE")),
]


def _context() -> QueryContext:
    return QueryContext("q", "AwsDataCatalog", "default", "s3://nowhere/results/")


@pytest.mark.parametrize("sql", FITTING)
def test_statements_of_athena_fit(sql: str) -> None:
    check_grammar(sql)


@pytest.mark.parametrize(("sql", "reason"), REFUSED)
def test_what_does_not_fit_is_refused_where_it_stands(sql: str, reason: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        check(sql, _context())
    assert (caught.value.category, caught.value.error_type, caught.value.reason) == (2, 1006, reason)


@pytest.mark.parametrize(("sql", "column"), FOREIGN)
def test_sql_of_other_databases_is_refused(sql: str, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        check(sql, _context())
    assert caught.value.reason.startswith(f"line 1:{column}: mismatched input ")


@pytest.mark.parametrize(("sql", "kinds"), KINDS)
def test_statements_have_athenas_types(sql: str, kinds: tuple[str, str]) -> None:
    assert classify(sql) == kinds


def test_functions_in_lambda_are_none_of_the_local_athena() -> None:
    sql = "USING EXTERNAL FUNCTION f(a varchar) RETURNS varchar LAMBDA 'l' SELECT f('x')"
    with pytest.raises(AthenaQueryError) as caught:
        check(sql, _context())
    reason = "NOT_SUPPORTED: USING EXTERNAL FUNCTION is not available in the local Athena"
    assert (caught.value.reason, caught.value.error_type) == (reason, 1200)


def test_a_type_that_does_not_exist_fails_the_query() -> None:
    check("SELECT cast(1 AS foo)", _context())
    assert failure_of("SELECT cast(1 AS foo)") == (2, 1000, "TYPE_NOT_FOUND: line 1:18: Unknown type: foo")


def test_a_call_without_its_arguments_fails_the_query() -> None:
    check("SELECT abs()", _context())
    reason = "FUNCTION_NOT_FOUND: line 1:12: Unexpected parameters for function abs"
    assert failure_of("SELECT abs()") == (2, 1303, reason)


def test_a_query_of_the_greatest_length_is_checked() -> None:
    numbers = ", ".join(str(number) for number in range(38_000))
    check_grammar(f"SELECT a FROM t WHERE a IN ({numbers})")
