"""A delivery stream reads a Kinesis stream from its tip at creation on: every shard, in order, nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from delivering import ROLE, Deliveries


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


def send(deliveries: Deliveries, stream: str, first: int, count: int) -> list[bytes]:
    lines = [f"{number:05d}\n".encode() for number in range(first, first + count)]
    deliveries.kinesis.put_records(
        StreamName=stream, Records=[{"Data": line, "PartitionKey": str(line)} for line in lines]
    )
    return lines


def test_reading_begins_at_the_tip_of_every_shard(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source(shards=3)
    send(deliveries, stream, 0, 50)
    name = deliveries.create(arn, Prefix="tip/")
    sent = send(deliveries, stream, 50, 200)
    deliveries.wait_until(lambda: len(deliveries.text("tip/").split()) >= 200)
    deliveries.delete(name)
    assert sorted(deliveries.text("tip/").splitlines(keepends=True)) == sent


def test_records_of_a_key_stay_in_order_and_share_objects(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="order/")
    sent = send(deliveries, stream, 0, 500) + send(deliveries, stream, 500, 500)
    deliveries.delete(name)
    assert deliveries.text("order/") == b"".join(sent)
    assert len(deliveries.keys("order/")) <= 3


def test_the_description_names_the_source(deliveries: Deliveries) -> None:
    _, arn = deliveries.source()
    found = deliveries.describe(deliveries.create(arn))
    assert found["DeliveryStreamType"] == "KinesisStreamAsSource"
    described = found["Source"]["KinesisStreamSourceDescription"]
    assert (described["KinesisStreamARN"], described["RoleARN"]) == (arn, ROLE)
    assert abs((described["DeliveryStartTimestamp"] - found["CreateTimestamp"]).total_seconds()) < 1


def test_direct_puts_are_refused(deliveries: Deliveries) -> None:
    name = deliveries.create(deliveries.source()[1])
    for put, records in (
        (deliveries.api.put_record, {"Record": {"Data": b"x"}}),
        (deliveries.api.put_record_batch, {"Records": [{"Data": b"x"}]}),
    ):
        with pytest.raises(ClientError) as error:
            put(DeliveryStreamName=name, **records)
        assert error.value.response["Error"] == {
            "Code": "InvalidArgumentException",
            "Message": "This operation is not permitted on KinesisStreamAsSource delivery stream type.",
        }


def test_the_source_must_exist(deliveries: Deliveries) -> None:
    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/nowhere"
    with pytest.raises(ClientError) as error:
        deliveries.create(arn)
    assert error.value.response["Error"] == {
        "Code": "InvalidArgumentException",
        "Message": f"Kinesis stream {arn} does not exist or cannot be read.",
    }


def test_shards_of_a_split_are_read_from_their_beginning(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="split/")
    sent = send(deliveries, stream, 0, 20)
    deliveries.kinesis.split_shard(
        StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    sent += send(deliveries, stream, 20, 80)
    deliveries.delete(name)
    assert sorted(deliveries.text("split/").splitlines(keepends=True)) == sent


def test_two_delivery_streams_read_the_same_source(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    names = [deliveries.create(arn, Prefix=prefix) for prefix in ("both-a/", "both-b/")]
    sent = send(deliveries, stream, 0, 30)
    for name in names:
        deliveries.delete(name)
    assert deliveries.text("both-a/") == deliveries.text("both-b/") == b"".join(sent)


def test_a_deleted_source_leaves_what_was_read(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="gone/", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900})
    sent = send(deliveries, stream, 0, 10)
    # The interval of a second between reads is Firehose's own.
    deliveries.wait_until(lambda: deliveries.describe(name)["DeliveryStreamStatus"] == "ACTIVE")
    deliveries.api.update_destination(
        DeliveryStreamName=name,
        DestinationId="destinationId-000000000001",
        CurrentDeliveryStreamVersionId="1",
        ExtendedS3DestinationUpdate={"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}},
    )
    deliveries.wait_until(lambda: len(deliveries.text("gone/").split()) == 10)
    deliveries.kinesis.delete_stream(StreamName=stream)
    assert deliveries.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
    deliveries.delete(name)
    assert deliveries.text("gone/") == b"".join(sent)


def aggregate(parts: list[tuple[str, bytes]]) -> bytes:
    """Return an aggregate of the Kinesis Producer Library: (key, data) of each record."""

    def field(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    message = b"".join(field(1, key.encode()) for key, _ in parts)
    message += b"".join(field(3, bytes([8, place]) + field(3, data)) for place, (_, data) in enumerate(parts))
    return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message).digest()


def test_aggregates_of_the_producer_library_are_taken_apart(deliveries: Deliveries) -> None:
    stream, arn = deliveries.source()
    name = deliveries.create(arn, Prefix="kpl/")
    packed = aggregate([("a", b"first\n"), ("b", b"second\n"), ("a", b"third\n")])
    deliveries.kinesis.put_record(StreamName=stream, Data=packed, PartitionKey="any")
    broken = packed[:-1] + bytes([packed[-1] ^ 1])
    deliveries.kinesis.put_record(StreamName=stream, Data=broken, PartitionKey="any")
    deliveries.delete(name)
    assert deliveries.text("kpl/") == b"first\nsecond\nthird\n" + broken
