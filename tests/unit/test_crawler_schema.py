"""When two schemas are one table's, and what type holds the values of both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.local.crawler.schema import FoundSchema, merged, similar, wider


def csv_of(*columns: str, **settings: str) -> FoundSchema:
    found = FoundSchema("csv", dict.fromkeys(columns, "string"), delimiter=",")
    return replace(found, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("int", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("bigint", "string", "string"),
        ("boolean", "bigint", "string"),
        ("array<int>", "array<double>", "array<double>"),
        ("array<int>", "int", "string"),
        ("struct<a:int>", "struct<b:string>", "struct<a:int,b:string>"),
        ("array<struct<a:int>>", "array<struct<a:double,b:int>>", "array<struct<a:double,b:int>>"),
        ("struct<a:struct<b:int>>", "struct<a:string>", "struct<a:string>"),
    ],
)
def test_the_type_that_holds_both(one: str, other: str, kind: str) -> None:
    assert wider(one, other) == kind
    assert wider(other, one) == kind or kind.startswith("struct<a:int,")


@pytest.mark.parametrize(("shared", "alike"), [(7, True), (6, False)])
def test_seventy_percent_of_the_columns_must_agree(shared: int, alike: bool) -> None:
    one = csv_of(*[f"c{number}" for number in range(10)])
    other = csv_of(*[f"c{number}" for number in range(shared)], *[f"d{number}" for number in range(10 - shared)])
    assert similar(one, other) is alike


def test_columns_that_were_added_do_not_count_against_a_partition() -> None:
    few, many = csv_of("a", "b"), csv_of("a", "b", "c", "d", "e")
    assert similar(few, many)
    assert not similar(few, many, share_of=max)


def test_a_column_of_another_type_counts_half() -> None:
    one = FoundSchema("json", {"id": "bigint", "v": "bigint"})
    assert similar(one, FoundSchema("json", {"id": "bigint", "v": "string"}))
    assert not similar(one, FoundSchema("json", {"id": "string", "v": "string"}))


@pytest.mark.parametrize("change", [{"delimiter": ";"}, {"compression": "gzip"}, {"classification": "json"}])
def test_files_that_cannot_be_read_alike_are_never_one_table(change: dict[str, str]) -> None:
    assert not similar(csv_of("a", "b"), csv_of("a", "b", **change))


def test_merged_schemas_count_the_records_of_both() -> None:
    one = replace(csv_of("a"), record_bytes=10.0, records=1)
    other = replace(csv_of("b"), record_bytes=40.0, records=2)
    both = merged(one, other)
    assert list(both.columns) == ["a", "b"]
    assert (both.records, both.record_bytes) == (3, 30.0)
