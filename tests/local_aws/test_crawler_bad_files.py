"""Files that a crawler cannot make sense of: the crawl goes on, the table says UNKNOWN."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from crawling import Crawl

Make = Callable[..., Crawl]
CSV = "name,amount\na,1\nb,2\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.mark.parametrize(
    "body",
    [
        "hello world\nand more of it\n",
        "name,amount\n",
        "name\nann\nbob\n",
        "name,amount\na,1\nb,2,3\n",
        '{"a": ',
        b"\x1f\x8b\x08\x00broken",
        bytes(range(128, 256)) * 4,
        CSV.encode("utf-16"),
    ],
    ids=["prose", "header alone", "one column", "ragged", "broken JSON", "broken gzip", "binary", "UTF-16"],
)
def test_an_unknown_file_makes_a_table_without_columns(crawl: Make, body: bytes | str) -> None:
    made = crawl({"data/x": body})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"
    assert made.columns() == {}


def test_a_broken_file_does_not_hide_its_neighbours_in_other_folders(crawl: Make) -> None:
    made = crawl({"data/good/a.csv": CSV, "data/bad/b.gz": gzip.compress(CSV.encode())[:15]})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.tables()["good"]["Parameters"]["classification"] == "csv"
    assert made.tables()["bad"]["Parameters"]["classification"] == "UNKNOWN"


def test_packed_and_plain_files_side_by_side_are_tables_of_their_own(crawl: Make) -> None:
    made = crawl({"data/a.csv": CSV, "data/b.csv.gz": gzip.compress(CSV.encode())})
    made.run()
    assert {name: table["Parameters"]["compressionType"] for name, table in made.tables().items()} == {
        "a_csv": "none",
        "b_csv_gz": "gzip",
    }


def test_files_beside_folders_are_a_table_of_their_own(crawl: Make) -> None:
    made = crawl({"data/a.csv": CSV, "data/day=1/a.csv": CSV})
    made.run()
    assert sorted(made.tables()) == ["data", "day_1"]


def test_letters_that_a_table_name_cannot_have_become_underscores(crawl: Make) -> None:
    made = crawl({"data/Größe 1-a/a.csv": CSV})
    made.run()
    assert list(made.tables()) == ["gr__e_1_a"]
