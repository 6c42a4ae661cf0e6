"""How delivered objects are named, split, delimited, compressed and converted."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from delivering import HINTS, Deliveries, processors
from pyarrow import orc

PARTITIONED = {
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
}
JQ = {"JsonParsingEngine": "JQ-1.6"}


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


def deliver(deliveries: Deliveries, prefix: str, *records: bytes, **members: Any) -> list[str]:
    """Send records through a delivery stream of their own and return the keys under `prefix`."""
    name = deliveries.create(**{"Prefix": prefix, **members})
    deliveries.put(name, *records)
    deliveries.delete(name)
    return deliveries.keys(prefix.partition("!")[0])


def raw(deliveries: Deliveries, key: str) -> tuple[bytes, str | None]:
    """Return an object's bytes as they are stored, and its Content-Encoding."""
    found = deliveries.s3.get_object(Bucket=deliveries.bucket, Key=key)
    return found["Body"].read(), found.get("ContentEncoding")


def test_gzip(deliveries: Deliveries) -> None:
    [key] = deliver(deliveries, "gzip/", b"one\n", b"two\n", CompressionFormat="GZIP")
    body, encoding = raw(deliveries, key)
    assert key.endswith(".gz")
    assert encoding == "gzip"
    assert gzip.decompress(body) == b"one\ntwo\n"


def test_zip(deliveries: Deliveries) -> None:
    [key] = deliver(deliveries, "zip/", b"one\n", b"two\n", CompressionFormat="ZIP")
    assert key.endswith(".zip")
    archive = zipfile.ZipFile(io.BytesIO(raw(deliveries, key)[0]))
    assert [archive.read(name) for name in archive.namelist()] == [b"one\ntwo\n"]


