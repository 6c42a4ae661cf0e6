"""Packed files: what a crawler unpacks, and what it leaves."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from crawling import Crawl

Make = Callable[..., Crawl]
ORDERS = b"name,amount\na,1\nb,2\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def zipped(*names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, ORDERS)
    return sink.getvalue()


def lz4() -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "lz4") as stream:
        stream.write(ORDERS)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("body", "compression"),
    [
        (zipped("a.csv"), "zip"),
        (lz4(), "lz4"),
        (gzip.compress(ORDERS[:12]) + gzip.compress(ORDERS[12:]), "gzip"),
    ],
    ids=["zip", "lz4", "gzip of two members"],
)
def test_what_is_unpacked(crawl: Make, body: bytes, compression: str) -> None:
    made = crawl({"data/x": body})
    made.run()
    assert made.columns() == {"name": "string", "amount": "bigint"}
    assert made.table()["Parameters"]["compressionType"] == compression
    assert made.table()["StorageDescriptor"]["Compressed"] is True


@pytest.mark.parametrize(
    "body",
    [zipped("a.csv", "b.csv"), zipped("a.csv")[:-30], gzip.compress(ORDERS)[:20], b"\x1f\x8bno gzip at all,1\n2,3\n"],
    ids=["zip of two", "cut-off zip", "cut-off gzip", "no gzip"],
)
def test_what_cannot_be_unpacked_is_unknown(crawl: Make, body: bytes) -> None:
    made = crawl({"data/x": body})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"


def test_of_a_large_packed_file_one_megabyte_is_read(crawl: Make) -> None:
    body = gzip.compress(b"name,amount\n" + b"a,1\n" * 500_000, 1)
    made = crawl({"data/x.csv.gz": body})
    made.run()
    assert made.columns() == {"name": "string", "amount": "bigint"}
    assert made.table()["Parameters"]["sizeKey"] == str(len(body))
