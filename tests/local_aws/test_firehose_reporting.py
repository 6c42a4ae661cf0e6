"""CloudWatch hears what a delivery stream took in, delivered and failed at."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from delivering import Deliveries, processors


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


def test_direct_puts_are_counted_in_and_out(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="counted/", CompressionFormat="GZIP")
    deliveries.put(name, b"one\n", b"three\n")
    deliveries.delete(name)
    assert deliveries.metric(name, "IncomingRecords") == 2
    assert deliveries.metric(name, "IncomingBytes") == 10
    assert deliveries.metric(name, "DeliveryToS3.Records") == 2
    assert deliveries.metric(name, "DeliveryToS3.Bytes") == 10
    assert deliveries.metric(name, "DeliveryToS3.Success") == 1
    freshness = deliveries.metric(name, "DeliveryToS3.DataFreshness")
    assert freshness is not None
    assert 0 <= freshness < 60


def test_what_is_read_from_the_source_is_counted(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="read/")
    deliveries.kinesis.put_record(StreamName=stream, Data=b"four", PartitionKey="k")
    deliveries.delete(name)
    assert deliveries.metric(name, "DataReadFromKinesisStream.Records") == 1
    assert deliveries.metric(name, "DataReadFromKinesisStream.Bytes") == 4


def test_errors_are_written_to_the_log_of_the_destination(deliveries: Deliveries) -> None:
    logs, group = deliveries.client("logs"), f"/aws/kinesisfirehose/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="S3Delivery")
    name = deliveries.create(
        BucketARN=f"arn:aws:s3:::{deliveries.bucket}-missing",
        CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"},
    )
    deliveries.put(name, b"x")

    def events() -> list[Any]:
        found: list[Any] = logs.get_log_events(logGroupName=group, logStreamName="S3Delivery")["events"]
        return found

    deliveries.wait_until(lambda: bool(events()))
    told = json.loads(events()[0]["message"])
    assert told["errorCode"] == "S3.NoSuchBucket"
    assert told["deliveryStreamARN"].endswith(name)
    assert deliveries.metric(name, "DeliveryToS3.Success") == 0
    assert deliveries.metric(name, "DeliveryToS3.Records") is None


def test_a_query_that_cannot_be_evaluated_is_refused_at_once(deliveries: Deliveries) -> None:
    query = {"MetadataExtractionQuery": '{a: .b | ltrimstr("x")}', "JsonParsingEngine": "JQ-1.6"}
    with pytest.raises(ClientError) as error:
        deliveries.create(ProcessingConfiguration=processors(("MetadataExtraction", query)))
    assert error.value.response["Error"]["Code"] == "InvalidArgumentException"
    assert "all that the local Firehose knows of JQ" in error.value.response["Error"]["Message"]