def test_snappy(deliveries: Deliveries) -> None:
    content = bytes(range(256)) * 300  # more than two blocks
    [key] = deliver(deliveries, "snappy/", content, CompressionFormat="Snappy")
    body = raw(deliveries, key)[0]
    assert key.endswith(".snappy")
    assert body.startswith(b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01")
    at, found = 16, b""
    while at < len(body):
        [size] = struct.unpack_from(">i", body, at)
        block = min(32 * 1024, len(content) - len(found))
        found += pa.Codec("snappy").decompress(body[at + 4 : at + 4 + size], block, asbytes=True)
        at += 4 + size
    assert found == content


def test_an_extension_of_ones_own(deliveries: Deliveries) -> None:
    [key] = deliver(deliveries, "extension/", b"{}", CompressionFormat="GZIP", FileExtension=".json.gz")
    assert key.endswith(".json.gz")


def test_without_delimiters_records_are_joined(deliveries: Deliveries) -> None:
    [key] = deliver(deliveries, "joined/", b'{"a":1}', b'{"a":2}')
    assert deliveries.body(key) == b'{"a":1}{"a":2}'


def test_a_newline_between_records(deliveries: Deliveries) -> None:
    steps = processors(("AppendDelimiterToRecord", {"Delimiter": "\\n"}))
    [key] = deliver(deliveries, "lines/", b'{"a":1}', b'{"a":2}', ProcessingConfiguration=steps)
    assert deliveries.body(key).splitlines() == [b'{"a":1}', b'{"a":2}']


def test_prefixes_with_expressions(deliveries: Deliveries) -> None:
    prefix = "made/!{timestamp:'year='yyyy'/month='MM}/rand=!{firehose:random-string}/"
    [key] = deliver(deliveries, prefix, b"x", ErrorOutputPrefix="bad/!{firehose:error-output-type}/")
    _, year, month, rand, _ = key.split("/")
    assert year.removeprefix("year=").isdigit()
    assert month.removeprefix("month=").isdigit()
    assert len(rand.removeprefix("rand=")) == 11


def test_a_time_zone_of_ones_own(deliveries: Deliveries) -> None:
    prefix = "zone/!{timestamp:yyyyMMddHH}/!{timestamp:xxx}/"
    more = {"ErrorOutputPrefix": "bad/!{firehose:error-output-type}/", "CustomTimeZone": "Asia/Tokyo"}
    [key] = deliver(deliveries, prefix, b"x", **more)
    _, hour, offset, name = key.split("/")
    assert offset == "+09:00"
    assert name.split("-1-", 1)[1][:13].replace("-", "") == hour
    with pytest.raises(ClientError) as error:
        deliveries.create(CustomTimeZone="Moon/Base")
    message = "CustomTimeZone Moon/Base is not a supported time zone."
    assert error.value.response["Error"] == {"Code": "InvalidArgumentException", "Message": message}


def test_a_prefix_with_expressions_needs_one_for_errors(deliveries: Deliveries) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.create(Prefix="!{timestamp:yyyy}/")
    assert error.value.response["Error"] == {
        "Code": "InvalidArgumentException",
        "Message": "Ths supplied prefix(es) do not satisfy the following constraint: "
        "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
    }


def test_partitions_by_what_records_say(deliveries: Deliveries) -> None:
    query = '{shop: .shop, day: .at | strftime("%Y-%m-%d")}'
    keys = deliver(
        deliveries,
        "parts/shop=!{partitionKeyFromQuery:shop}/day=!{partitionKeyFromQuery:day}/",
        b'{"shop":"a","at":0}',
        b'{"shop":"b","at":0}',
        b'{"shop":"a","at":86400}',
        b'{"shop":"a","at":1}',
        b'{"at":1}',
        b"no json",
        ProcessingConfiguration=processors(
            ("MetadataExtraction", {"MetadataExtractionQuery": query, **JQ}), ("AppendDelimiterToRecord", {})
        ),
        **PARTITIONED,
    )
    assert {key.rpartition("/")[0]: deliveries.body(key).splitlines() for key in keys} == {
        "parts/shop=a/day=1970-01-01": [b'{"shop":"a","at":0}', b'{"shop":"a","at":1}'],
        "parts/shop=a/day=1970-01-02": [b'{"shop":"a","at":86400}'],
        "parts/shop=b/day=1970-01-01": [b'{"shop":"b","at":0}'],
    }
    failed = deliveries.documents("errors/processing-failed/")
    assert [(item["errorCode"], base64.b64decode(item["rawData"])) for item in failed] == [
        ("DynamicPartitioning.MetadataExtractionFailed", b'{"at":1}'),
        ("DynamicPartitioning.MetadataExtractionFailed", b"no json"),
    ]
    assert failed[0]["errorMessage"] == "partitionKeys values must not be null or empty"


def test_partitions_by_what_a_function_says(deliveries: Deliveries) -> None:
    code = (
        "import base64\n"
        "def handler(event, context):\n"
        "    return {'records': [{'recordId': r['recordId'], 'result': 'Ok', 'data': r['data'],\n"
        "        'metadata': {'partitionKeys': {'first': base64.b64decode(r['data']).decode()[0]}}}\n"
        "        for r in event['records']]}\n"
    )
    function = {"LambdaArn": deliveries.function(code), "BufferIntervalInSeconds": "0"}
    prefix = "letters/!{partitionKeyFromLambda:first}/"
    keys = deliver(
        deliveries, prefix, b"ax", b"bx", b"ay", ProcessingConfiguration=processors(("Lambda", function)), **PARTITIONED
    )
    assert [(key[:10], deliveries.body(key)) for key in keys] == [("letters/a/", b"axay"), ("letters/b/", b"bx")]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"Prefix": "x/!{partitionKeyFromQuery:a}/", "ErrorOutputPrefix": "e/!{firehose:error-output-type}/"},
            "Prefix can contain partitionKeyFromQuery or partitionKeyFromLambda only when dynamic partitioning is "
            "enabled.",
        ),
        (
            {"Prefix": "x/", **PARTITIONED},
            "Prefix must contain partitionKeyFromQuery or partitionKeyFromLambda when dynamic partitioning is enabled.",
        ),
        (
            {"Prefix": "x/!{partitionKeyFromQuery:a}/", **PARTITIONED},
            "MetadataExtraction processor is required when Prefix contains partitionKeyFromQuery.",
        ),
    ],
)
def test_partitioning_wants_keys_and_their_source(
    deliveries: Deliveries, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.create(**members)
    assert error.value.response["Error"] == {"Code": "InvalidArgumentException", "Message": message}


@pytest.mark.parametrize(
    ("parameters", "record"),
    [
        ({"SubRecordType": "JSON"}, b'{"a":1}{"a":2}\n {"a":3}'),
        ({"SubRecordType": "DELIMITED", "Delimiter": "IyMjIw=="}, b'{"a":1}####{"a":2}####{"a":3}'),
    ],
)
def test_records_are_taken_apart(deliveries: Deliveries, parameters: dict[str, str], record: bytes) -> None:
    prefix = f"apart-{parameters['SubRecordType']}/"
    steps = processors(("RecordDeAggregation", parameters), ("AppendDelimiterToRecord", {}))
    [key] = deliver(deliveries, prefix, record, ProcessingConfiguration=steps)
    assert deliveries.body(key).splitlines() == [b'{"a":1}', b'{"a":2}', b'{"a":3}']


@pytest.fixture(scope="module")
def table(deliveries: Deliveries) -> dict[str, str]:
    glue = deliveries.client("glue")
    glue.create_database(DatabaseInput={"Name": "delivered"})
    columns = [{"Name": "user_id", "Type": "bigint"}, {"Name": "brand", "Type": "string"}]
    glue.create_table(DatabaseName="delivered", TableInput={"Name": "t", "StorageDescriptor": {"Columns": columns}})
    return {"DatabaseName": "delivered", "TableName": "t", "RoleARN": "arn:aws:iam::000000000000:role/x"}


def conversion(schema: dict[str, str], serializer: dict[str, Any], **openx: Any) -> dict[str, Any]:
    """Return the members of a destination that converts."""
    return {
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 1},
        "DataFormatConversionConfiguration": {
            "SchemaConfiguration": schema,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": openx}},
            "OutputFormatConfiguration": {"Serializer": serializer},
        },
    }


