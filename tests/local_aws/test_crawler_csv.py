"""CSV: delimiters, headers and types as Glue's built-in classifier decides them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from crawling import Crawl

Make = Callable[..., Crawl]


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def test_the_kaggle_file_gets_the_types_that_the_lab_expects(crawl: Make) -> None:
    text = (
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
        "2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde-8bb3\n"
        "2019-10-01 00:00:01 UTC,cart,3900821,2053013552326770905,appliances.a,aqua,33.20,554748717,9333dfbd\n"
    )
    made = crawl({"data/events.csv": text})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.columns() == {
        "event_time": "string", "event_type": "string", "product_id": "bigint", "category_id": "bigint",
        "category_code": "string", "brand": "string", "price": "double", "user_id": "bigint",
        "user_session": "string",
    }  # fmt: skip
    table = made.table()
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\x01"])
def test_every_delimiter_of_the_built_in_classifier(crawl: Make, delimiter: str) -> None:
    rows = [["name", "amount"], ["a", "1"], ["b", "2"]]
    made = crawl({"data/x.csv": "".join(delimiter.join(row) + "\n" for row in rows)})
    made.run()
    assert made.columns() == {"name": "string", "amount": "bigint"}
    assert made.table()["Parameters"]["delimiter"] == delimiter
    assert made.table()["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": delimiter}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2"], "bigint"),
        (["1", "2.5"], "double"),
        (["1", ""], "bigint"),
        (["", ""], "string"),
        (["1", "x"], "string"),
        (["1e5", "2"], "double"),
        (["9223372036854775807", "1"], "bigint"),
        (["9223372036854775808", "1"], "double"),
        (["-7", "+3"], "bigint"),
        (["9" * 5000, "1"], "double"),
        (["2019-10-01 00:00:00", "2019-10-02 00:00:00"], "string"),
    ],
)
def test_the_type_of_a_column(crawl: Make, values: list[str], kind: str) -> None:
    made = crawl({"data/x.csv": "id,value\n" + "".join(f"{n},{value}\n" for n, value in enumerate(values))})
    made.run()
    assert made.columns() == {"id": "bigint", "value": kind}


def test_without_a_header_columns_are_numbered(crawl: Make) -> None:
    made = crawl({"data/x.csv": "1,a,2.5\n2,b,3.5\n"})
    made.run()
    assert made.columns() == {"col0": "bigint", "col1": "string", "col2": "double"}
    assert "skip.header.line.count" not in made.table()["Parameters"]


def test_a_first_line_like_all_others_is_no_header(crawl: Make) -> None:
    made = crawl({"data/x.csv": "name,city\nann,rome\nbob,oslo\n"})
    made.run()
    assert made.columns() == {"col0": "string", "col1": "string"}


@pytest.mark.parametrize(("length", "header"), [(149, True), (150, False)])
def test_a_header_field_has_fewer_than_150_characters(crawl: Make, length: int, header: bool) -> None:
    name = "n" * length
    made = crawl({"data/x.csv": f"{name},value\na,1\nb,2\n"})
    made.run()
    assert (name in made.columns()) is header


def test_the_last_field_of_a_header_may_be_empty(crawl: Make) -> None:
    made = crawl({"data/x.csv": "name,value,\na,1,\nb,2,\n"})
    made.run()
    assert made.columns() == {"name": "string", "value": "bigint", "col2": "string"}


def test_crlf_and_a_byte_order_mark_are_no_part_of_the_data(crawl: Make) -> None:
    made = crawl({"data/x.csv": "\ufeffname,value\r\na,1\r\nb,2\r\n"})
    made.run()
    assert made.columns() == {"name": "string", "value": "bigint"}


def test_quotes_keep_a_delimiter_together(crawl: Make) -> None:
    made = crawl({"data/x.csv": 'name,value\n"a, b",1\n"c",2\n'})
    made.run()
    assert made.columns() == {"name": "string", "value": "bigint"}
    assert made.table()["Parameters"]["areColumnsQuoted"] == "true"


def test_lines_of_different_width_are_no_csv(crawl: Make) -> None:
    made = crawl({"data/x.csv": "a,b\n1,2,3\n4\n"})
    made.run()
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"


def test_true_and_false_are_boolean_and_no_header(crawl: Make) -> None:
    made = crawl({"data/x.csv": "id,ok,mixed\n1,TRUE,true\n2,false,7\n"})
    made.run()
    assert made.columns() == {"id": "bigint", "ok": "boolean", "mixed": "string"}


@pytest.mark.parametrize(("broken", "kind"), [(2, "csv"), (3, "UNKNOWN")])
def test_up_to_a_tenth_of_the_lines_may_be_broken(crawl: Make, broken: int, kind: str) -> None:
    lines = ["id,name,price", *["1,a,1.5"] * (19 - broken), *["1,a"] * broken]
    made = crawl({"data/x.csv": "\n".join([*lines, "2,b,2"]) + "\n"})
    made.run()
    assert made.table()["Parameters"]["classification"] == kind


def test_of_two_delimiters_the_one_that_makes_more_columns_is_meant(crawl: Make) -> None:
    made = crawl({"data/x.csv": "id;name, first;n\n1;a, b;2\n2;c, d;3\n"})
    made.run()
    assert made.columns() == {"id": "bigint", "name, first": "string", "n": "bigint"}


def test_only_the_first_thousand_records_decide(crawl: Make) -> None:
    made = crawl({"data/x.csv": "id,v\n" + "1,2\n" * 999 + "x,y\n" * 10})
    made.run()
    assert made.columns() == {"id": "bigint", "v": "bigint"}


def test_bytes_that_are_no_text_are_unknown(crawl: Make) -> None:
    made = crawl({"data/x.bin": bytes(range(256)) * 10})
    made.run()
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"
