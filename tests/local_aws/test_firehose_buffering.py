"""Records are delivered when the buffer is full or old enough, and never lost.

Limits: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from delivering import HINTS, Deliveries

LATE = {"SizeInMBs": 1, "IntervalInSeconds": 900}
MIB = 1 << 20


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


def test_time_delivers_what_came_in_one_object(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="time/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 2})
    began = time.monotonic()
    deliveries.put(name, b"one\n", b"two\n")
    deliveries.put(name, b"three\n")
    [key] = deliveries.wait_for_keys("time/")
    assert 1.9 < time.monotonic() - began < 10
    assert deliveries.body(key) == b"one\ntwo\nthree\n"


def test_size_delivers_before_time_does(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="size/", BufferingHints=LATE)
    for number in range(5):
        deliveries.put(name, bytes([65 + number]) * 300_000)
    [key] = deliveries.wait_for_keys("size/")
    assert deliveries.body(key) == b"".join(bytes([65 + number]) * 300_000 for number in range(4))
    deliveries.delete(name)
    assert len(deliveries.text("size/")) == 1_500_000, "the rest is delivered when the stream is deleted"


def test_an_interval_of_zero_delivers_at_once(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="now/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 0})
    deliveries.put(name, b"at once")
    [key] = deliveries.wait_for_keys("now/", seconds=5)
    assert deliveries.body(key) == b"at once"


def test_names_are_those_of_aws(deliveries: Deliveries) -> None:
    name = deliveries.create()
    before = datetime.now(UTC).replace(microsecond=0)
    deliveries.put(name, b"named")
    keys = deliveries.wait_for_keys(before.strftime("%Y/"))
    [found] = [
        match for key in keys if (match := re.fullmatch(rf"(\d{{4}}/\d\d/\d\d/\d\d)/{name}-1-(.{{19}})-(.{{36}})", key))
    ]
    moment = datetime.strptime(found[2], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    assert before <= moment <= datetime.now(UTC)
    assert found[1] == moment.strftime("%Y/%m/%d/%H")
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", found[3])


def test_an_update_holds_for_what_is_buffered_already(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="before/", BufferingHints=LATE)
    deliveries.put(name, b"buffered")
    deliveries.api.update_destination(
        DeliveryStreamName=name,
        DestinationId="destinationId-000000000001",
        CurrentDeliveryStreamVersionId="1",
        ExtendedS3DestinationUpdate={"Prefix": "after/", "BufferingHints": HINTS},
    )
    [key] = deliveries.wait_for_keys("after/")
    assert f"/{name}-2-" in key
    assert deliveries.body(key) == b"buffered"
    assert deliveries.keys("before/") == []


def test_a_missing_bucket_is_waited_for(deliveries: Deliveries) -> None:
    bucket = f"{deliveries.bucket}-late"
    name = deliveries.create(BucketARN=f"arn:aws:s3:::{bucket}", Prefix="kept/")
    deliveries.put(name, b"kept")
    deliveries.wait_until(lambda: deliveries.metric(name, "DeliveryToS3.Success") == 0)
    assert deliveries.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
    deliveries.s3.create_bucket(Bucket=bucket)
    deliveries.wait_until(lambda: "Contents" in deliveries.s3.list_objects_v2(Bucket=bucket))
    [item] = deliveries.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert deliveries.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() == b"kept"


def test_no_record_is_lost_or_doubled_under_load(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="load/", CompressionFormat="GZIP")
    sent = [f"{number:06d}\n".encode() * 40 for number in range(10_000)]
    for start in range(0, len(sent), 500):
        deliveries.put(name, *sent[start : start + 500])
    deliveries.delete(name)
    assert sorted(deliveries.text("load/").split()) == sorted(b"".join(sent).split())
    assert len(deliveries.keys("load/")) >= 2


@pytest.fixture(scope="module")
def name(deliveries: Deliveries) -> str:
    return deliveries.create(Prefix="limits/", BufferingHints={"SizeInMBs": 128, "IntervalInSeconds": 900})


def test_a_record_has_at_most_1000_kib(deliveries: Deliveries, name: str) -> None:
    deliveries.api.put_record(DeliveryStreamName=name, Record={"Data": b"x" * 1_024_000})
    with pytest.raises(ClientError) as error:
        deliveries.api.put_record(DeliveryStreamName=name, Record={"Data": b"x" * 1_024_001})
    assert error.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value at 'record.data' failed to satisfy constraint: "
        "Member must have length less than or equal to 1024000",
    }


def test_a_batch_has_at_most_500_records(deliveries: Deliveries, name: str) -> None:
    answer = deliveries.api.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b""}] * 500)
    assert answer["FailedPutCount"] == 0
    assert len({item["RecordId"] for item in answer["RequestResponses"]}) == 500
    with pytest.raises(ClientError) as error:
        deliveries.api.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b""}] * 501)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert error.value.response["Error"]["Message"].endswith("Member must have length less than or equal to 500")


def test_a_batch_has_at_most_4_mib(deliveries: Deliveries, name: str) -> None:
    full = [{"Data": b"x" * (MIB // 2)}] * 8
    deliveries.api.put_record_batch(DeliveryStreamName=name, Records=full)
    with pytest.raises(ClientError) as error:
        deliveries.api.put_record_batch(DeliveryStreamName=name, Records=[*full, {"Data": b"x"}])
    assert error.value.response["Error"] == {
        "Code": "InvalidArgumentException",
        "Message": "Records size exceeds 4 MB limit",
    }