def test_parquet_with_the_columns_of_the_table(deliveries: Deliveries, table: dict[str, str]) -> None:
    members = conversion(table, {"ParquetSerDe": {}})
    members["ErrorOutputPrefix"] = "parquet-errors/!{firehose:error-output-type}/"
    records = [b'{"user_id":1,"brand":"a"}', b'{"user_id":"many"}', b'{"user_id":2}\n{"user_id":3}', b"{", b"7"]
    [key] = deliver(deliveries, "parquet/", *records, **members)
    assert key.endswith(".parquet")
    found = pq.read_table(io.BytesIO(raw(deliveries, key)[0]))
    assert found.column("user_id").to_pylist() == [1, 2, 3]
    assert found.column("brand").to_pylist() == ["a", None, None]
    failed = deliveries.documents("parquet-errors/format-conversion-failed/")
    assert [(item["ErrorCode"], base64.b64decode(item["rawData"])) for item in failed] == [
        ("DataFormatConversion.MalformedData", records[1]),
        ("DataFormatConversion.ParseError", records[3]),
        ("DataFormatConversion.MalformedData", records[4]),
    ]
    assert failed[0]["dataCatalogTable"]["tableName"] == "t"


def test_orc_with_keys_of_ones_own(deliveries: Deliveries, table: dict[str, str]) -> None:
    openx = {"ConvertDotsInJsonKeysToUnderscores": True, "ColumnToJsonKeyMappings": {"brand": "maker"}}
    members = conversion(table, {"OrcSerDe": {}}, **openx)
    [key] = deliver(deliveries, "orc/", b'{"user.id":1,"Maker":"a"}', **members)
    assert key.endswith(".orc")
    found = orc.read_table(io.BytesIO(raw(deliveries, key)[0]))
    assert found.to_pylist() == [{"user_id": 1, "brand": "a"}]


def test_without_its_table_nothing_is_converted_and_nothing_lost(deliveries: Deliveries, table: dict[str, str]) -> None:
    members = conversion(table | {"TableName": "gone"}, {"ParquetSerDe": {}})
    keys = deliver(deliveries, "no-table/", b'{"user_id":1}', **members)
    assert all("/format-conversion-failed/" in key for key in keys)
    [failed] = deliveries.documents("no-table/")
    assert failed["ErrorCode"] == "DataFormatConversion.EntityNotFound"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"BufferingHints": HINTS},
            "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.",
        ),
        (
            {"CompressionFormat": "GZIP"},
            "CompressionFormat must be UNCOMPRESSED when data format conversion is enabled.",
        ),
    ],
)
def test_conversion_has_rules_of_its_own(
    deliveries: Deliveries, table: dict[str, str], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.create(**conversion(table, {"ParquetSerDe": {}}) | changes)
    assert error.value.response["Error"] == {"Code": "InvalidArgumentException", "Message": message}


def test_messages_of_cloudwatch_logs_are_unpacked(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    steps = processors(("Decompression", {}), ("CloudWatchLogProcessing", {"DataMessageExtraction": "true"}))
    prefixes = {"Prefix": "logs/ok/", "ErrorOutputPrefix": "logs/!{firehose:error-output-type}/"}
    name = deliveries.create(arn, ProcessingConfiguration=steps, **prefixes)
    envelope = b'{"messageType":"DATA_MESSAGE","logEvents":[{"message":"one"},{"message":"two"}]}'
    for data in (gzip.compress(envelope), b"not packed"):
        deliveries.kinesis.put_record(StreamName=stream, Data=data, PartitionKey="k")
    deliveries.delete(name)
    assert deliveries.text("logs/ok/") == b"one\ntwo\n"
    [failed] = deliveries.documents("logs/decompression-failed/")
    assert base64.b64decode(failed["rawData"]) == b"not packed"
