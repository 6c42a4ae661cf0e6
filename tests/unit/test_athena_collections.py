"""Arrays, maps and rows: what Trino's functions give, in the text that Athena shows."""

from __future__ import annotations

import pytest
from expressions import text_of, type_of

CASES = [
    ("array[1,2,3]", "[1, 2, 3]"),
    ("array[]", "[]"),
    ("array['a', null]", "[a, null]"),
    ("cardinality(array[1,2,3])", "3"),
    ("map(array[1,2], array['a','b'])[1]", "a"),
    ("(SELECT m[2] FROM (SELECT map(array[1,2], array['a','b']) AS m))", "b"),
    ("(SELECT m[n + 1] FROM (SELECT map(array[1,2], array['a','b']) AS m, 1 AS n))", "b"),
    ("(SELECT a[2] FROM (SELECT array[5,6] AS a))", "6"),
    ("contains(array[1,2,3], 2)", "true"),
    ("array_join(array[1,2,3], ',')", "1,2,3"),
    ("array_join(array[1.5, 2e10], ',')", "1.5,2.0E10"),
    ("transform(array[1.5, 1e10], x -> cast(x as varchar))", "[1.5, 1.0E10]"),
    ("array_join(array[1,null,3], ',')", "1,3"),
    ("array_join(array[1,null,3], ',', 'x')", "1,x,3"),
    ("array_distinct(array[1,1,2])", "[1, 2]"),
    ("array_sort(array[3,1,null,2])", "[1, 2, 3, null]"),
    ("array_max(array[1,2])", "2"),
    ("array_min(array[1,2])", "1"),
    ("array_position(array[1,2], 2)", "2"),
    ("array_position(array[1,2], 5)", "0"),
    ("array_remove(array[1,2,1], 1)", "[2]"),
    ("array_except(array[1,2], array[2])", "[1]"),
    ("array_intersect(array[1,2], array[2])", "[2]"),
    ("array_union(array[1,2], array[2,3])", "[1, 2, 3]"),
    ("arrays_overlap(array[1,2], array[2])", "true"),
    ("slice(array[1,2,3,4], 2, 2)", "[2, 3]"),
    ("slice(array[1,2,3,4], -2, 2)", "[3, 4]"),
    ("sequence(1, 5)", "[1, 2, 3, 4, 5]"),
    ("sequence(5, 1, -2)", "[5, 3, 1]"),
    ("sequence(date '2019-10-01', date '2019-10-03', interval '1' day)", "[2019-10-01, 2019-10-02, 2019-10-03]"),
    ("sequence(date '2019-10-01', date '2019-10-02')", "[2019-10-01, 2019-10-02]"),
    ("flatten(array[array[1],array[2]])", "[1, 2]"),
    ("zip(array[1,2], array['a','b'])", "[{field0=1, field1=a}, {field0=2, field1=b}]"),
    ("zip_with(array[1,2], array[3,4], (x, y) -> x + y)", "[4, 6]"),
    ("transform(array[1,2], x -> x + 1)", "[2, 3]"),
    ("transform(array['a'], x -> x || '!')", "[a!]"),
    ("filter(array[1,2,3], x -> x > 1)", "[2, 3]"),
    ("reduce(array[1,2,3], 0, (s, x) -> s + x, s -> s)", "6"),
    ("reduce(array[1,2,3], 0, (s, x) -> s + x, s -> s * 10)", "60"),
    ("any_match(array[1,2], x -> x > 1)", "true"),
    ("all_match(array[1,2], x -> x > 1)", "false"),
    ("none_match(array[1,2], x -> x > 5)", "true"),
    ("element_at(array[1,2], -1)", "2"),
    ("element_at(array[1,2], 5)", None),
    ("array[1,2][1]", "1"),
    ("repeat(1, 3)", "[1, 1, 1]"),
    ("reverse(array[1,2])", "[2, 1]"),
    ("ngrams(array['a','b','c'], 2)", "[[a, b], [b, c]]"),
    ("concat(array[1], array[2])", "[1, 2]"),
    ("array[1] || array[2]", "[1, 2]"),
    ("array[1] || 2", "[1, 2]"),
    ("array_agg(1)", "[1]"),
    ("trim_array(array[1,2,3], 1)", "[1, 2]"),
    ("array_histogram(array['a','b','a'])", "{a=2, b=1}"),
    ("map(array['a','b'], array[1,2])", "{a=1, b=2}"),
    ("map()", "{}"),
    ("map(array['a'], array[1])['a']", "1"),
    ("element_at(map(array['a'], array[1]), 'b')", None),
    ("map_keys(map(array['a'], array[1]))", "[a]"),
    ("map_values(map(array['a'], array[1]))", "[1]"),
    ("map_entries(map(array['a'], array[1]))", "[{field0=a, field1=1}]"),
    ("map_from_entries(array[row('a',1)])", "{a=1}"),
    ("multimap_from_entries(array[row('a',1), row('a',2)])", "{a=[1, 2]}"),
    ("map_filter(map(array['a','b'], array[1,2]), (k, v) -> v > 1)", "{b=2}"),
    ("transform_values(map(array['a'], array[1]), (k, v) -> v + 1)", "{a=2}"),
    ("transform_keys(map(array['a'], array[1]), (k, v) -> k || 'x')", "{ax=1}"),
    ("map_concat(map(array['a'], array[1]), map(array['b'], array[2]))", "{a=1, b=2}"),
    ("cardinality(map(array['a'], array[1]))", "1"),
    ("row(1, 'a')", "{field0=1, field1=a}"),
    ("cast(row(1, 'a') as row(x integer, y varchar)).x", "1"),
    ("cast(row(1, 'a') as row(x integer, y varchar))", "{x=1, y=a}"),
    ("row(1, 'a')[1]", "1"),
    ("(1, 'a')", "{field0=1, field1=a}"),
]

TYPES = [
    ("array[1,2,3]", "array(integer)"),
    ("array[]", "array(unknown)"),
    ("cardinality(array[1,2,3])", "bigint"),
    ("array_position(array[1,2], 2)", "bigint"),
    ("sequence(1, 5)", "array(bigint)"),
    ("sequence(date '2019-10-01', date '2019-10-03', interval '1' day)", "array(date)"),
    ("array[1,2][1]", "integer"),
    ("map(array['a','b'], array[1,2])", "map(varchar, integer)"),
    ("cast(row(1, 'a') as row(x integer, y varchar))", "row(x integer, y varchar)"),
]


@pytest.mark.parametrize(("expression", "text"), CASES)
def test_values_print_as_athena_prints_them(expression: str, text: str | None) -> None:
    assert text_of(expression) == text


@pytest.mark.parametrize(("expression", "kind"), TYPES)
def test_types_are_trinos(expression: str, kind: str) -> None:
    assert type_of(expression) == kind
