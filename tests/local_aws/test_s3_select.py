"""S3 Select through boto3 and awswrangler: formats, compression, scan ranges, errors."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

CSV = b'id,name,price\n1,foo,1.5\n2,"b,oo",2.5\n3,,3.5\n'
ROWS = [{"id": 1, "name": "foo"}, {"id": 2, "name": "boo"}, {"id": 3, "name": None}]


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Any:
    return client("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = f"select-{uuid.uuid4().hex[:10]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def select(s3: Any, bucket: str) -> Callable[..., list[Any]]:
    def run(content: bytes, sql: str, serialization: dict[str, Any], **more: Any) -> list[Any]:
        s3.put_object(Bucket=bucket, Key="object", Body=content)
        answer = s3.select_object_content(
            Bucket=bucket,
            Key="object",
            Expression=sql,
            ExpressionType="SQL",
            InputSerialization=serialization,
            OutputSerialization={"JSON": {}},
            **more,
        )
        events = list(answer["Payload"])
        assert "End" in events[-1]
        records = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
        return [json.loads(line) for line in records.splitlines()]

    return run


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out, row_group_size=2)
    return out.getvalue()


@pytest.mark.parametrize(
    ("sql", "header", "expected"),
    [
        ("SELECT * FROM S3Object s LIMIT 1", "USE", [{"id": "1", "name": "foo", "price": "1.5"}]),
        ("select s.name from s3object s where cast(s.id as int) > 1", "USE", [{"name": "b,oo"}, {"name": ""}]),
        ("select s._1 from s3object s", "NONE", [{"_1": "id"}, {"_1": "1"}, {"_1": "2"}, {"_1": "3"}]),
        ("select _2 from s3object", "IGNORE", [{"_2": "foo"}, {"_2": "b,oo"}, {"_2": ""}]),
        ("select count(*) from s3object", "USE", [{"_1": 3}]),
        ("select sum(cast(price as double)) as total from s3object", "USE", [{"total": 7.5}]),
    ],
)
def test_csv(select: Callable[..., Any], sql: str, header: str, expected: list[Any]) -> None:
    assert select(CSV, sql, {"CSV": {"FileHeaderInfo": header}}) == expected


@pytest.mark.parametrize(("kind", "compress"), [("GZIP", gzip.compress), ("BZIP2", bz2.compress)])
def test_compression(select: Callable[..., Any], kind: str, compress: Callable[[bytes], bytes]) -> None:
    serialization = {"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": kind}
    assert len(select(compress(CSV), "select * from s3object", serialization)) == 3


def test_json_lines_and_documents(select: Callable[..., Any]) -> None:
    lines = "\n".join(map(json.dumps, ROWS)).encode()
    assert select(lines, "select * from s3object s where s.id = 2", {"JSON": {"Type": "LINES"}}) == [ROWS[1]]
    document = json.dumps(ROWS).encode()
    assert select(document, "select * from s3object[*][*]", {"JSON": {"Type": "DOCUMENT"}}) == ROWS
    nested = json.dumps({"shop": {"items": ROWS}}).encode()
    sql = "select s.name from s3object[*].shop.items[*] s where s.id = 1"
    assert select(nested, sql, {"JSON": {"Type": "DOCUMENT"}}) == [{"name": "foo"}]


def test_parquet_keeps_types(select: Callable[..., Any]) -> None:
    assert select(parquet(), 'select * from s3object s where s."id" > 1', {"Parquet": {}}) == ROWS[1:]


def test_scan_ranges_together_are_the_whole_object(select: Callable[..., Any]) -> None:
    content = b"n\n" + b"".join(b"%d\n" % number for number in range(1000))
    found: list[Any] = []
    for start in range(0, len(content), 500):
        scan = {"Start": start, "End": min(start + 499, len(content) - 1)}
        found += select(content, "select * from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, ScanRange=scan)
    assert [row["n"] for row in found] == [str(number) for number in range(1000)]


def test_csv_output(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="out", Body=CSV)
    answer = s3.select_object_content(
        Bucket=bucket,
        Key="out",
        Expression="select name, id from s3object",
        ExpressionType="SQL",
        InputSerialization={"CSV": {"FileHeaderInfo": "USE"}},
        OutputSerialization={"CSV": {"FieldDelimiter": ","}},
    )
    records = b"".join(event["Records"]["Payload"] for event in answer["Payload"] if "Records" in event)
    assert records == b'foo,1\n"b,oo",2\n,3\n'


@pytest.mark.parametrize(
    ("content", "sql", "serialization", "code"),
    [
        (CSV, "select nope from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, "ParseUnexpectedToken"),
        (CSV, "select 1", {"CSV": {}}, "ParseSelectMissingFrom"),
        (CSV, "select * from s3object", {"JSON": {"Type": "LINES"}}, "JSONParsingError"),
        (CSV, "select * from s3object", {"Parquet": {}}, "InvalidDataSource"),
        (CSV, "select * from s3object", {"CSV": {}, "CompressionType": "GZIP"}, "InvalidCompressionFormat"),
        (b"\xff\xfe\n", "select * from s3object", {"CSV": {}}, "InvalidTextEncoding"),
    ],
)
def test_what_cannot_be_read_is_refused(
    select: Callable[..., Any], content: bytes, sql: str, serialization: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        select(content, sql, serialization)
    assert caught.value.response["Error"]["Code"] == code


def test_an_object_that_is_not_there(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        s3.select_object_content(
            Bucket=bucket,
            Key="nope",
            Expression="select * from s3object",
            ExpressionType="SQL",
            InputSerialization={"CSV": {}},
            OutputSerialization={"JSON": {}},
        )
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"
