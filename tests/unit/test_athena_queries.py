"""Aggregates, windows, joins, UNNEST and set operations: the rows that Trino gives."""

from __future__ import annotations

import pytest
from expressions import rows_of

CASES: list[tuple[str, list[list[str | None]]]] = [
    (
        "SELECT k, v FROM (SELECT histogram(x) h FROM (VALUES 'a','a') t(x)) CROSS JOIN UNNEST(h) AS u(k, v)",
        [["a", "2"]],
    ),
    ("SELECT k, v FROM UNNEST(map_filter(map(array['a'], array[1]), (k, v) -> v > 0)) AS u(k, v)", [["a", "1"]]),
    ("SELECT k, v FROM UNNEST(split_to_map('a=1', ',', '=')) AS u(k, v)", [["a", "1"]]),
    ("SELECT width_bucket(3.5e0, array[1e0, 2e0, 3e0]), width_bucket(5, 0, 10, 5)", [["3", "3"]]),
    (
        "SELECT a.x, c.x FROM (VALUES 1, 2) a(x) JOIN (VALUES 2, 3) b(x) JOIN (VALUES 1, 2) c(x) ON b.x = c.x "
        "ON a.x = b.x",
        [["2", "2"]],
    ),
    (
        "SELECT a.x, c.x FROM (VALUES 1, 2) a(x), (VALUES 2, 3) b(x) LEFT JOIN (VALUES 2) c(x) ON b.x = c.x "
        "ORDER BY 1, 2",
        [["1", "2"], ["1", None], ["2", "2"], ["2", None]],
    ),
    ("SELECT 1 x UNION ALL SELECT 2 ORDER BY x DESC", [["2"], ["1"]]),
    ("SELECT 1 x UNION ALL SELECT 2 ORDER BY 1 DESC", [["2"], ["1"]]),
    ('SELECT 1 AS "X" UNION ALL SELECT 2 ORDER BY X DESC', [["2"], ["1"]]),
    ("(SELECT 1 x UNION ALL SELECT 3) UNION ALL (SELECT 2) ORDER BY x", [["1"], ["2"], ["3"]]),
    ("SELECT (SELECT max(y) FROM (VALUES 1,2) u(y) WHERE y > x) FROM (VALUES 1,2) t(x) ORDER BY 1", [["2"], [None]]),
    (
        "SELECT (SELECT max(y) FROM (VALUES 1,2) u(y)) AS m, x FROM (VALUES 1,2) t(x) ORDER BY 1, 2",
        [["2", "1"], ["2", "2"]],
    ),
    ('SELECT "_col0" FROM (SELECT (SELECT 5))', [["5"]]),
    ("SELECT count(*) FROM (VALUES (1,2)) t(a,b) WHERE (a, b) IN ((1, 2), (3, 4))", [["1"]]),
    ("SELECT x FROM (VALUES 1,2,3) t(x) WHERE x > ANY (SELECT y FROM (VALUES 1,2) u(y)) ORDER BY 1", [["2"], ["3"]]),
    (
        "SELECT count(*), count(x), count(distinct x), sum(x), avg(x), min(x), max(x) FROM (VALUES 1,2,2,null) t(x)",
        [["4", "3", "2", "5", "1.6666666666666667", "1", "2"]],
    ),
    ("SELECT sum(x) FROM (VALUES 1.5, 2.5) t(x)", [["4.0"]]),
    ("SELECT sum(x), avg(x) FROM (VALUES decimal '1.50', decimal '2.55') t(x)", [["4.05", "2.03"]]),
    ("SELECT sum(x) FROM (VALUES 1) t(x) WHERE false", [[None]]),
    ("SELECT approx_distinct(x) FROM (VALUES 1,2,2) t(x)", [["2"]]),
    ("SELECT approx_percentile(x, 0.5) FROM (VALUES 1,2,3) t(x)", [["2"]]),
    ("SELECT approx_percentile(x, array[0.0, 1.0]) FROM (VALUES 1,2,3) t(x)", [["[1, 3]"]]),
    ("SELECT count_if(x > 1) FROM (VALUES 1,2,3) t(x)", [["2"]]),
    ("SELECT max_by(y, x), min_by(y, x) FROM (VALUES (1,'a'),(2,'b')) t(x,y)", [["b", "a"]]),
    ("SELECT max_by(y, x, 2) FROM (VALUES (1,'a'),(2,'b'),(3,'c')) t(x,y)", [["[c, b]"]]),
    ("SELECT max(x, 2) FROM (VALUES 1,2,3) t(x)", [["[3, 2]"]]),
    ("SELECT arbitrary(x), any_value(x) FROM (VALUES 1) t(x)", [["1", "1"]]),
    ("SELECT bool_and(x), bool_or(x), every(x) FROM (VALUES true,false) t(x)", [["false", "true", "false"]]),
    ("SELECT array_agg(x ORDER BY x DESC) FROM (VALUES 1,2) t(x)", [["[2, 1]"]]),
    ("SELECT array_agg(x ORDER BY x) FROM (VALUES 1,null) t(x)", [["[1, null]"]]),
    ("SELECT array_agg(x) FILTER (WHERE x > 1) FROM (VALUES 1,2) t(x)", [["[2]"]]),
    ("SELECT array_agg(DISTINCT x ORDER BY x) FROM (VALUES 1,1,2) t(x)", [["[1, 2]"]]),
    ("SELECT map_agg(k, v) FROM (VALUES ('a',1),('b',2)) t(k,v)", [["{a=1, b=2}"]]),
    ("SELECT multimap_agg(k, v) FROM (VALUES ('a',1),('a',2)) t(k,v)", [["{a=[1, 2]}"]]),
    ("SELECT histogram(x) FROM (VALUES 'a','a','b') t(x)", [["{a=2, b=1}"]]),
    ("SELECT map_union(m) FROM (VALUES map(array['a'],array[1]), map(array['b'],array[2])) t(m)", [["{a=1, b=2}"]]),
    (
        "SELECT round(stddev(x), 3), round(variance(x), 3), round(stddev_pop(x), 3), "
        "round(var_pop(x),3) FROM (VALUES 1,2,4) t(x)",
        [["1.528", "2.333", "1.247", "1.556"]],
    ),
    (
        "SELECT corr(x, y), covar_pop(x, y), regr_slope(y, x) FROM (VALUES (1e0,2e0),(2e0,4e0)) t(x,y)",
        [["1.0", "0.5", "2.0"]],
    ),
    ("SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'b','a') t(x)", [["a,b"]]),
    ("SELECT geometric_mean(x) FROM (VALUES 1,4) t(x)", [["2.0"]]),
    ("SELECT round(entropy(x), 1) FROM (VALUES 1,1) t(x)", [["1.0"]]),
    ("SELECT kurtosis(x) is null, skewness(x) is null FROM (VALUES 1,2,3,5) t(x)", [["false", "false"]]),
    ("SELECT reduce_agg(x, 0, (a, b) -> a + b, (a, b) -> a + b) FROM (VALUES 1,2,3) t(x)", [["6"]]),
    ("SELECT bitwise_and_agg(x), bitwise_or_agg(x) FROM (VALUES 6,3) t(x)", [["2", "7"]]),
    ("SELECT set_agg(x) FROM (VALUES 1,1) t(x)", [["[1]"]]),
    ("SELECT sum(x) FILTER (WHERE x > 1) FROM (VALUES 1,2,3) t(x)", [["5"]]),
    (
        "SELECT x, row_number() OVER (ORDER BY x), rank() OVER (ORDER BY x), dense_rank() OVER (ORDER "
        "BY x) FROM (VALUES 1,1,2) t(x) ORDER BY 1,2",
        [["1", "1", "1", "1"], ["1", "2", "1", "1"], ["2", "3", "3", "2"]],
    ),
    (
        "SELECT x, lag(x) OVER (ORDER BY x), lead(x, 1, 0) OVER (ORDER BY x) FROM (VALUES 1,2) t(x) ORDER BY 1",
        [["1", None, "2"], ["2", "1", "0"]],
    ),
    (
        "SELECT x, ntile(2) OVER (ORDER BY x), percent_rank() OVER (ORDER BY x), cume_dist() OVER "
        "(ORDER BY x) FROM (VALUES 1,2) t(x) ORDER BY 1",
        [["1", "1", "0.0", "0.5"], ["2", "2", "1.0", "1.0"]],
    ),
    (
        "SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM "
        "(VALUES 1,2) t(x) ORDER BY 1",
        [["1", "1"], ["2", "3"]],
    ),
    (
        "SELECT first_value(x) OVER (ORDER BY x), last_value(x) OVER (ORDER BY x), nth_value(x, 2) OVER "
        "(ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM (VALUES 1,2) t(x) "
        "ORDER BY 2",
        [["1", "1", "2"], ["1", "2", "2"]],
    ),
    ("SELECT x, sum(x) OVER w FROM (VALUES 1,2) t(x) WINDOW w AS (ORDER BY x) ORDER BY 1", [["1", "1"], ["2", "3"]]),
    (
        "SELECT lag(x) IGNORE NULLS OVER (ORDER BY y) FROM (VALUES (1,1),(null,2),(3,3)) t(x,y) ORDER BY 1",
        [["1"], ["1"], [None]],
    ),
    (
        "SELECT a, b, sum(x), grouping(a, b) FROM (VALUES (1,'p',10),(2,'q',20)) t(a,b,x) GROUP BY "
        "GROUPING SETS ((a),(b),()) ORDER BY 4, 1, 2",
        [
            ["1", None, "10", "1"],
            ["2", None, "20", "1"],
            [None, "p", "10", "2"],
            [None, "q", "20", "2"],
            [None, None, "30", "3"],
        ],
    ),
    (
        "SELECT a, sum(x) FROM (VALUES (1,10),(2,20)) t(a,x) GROUP BY ROLLUP (a) ORDER BY 1",
        [["1", "10"], ["2", "20"], [None, "30"]],
    ),
    (
        "SELECT a, b, count(*) FROM (VALUES (1,2)) t(a,b) GROUP BY CUBE (a, b) ORDER BY 1,2",
        [["1", "2", "1"], ["1", None, "1"], [None, "2", "1"], [None, None, "1"]],
    ),
    ("SELECT x, count(*) FROM (VALUES 1,1,2) t(x) GROUP BY 1 HAVING count(*) > 1", [["1", "2"]]),
    ("SELECT x FROM (VALUES 2,1,null) t(x) ORDER BY x", [["1"], ["2"], [None]]),
    ("SELECT x FROM (VALUES 2,1,null) t(x) ORDER BY x DESC", [["2"], ["1"], [None]]),
    ("SELECT x FROM (VALUES 1,null) t(x) ORDER BY x NULLS FIRST", [[None], ["1"]]),
    ("SELECT x FROM (VALUES 1,2,3) t(x) ORDER BY x OFFSET 1 LIMIT 1", [["2"]]),
    ("SELECT x FROM (VALUES 1,2,3) t(x) ORDER BY x FETCH FIRST 2 ROWS ONLY", [["1"], ["2"]]),
    ("SELECT x FROM (VALUES 1,2,3) t(x) ORDER BY x LIMIT ALL", [["1"], ["2"], ["3"]]),
    ("SELECT 1 UNION SELECT 1", [["1"]]),
    ("SELECT 1 UNION ALL SELECT 2.5", [["1.0"], ["2.5"]]),
    ("SELECT x FROM (SELECT 1 x UNION ALL SELECT 2147483648) ORDER BY 1", [["1"], ["2147483648"]]),
    ("SELECT 1 INTERSECT SELECT 1", [["1"]]),
    ("SELECT 1 EXCEPT SELECT 1", []),
    (
        "SELECT t.a, u.b FROM (VALUES 1,2) t(a) LEFT JOIN (VALUES (1,'x')) u(a,b) ON t.a = u.a ORDER BY 1",
        [["1", "x"], ["2", None]],
    ),
    ("SELECT * FROM (VALUES 1) t(a) JOIN (VALUES 1) u(a) ON t.a = u.a", [["1", "1"]]),
    ("SELECT * FROM (VALUES 1) t(a) JOIN (VALUES (1,2)) u(a,b) USING (a)", [["1", "2"]]),
    ("SELECT t.*, u.b FROM (VALUES 1) t(a) CROSS JOIN (VALUES 2) u(b)", [["1", "2"]]),
    (
        "SELECT a, b FROM (VALUES 1,2) t(a) FULL OUTER JOIN (VALUES 2,3) u(b) ON a = b ORDER BY 1,2",
        [["1", None], ["2", "2"], [None, "3"]],
    ),
    ("SELECT a FROM (VALUES 1,2) t(a) WHERE a IN (SELECT b FROM (VALUES 2) u(b))", [["2"]]),
    ("SELECT a, (SELECT max(b) FROM (VALUES 5) u(b)) FROM (VALUES 1) t(a)", [["1", "5"]]),
    (
        "SELECT id, x FROM (VALUES (1, array['a','b'])) t(id, xs) CROSS JOIN UNNEST(xs) AS u(x) ORDER BY 2",
        [["1", "a"], ["1", "b"]],
    ),
    (
        "SELECT x, n FROM (VALUES (1, array['a','b'])) t(id, xs) CROSS JOIN UNNEST(xs) WITH ORDINALITY "
        "AS u(x, n) ORDER BY 2",
        [["a", "1"], ["b", "2"]],
    ),
    ("SELECT k, v FROM (SELECT map(array['a'], array[1]) m) CROSS JOIN UNNEST(m) AS u(k, v)", [["a", "1"]]),
    ("SELECT a, b FROM UNNEST(array[1,2], array['x']) AS t(a, b) ORDER BY 1", [["1", "x"], ["2", None]]),
    ("SELECT x FROM UNNEST(array[1,2]) AS t(x) ORDER BY 1", [["1"], ["2"]]),
    ("SELECT x, y FROM UNNEST(array[row(1,'a'), row(2,'b')]) AS t(x, y) ORDER BY 1", [["1", "a"], ["2", "b"]]),
    (
        "SELECT id, x FROM (VALUES (1, array[]), (2, array[5])) t(id, xs) LEFT JOIN UNNEST(xs) AS u(x) "
        "ON true ORDER BY 1",
        [["1", None], ["2", "5"]],
    ),
    (
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t ORDER BY 1",
        [["1"], ["2"], ["3"]],
    ),
    ("WITH a AS (SELECT 1 x), b AS (SELECT x + 1 y FROM a) SELECT y FROM b", [["2"]]),
    ("VALUES (1,'a'),(2,'b')", [["1", "a"], ["2", "b"]]),
    ("SELECT DISTINCT x FROM (VALUES 1,1) t(x)", [["1"]]),
    ("SELECT x.a FROM (SELECT cast(row(1) as row(a integer)) x)", [["1"]]),
    ("SELECT count(*) FROM (VALUES 1,2,3) t(x) TABLESAMPLE BERNOULLI (100)", [["3"]]),
    (
        "SELECT date_trunc('day', ts), count(*) FROM (VALUES timestamp '2019-10-01 10:00:00', timestamp "
        "'2019-10-01 11:00:00') t(ts) GROUP BY date_trunc('day', ts)",
        [["2019-10-01 00:00:00.000", "2"]],
    ),
    ("SELECT a b FROM (VALUES 1) t(a) ORDER BY b", [["1"]]),
    ("SELECT lower(x) x FROM (VALUES 'B','A') t(x) ORDER BY x", [["a"], ["b"]]),
    ("SELECT x + 1 FROM (VALUES 1) t(x) GROUP BY x + 1", [["2"]]),
    ('SELECT "X" FROM (VALUES 1) t(x)', [["1"]]),
    ('SELECT x AS "My Col" FROM (VALUES 1) t(x)', [["1"]]),
    ("SELECT count(*) FROM (VALUES 1) t(x) CROSS JOIN (VALUES 1,2) u(x)", [["2"]]),
    ("SELECT x FROM (VALUES 1, 2) t(x) WHERE x = (SELECT max(x) FROM (VALUES 2) u(x))", [["2"]]),
    ("SELECT t.x FROM (VALUES 1) t(x), LATERAL (SELECT t.x + 1 AS y) u WHERE y = 2", [["1"]]),
    ("SELECT sum(cast(x as double)) / count(*) FROM (VALUES '1','2') t(x)", [["1.5"]]),
    ("SELECT round(100.0 * count_if(x) / count(*), 2) FROM (VALUES true, false, false) t(x)", [["33.33"]]),
    ("SELECT * FROM (SELECT 1 a, 2 b)", [["1", "2"]]),
    ("SELECT grouping(a) FROM (VALUES 1) t(a) GROUP BY a", [["0"]]),
    ("SELECT x FROM (VALUES date '2019-10-01', date '2019-10-02') t(x) WHERE x >= date '2019-10-02'", [["2019-10-02"]]),
    ("SELECT max(x) FROM (VALUES 'b','a') t(x)", [["b"]]),
    ("SELECT cast(x as bigint) FROM (VALUES '1') t(x)", [["1"]]),
    (
        "SELECT a, b, row_number() OVER (PARTITION BY a ORDER BY b) AS rank FROM (VALUES (1,2)) t(a,b)",
        [["1", "2", "1"]],
    ),
    ("SELECT * FROM (SELECT *, row_number() OVER (ORDER BY a) rn FROM (VALUES 1,2) t(a)) WHERE rn = 1", [["1", "1"]]),
    ("SELECT a FROM (VALUES 1,2) t(a) WHERE a NOT IN (SELECT b FROM (VALUES 2,null) u(b))", []),
    ("SELECT t.*, u.* FROM (VALUES 1) t(a), (VALUES 2) u(a)", [["1", "2"]]),
    ("SELECT a.x, b.x FROM (VALUES 1) a(x) JOIN (VALUES 1) b(x) ON a.x = b.x", [["1", "1"]]),
    ("WITH t AS (SELECT * FROM (VALUES 1) a(x) JOIN (VALUES 1) b(x) ON a.x = b.x) SELECT count(*) FROM t", [["1"]]),
    ("SELECT date_add('day', x, date '2019-10-01') FROM (VALUES 1) t(x)", [["2019-10-02"]]),
    (
        "SELECT date_diff('second', min(ts), max(ts)) FROM (VALUES timestamp '2019-10-01 10:00:00', "
        "timestamp '2019-10-01 11:00:00') t(ts)",
        [["3600"]],
    ),
    ("SELECT map_agg(k, v)['a'] FROM (VALUES ('a',1)) t(k,v)", [["1"]]),
    ("SELECT transform(array_agg(x ORDER BY x), y -> y * 2) FROM (VALUES 1,2) t(x)", [["[2, 4]"]]),
    ("SELECT element_at(array_agg(x ORDER BY x), 1) FROM (VALUES 1,2) t(x)", [["1"]]),
    ("SELECT (7 / 2) / 2, ((1 + 2) * 3) / 2, 10 / 4 * 4", [["1", "4", "8"]]),
    ("SELECT count(*) / 2, sum(x) / count(*) FROM (VALUES 1,2,4) t(x)", [["1", "2"]]),
    ("SELECT cast(sum(x) as double) / count(*) FROM (VALUES 1,2,4) t(x)", [["2.3333333333333335"]]),
    ("SELECT concat(cast(1 as varchar), 'a', cast(date '2019-10-01' as varchar))", [["1a2019-10-01"]]),
    ("SELECT approx_percentile(x, 0.95) FROM (VALUES 1.5, 2.5) t(x)", [["2.5"]]),
    ("SELECT approx_percentile(x, ARRAY[0.5, 0.9]) FROM (VALUES 1,2,3) t(x)", [["[2, 3]"]]),
    ("SELECT reduce(ARRAY[1,2], 0.0, (s, x) -> s + x, s -> s / 2)", [["1.5"]]),
    ("SELECT filter(ARRAY[1,null], x -> x IS NOT NULL)", [["[1]"]]),
    ("SELECT x.a, x.b[1] FROM (SELECT CAST(ROW(1, ARRAY[5]) AS ROW(a integer, b array(integer))) x)", [["1", "5"]]),
    ("SELECT * FROM UNNEST(MAP(ARRAY['a','b'], ARRAY[1,2])) AS t(k, v) ORDER BY k", [["a", "1"], ["b", "2"]]),
    ("SELECT * FROM UNNEST(ARRAY['a','b']) WITH ORDINALITY AS t(x, n) ORDER BY n", [["a", "1"], ["b", "2"]]),
    ("SELECT n FROM UNNEST(sequence(1, 3)) AS t(n) ORDER BY n", [["1"], ["2"], ["3"]]),
    (
        "SELECT d FROM UNNEST(sequence(date '2019-10-01', date '2019-10-03')) AS t(d) ORDER BY d",
        [["2019-10-01"], ["2019-10-02"], ["2019-10-03"]],
    ),
    ("SELECT format_datetime(from_unixtime(0), 'yyyy-MM-dd''T''HH:mm:ss')", [["1970-01-01T00:00:00"]]),
    ("SELECT date_parse('2019-10-01','%Y-%m-%d') BETWEEN date '2019-10-01' AND date '2019-10-02'", [["true"]]),
    ("SELECT coalesce(sum(x), 0) FROM (VALUES 1) t(x) WHERE x > 5", [["0"]]),
    ("SELECT max(x) - min(x) FROM (VALUES date '2019-10-01', date '2019-10-03') t(x)", [["2 00:00:00.000"]]),
    ("SELECT ntile(4) OVER (ORDER BY x) q, count(*) OVER () FROM (VALUES 1,2) t(x)", [["1", "2"], ["2", "2"]]),
    ("SELECT sum(sum(x)) OVER (ORDER BY a) FROM (VALUES (1,2),(2,3)) t(a,x) GROUP BY a ORDER BY 1", [["2"], ["5"]]),
    ("SELECT lag(x, 1, 0) OVER (ORDER BY x) FROM (VALUES 1,2) t(x)", [["0"], ["1"]]),
    ("SELECT CASE x WHEN 1 THEN 'a' ELSE NULL END, IF(x > 0, 'p') FROM (VALUES 1) t(x)", [["a", "p"]]),
    ("SELECT x FROM (VALUES 'a') t(x) WHERE x LIKE 'A%' OR lower(x) = 'a'", [["a"]]),
    ("SELECT count(DISTINCT (a, b)) FROM (VALUES (1,2),(1,2)) t(a,b)", [["1"]]),
    ("SELECT DISTINCT a, b FROM (VALUES (1,2)) t(a,b) ORDER BY a, b", [["1", "2"]]),
    ("SELECT cast(x as decimal(10,2)) * 2 FROM (VALUES 1.25e0) t(x)", [["2.50"]]),
    ("SELECT sum(CASE WHEN x = 1 THEN 1 ELSE 0 END) FROM (VALUES 1) t(x)", [["1"]]),
    ("SELECT NULLIF(x, '') FROM (VALUES '') t(x)", [[None]]),
    ("SELECT CAST(NULL AS varchar), TRY_CAST('x' AS date)", [[None, None]]),
    ("SELECT min_by(x, y) FILTER (WHERE y > 0) FROM (VALUES ('a', 1)) t(x, y)", [["a"]]),
    ("SELECT rank() OVER (PARTITION BY a ORDER BY count(*) DESC) FROM (VALUES 1) t(a) GROUP BY a", [["1"]]),
    ("SELECT sum(x) AS total FROM (VALUES 1) t(x) HAVING sum(x) > 0 ORDER BY total", [["1"]]),
    (
        "SELECT year(d), month(d), day_of_week(d) FROM (VALUES date '2019-10-06') t(d) GROUP BY "
        "year(d), month(d), day_of_week(d)",
        [["2019", "10", "7"]],
    ),
]


@pytest.mark.parametrize(("query", "rows"), CASES)
def test_rows(query: str, rows: list[list[str | None]]) -> None:
    assert rows_of(query) == rows
