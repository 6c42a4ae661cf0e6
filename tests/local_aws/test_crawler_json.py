"""JSON: types merged across records, documents that span lines, JSON paths."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from crawling import Crawl

Make = Callable[..., Crawl]


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.fixture
def by_path(client: Callable[[str], Any]) -> Callable[[str], str]:
    def make(path: str) -> str:
        name = f"j-{uuid.uuid4().hex[:8]}"
        client("glue").create_classifier(JsonClassifier={"Name": name, "JsonPath": path})
        return name

    return make


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (None, 5, "int"),
        (None, None, "string"),
        (1, 2147483648, "bigint"),
        (1, 1.5, "double"),
        (1, "x", "string"),
        (True, 1, "string"),
        ([], [1], "array<int>"),
        ([1, None], [2.5], "array<double>"),
        ({"a": None}, {"a": 1, "B": "x"}, "struct<a:int,b:string>"),
        ([{"a": 1}, {"b": 2}], [], "array<struct<a:int,b:int>>"),
        ({"a": 1}, "x", "string"),
        ({}, None, "string"),
    ],
)
def test_the_type_of_a_key_over_two_records(crawl: Make, first: Any, second: Any, kind: str) -> None:
    made = crawl({"data/x.json": f"{json.dumps({'v': first})}\n{json.dumps({'v': second})}\n"})
    made.run()
    assert made.columns() == {"v": kind}


def test_documents_may_span_lines(crawl: Make) -> None:
    made = crawl({"data/x.json": "".join(json.dumps({"a": n, "b": {"c": n}}, indent=2) + "\n" for n in (1, 2))})
    made.run()
    assert made.columns() == {"a": "int", "b": "struct<c:int>"}


def test_a_file_that_is_an_array_has_one_column_of_that_name(crawl: Make) -> None:
    made = crawl({"data/x.json": '[{"a": 1, "b": "x"}, {"a": 2}]'})
    made.run()
    assert made.columns() == {"array": "array<struct<a:int,b:string>>"}


def test_of_an_array_longer_than_what_is_read_the_whole_elements_count(crawl: Make) -> None:
    made = crawl({"data/x.json": json.dumps([{"a": n, "b": "x" * 100} for n in range(12_000)])})
    made.run()
    assert made.columns() == {"array": "array<struct<a:int,b:string>>"}


def test_a_first_record_longer_than_a_megabyte_is_read_on_to_its_end(crawl: Make) -> None:
    made = crawl({"data/x.json": json.dumps({"a": 1, "b": "x" * 2_500_000})})
    made.run()
    assert made.columns() == {"a": "int", "b": "string"}


def test_a_record_that_ten_megabytes_do_not_hold_is_no_json(crawl: Make) -> None:
    made = crawl({"data/x.json": json.dumps({"a": "x" * (10 * 1024 * 1024)})})
    made.run()
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("$", {"kind": "string", "rows": "array<struct<id:int,in:struct<x:double>>>"}),
        ("$.rows", {"id": "int", "in": "struct<x:double>"}),
        ("$.rows[*]", {"id": "int", "in": "struct<x:double>"}),
        ("$['rows'][*].in", {"x": "double"}),
        ("$.rows[1]", {"id": "int"}),
    ],
)
def test_a_json_path_leads_to_the_records(
    crawl: Make, by_path: Callable[[str], str], path: str, columns: dict[str, str]
) -> None:
    text = '{"kind": "k", "rows": [{"id": 1, "in": {"x": 1.5}}, {"id": 2}]}'
    made = crawl({"data/x.json": text}, Classifiers=[by_path(path)])
    made.run()
    assert made.columns() == columns


def test_a_json_path_that_leads_nowhere_leaves_the_file_to_the_next_classifier(
    crawl: Make, by_path: Callable[[str], str]
) -> None:
    made = crawl({"data/x.json": '{"a": 1}'}, Classifiers=[by_path("$.nothing")])
    made.run()
    assert made.columns() == {"a": "int"}
