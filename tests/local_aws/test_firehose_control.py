"""Delivery streams are made, described, changed, listed, tagged and deleted as Firehose does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from delivering import HINTS, ROLE, Deliveries


@pytest.fixture(scope="module")
def deliveries(client: Callable[[str], Any]) -> Deliveries:
    return Deliveries(client)


@pytest.fixture(scope="module")
def stream(deliveries: Deliveries) -> str:
    return deliveries.create()


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_stream_is_creating_before_it_is_active(deliveries: Deliveries) -> None:
    name = f"stream-{uuid.uuid4().hex[:10]}"
    answer = deliveries.api.create_delivery_stream(
        DeliveryStreamName=name, ExtendedS3DestinationConfiguration=deliveries.destination()
    )
    assert answer["DeliveryStreamARN"] == f"arn:aws:firehose:us-east-1:000000000000:deliverystream/{name}"
    assert deliveries.describe(name)["DeliveryStreamStatus"] == "CREATING"
    with pytest.raises(ClientError) as error:
        deliveries.api.put_record(DeliveryStreamName=name, Record={"Data": b"early"})
    assert refusal(error) == ("ResourceNotFoundException", f"Firehose {name} under account 000000000000 not found.")
    with pytest.raises(ClientError) as error:
        deliveries.api.delete_delivery_stream(DeliveryStreamName=name)
    assert refusal(error)[0] == "ResourceInUseException"
    deliveries.wait_until(lambda: deliveries.describe(name)["DeliveryStreamStatus"] == "ACTIVE")


def test_the_description_shows_the_defaults(deliveries: Deliveries) -> None:
    name = f"stream-{uuid.uuid4().hex[:10]}"
    deliveries.api.create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{deliveries.bucket}"},
    )
    found = deliveries.describe(name)
    assert (found["DeliveryStreamType"], found["VersionId"], found["HasMoreDestinations"]) == ("DirectPut", "1", False)
    assert found["DeliveryStreamEncryptionConfiguration"] == {"Status": "DISABLED"}
    [destination] = found["Destinations"]
    assert destination["DestinationId"] == "destinationId-000000000001"
    common = {
        "RoleARN": ROLE,
        "BucketARN": f"arn:aws:s3:::{deliveries.bucket}",
        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": False},
    }
    assert destination["S3DestinationDescription"] == common
    assert destination["ExtendedS3DestinationDescription"] == common | {
        "ProcessingConfiguration": {"Enabled": False, "Processors": []},
        "S3BackupMode": "Disabled",
    }


def test_a_name_is_taken_once(deliveries: Deliveries, stream: str) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.api.create_delivery_stream(
            DeliveryStreamName=stream, ExtendedS3DestinationConfiguration=deliveries.destination()
        )
    message = f"Firehose {stream} under accountId 000000000000 already exists"
    assert refusal(error) == ("ResourceInUseException", message)


def test_a_stream_has_one_destination(deliveries: Deliveries) -> None:
    basic = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{deliveries.bucket}"}
    with pytest.raises(ClientError) as error:
        deliveries.api.create_delivery_stream(
            DeliveryStreamName="two-of-them",
            ExtendedS3DestinationConfiguration=basic,
            S3DestinationConfiguration=basic,
        )
    message = "Exactly one destination configuration is supported for a Firehose"
    assert refusal(error) == ("InvalidArgumentException", message)
    with pytest.raises(ClientError) as error:
        deliveries.api.create_delivery_stream(DeliveryStreamName="to-nowhere")
    assert refusal(error) == ("InvalidArgumentException", message)


@pytest.mark.parametrize(
    "action", ["describe_delivery_stream", "delete_delivery_stream", "list_tags_for_delivery_stream"]
)
def test_an_unknown_stream_is_not_found(deliveries: Deliveries, action: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(deliveries.api, action)(DeliveryStreamName="nowhere")
    assert refusal(error) == ("ResourceNotFoundException", "Firehose nowhere under account 000000000000 not found.")


@pytest.mark.parametrize(
    ("hints", "member", "most"),
    [
        ({"SizeInMBs": 129, "IntervalInSeconds": 60}, "sizeInMBs", 128),
        ({"SizeInMBs": 5, "IntervalInSeconds": 901}, "intervalInSeconds", 900),
    ],
)
def test_hints_have_bounds(deliveries: Deliveries, hints: dict[str, int], member: str, most: int) -> None:
    with pytest.raises(ClientError) as error:
        deliveries.create(BufferingHints=hints)
    code, text = refusal(error)
    assert code == "ValidationException"
    bound = f"Member must have value less than or equal to {most}"
    assert text.endswith(f"{member}' failed to satisfy constraint: {bound}")


def test_an_update_merges_and_counts(deliveries: Deliveries) -> None:
    name = deliveries.create(Prefix="first/")
    update = {
        "DeliveryStreamName": name,
        "DestinationId": "destinationId-000000000001",
        "CurrentDeliveryStreamVersionId": "1",
        "ExtendedS3DestinationUpdate": {"Prefix": "second/"},
    }
    deliveries.api.update_destination(**update)
    found = deliveries.describe(name)
    extended = found["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (found["VersionId"], extended["Prefix"], extended["BufferingHints"]) == ("2", "second/", HINTS)
    with pytest.raises(ClientError) as error:
        deliveries.api.update_destination(**update)
    assert refusal(error) == (
        "ConcurrentModificationException",
        f"Cannot update firehose: {name} since the current version id: 2 and specified version id: 1 do not match",
    )
    deliveries.api.update_destination(**update | {"CurrentDeliveryStreamVersionId": "2"})
    assert deliveries.describe(name)["VersionId"] == "2", "an update that changes nothing makes no version"


def test_backup_stays_on(deliveries: Deliveries) -> None:
    backup = {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{deliveries.bucket}", "Prefix": "raw/"}
    name = deliveries.create(S3BackupMode="Enabled", S3BackupConfiguration=backup)
    with pytest.raises(ClientError) as error:
        deliveries.api.update_destination(
            DeliveryStreamName=name,
            DestinationId="destinationId-000000000001",
            CurrentDeliveryStreamVersionId="1",
            ExtendedS3DestinationUpdate={"S3BackupMode": "Disabled"},
        )
    assert refusal(error) == ("InvalidArgumentException", "S3BackupMode cannot be disabled once it is enabled.")


def test_streams_are_listed_by_name_page_by_page(deliveries: Deliveries, stream: str) -> None:
    names = deliveries.names()
    assert names == sorted(names)
    page = deliveries.api.list_delivery_streams(Limit=1)
    assert (page["DeliveryStreamNames"], page["HasMoreDeliveryStreams"]) == (names[:1], True)
    rest = deliveries.api.list_delivery_streams(Limit=1000, ExclusiveStartDeliveryStreamName=names[0])
    assert (rest["DeliveryStreamNames"], rest["HasMoreDeliveryStreams"]) == (names[1:], False)
    sources = deliveries.api.list_delivery_streams(Limit=1000, DeliveryStreamType="KinesisStreamAsSource")
    assert stream not in sources["DeliveryStreamNames"]


def test_tags_are_set_listed_and_taken_away(deliveries: Deliveries) -> None:
    name = deliveries.create()
    tags = [{"Key": "project", "Value": "lab"}, {"Key": "cost", "Value": "none"}]
    deliveries.api.tag_delivery_stream(DeliveryStreamName=name, Tags=tags)
    assert deliveries.api.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"] == tags[::-1]
    page = deliveries.api.list_tags_for_delivery_stream(DeliveryStreamName=name, Limit=1)
    assert (page["Tags"], page["HasMoreTags"]) == (tags[1:], True)
    deliveries.api.untag_delivery_stream(DeliveryStreamName=name, TagKeys=["cost", "absent"])
    assert deliveries.api.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"] == tags[:1]
    with pytest.raises(ClientError) as error:
        many = [{"Key": f"key{number}"} for number in range(50)]
        deliveries.api.tag_delivery_stream(DeliveryStreamName=name, Tags=many)
    assert refusal(error) == ("LimitExceededException", "A delivery stream cannot have more than 50 tags.")


def test_server_side_encryption_is_switched(deliveries: Deliveries, stream: str) -> None:
    deliveries.api.start_delivery_stream_encryption(
        DeliveryStreamName=stream, DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"}
    )
    shown = deliveries.describe(stream)["DeliveryStreamEncryptionConfiguration"]
    assert shown == {"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}
    assert deliveries.api.put_record(DeliveryStreamName=stream, Record={"Data": b"x"})["Encrypted"] is True
    deliveries.api.stop_delivery_stream_encryption(DeliveryStreamName=stream)
    assert deliveries.describe(stream)["DeliveryStreamEncryptionConfiguration"] == {"Status": "DISABLED"}


def test_streams_to_elsewhere_stay_the_emulators(deliveries: Deliveries) -> None:
    deliveries.api.create_delivery_stream(
        DeliveryStreamName="to-http",
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": "https://example.com"},
            "S3Configuration": {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{deliveries.bucket}"},
        },
    )
    assert "HttpEndpointDestinationDescription" in deliveries.describe("to-http")["Destinations"][0]
    assert "to-http" in deliveries.names()
    deliveries.api.delete_delivery_stream(DeliveryStreamName="to-http")
    assert "to-http" not in deliveries.names()


def test_cloudformation_makes_changes_and_removes_a_stream(deliveries: Deliveries) -> None:
    cloudformation, name = deliveries.client("cloudformation"), f"stack-{uuid.uuid4().hex[:10]}"

    def template(prefix: str) -> str:
        properties = {
            "DeliveryStreamName": name,
            "ExtendedS3DestinationConfiguration": deliveries.destination(Prefix=prefix),
        }
        resource = {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": properties}
        return json.dumps({"Resources": {"Delivery": resource}})

    cloudformation.create_stack(StackName=name, TemplateBody=template("stack/one/"))
    deliveries.wait_until(lambda: name in deliveries.names())
    assert deliveries.describe(name)["DeliveryStreamStatus"] == "ACTIVE"
    cloudformation.update_stack(StackName=name, TemplateBody=template("stack/two/"))
    deliveries.wait_until(lambda: deliveries.describe(name)["VersionId"] == "2")
    deliveries.put(name, b"by stack")
    cloudformation.delete_stack(StackName=name)
    deliveries.wait_until(lambda: name not in deliveries.names())
    assert deliveries.text("stack/two/") == b"by stack"
