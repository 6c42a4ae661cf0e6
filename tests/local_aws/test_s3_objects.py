"""Objects: what S3 says of them, and which calls it refuses.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

PRECONDITION = "At least one of the pre-conditions you specified did not hold"


@pytest.fixture(scope="module")
def s3(local_aws: str) -> Any:
    unchecked = Config(parameter_validation=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=local_aws, region_name="us-east-1", config=unchecked)


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = uuid.uuid4().hex
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="ten", Body=b"0123456789")
    return name


def refused(call: Callable[..., Any], **request: Any) -> tuple[int, dict[str, str]]:
    """Return the status of a refusal, and its elements."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = dict(caught.value.response["Error"])
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], error


def error(code: str, message: str, **elements: str) -> dict[str, str]:
    return {"Code": code, "Message": message, **elements}


def test_an_object_is_bytes_encrypted_by_s3_unless_told_otherwise(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"hello world")
    assert (put["ServerSideEncryption"], put["ChecksumType"]) == ("AES256", "FULL_OBJECT")
    assert put["ChecksumCRC32"] == "DUoRhQ=="
    for answer in (s3.get_object(Bucket=bucket, Key="a"), s3.head_object(Bucket=bucket, Key="a")):
        assert (answer["ServerSideEncryption"], answer["ContentType"]) == ("AES256", "binary/octet-stream")
    s3.put_object(Bucket=bucket, Key="b", Body=b"{}", ContentType="application/json")
    assert s3.head_object(Bucket=bucket, Key="b")["ContentType"] == "application/json"


def test_missing_buckets_and_keys_are_named(s3: Any, bucket: str) -> None:
    no_bucket = error("NoSuchBucket", "The specified bucket does not exist", BucketName="none-at-all")
    assert refused(s3.put_object, Bucket="none-at-all", Key="a", Body=b"") == (404, no_bucket)
    assert refused(s3.list_objects_v2, Bucket="none-at-all") == (404, no_bucket)
    no_key = error("NoSuchKey", "The specified key does not exist.", Key="x/y")
    assert refused(s3.get_object, Bucket=bucket, Key="x/y") == (404, no_key)
    source = {"Bucket": bucket, "Key": "x/y"}
    assert refused(s3.copy_object, Bucket=bucket, Key="c", CopySource=source) == (404, no_key)


def test_keys_have_at_most_1024_bytes(s3: Any, bucket: str) -> None:
    longest = "é" * 512
    s3.put_object(Bucket=bucket, Key=longest, Body=b"")
    assert refused(s3.put_object, Bucket=bucket, Key=longest + "a", Body=b"") == (
        400,
        error("KeyTooLongError", "Your key is too long", Size="1025", MaxSizeAllowed="1024"),
    )


def test_metadata_has_at_most_2_kb(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="m", Body=b"", Metadata={"note": "x" * 2044})
    assert refused(s3.put_object, Bucket=bucket, Key="m", Body=b"", Metadata={"note": "x" * 2045}) == (
        400,
        error(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            Size="2049",
            MaxSizeAllowed="2048",
        ),
    )


@pytest.mark.parametrize(
    ("asked", "got"),
    [("bytes=2-4", b"234"), ("bytes=8-", b"89"), ("bytes=-2", b"89"), ("bytes=-15", b"0123456789")],
)
def test_ranges_are_parts(s3: Any, bucket: str, asked: str, got: bytes) -> None:
    answer = s3.get_object(Bucket=bucket, Key="ten", Range=asked)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (206, got)


@pytest.mark.parametrize("asked", ["bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=0-1,3-4", "0-8", "bytes=-"])
def test_what_is_no_range_gets_the_whole(s3: Any, bucket: str, asked: str) -> None:
    answer = s3.get_object(Bucket=bucket, Key="ten", Range=asked)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (200, b"0123456789")


@pytest.mark.parametrize("asked", ["bytes=100-200", "bytes=-0"])
def test_ranges_past_the_end_are_refused(s3: Any, bucket: str, asked: str) -> None:
    assert refused(s3.get_object, Bucket=bucket, Key="ten", Range=asked) == (
        416,
        error("InvalidRange", "The requested range is not satisfiable", RangeRequested=asked, ActualObjectSize="10"),
    )


def test_failed_conditions_are_named(s3: Any, bucket: str) -> None:
    assert refused(s3.get_object, Bucket=bucket, Key="ten", IfMatch="other") == (
        412,
        error("PreconditionFailed", PRECONDITION, Condition="If-Match"),
    )
    assert refused(s3.put_object, Bucket=bucket, Key="ten", Body=b"", IfNoneMatch="*") == (
        412,
        error("PreconditionFailed", PRECONDITION, Condition="If-None-Match"),
    )


def test_a_write_takes_if_none_match_with_an_asterisk_only(s3: Any, bucket: str) -> None:
    status, found = refused(s3.put_object, Bucket=bucket, Key="ten", Body=b"", IfNoneMatch='"abc"')
    assert (status, found["Code"], found["Header"]) == (501, "NotImplemented", "If-None-Match")
    assert found["Message"] == "A header you provided implies functionality that is not implemented"


def test_an_object_put_as_a_whole_is_one_part(s3: Any, bucket: str) -> None:
    part = s3.get_object(Bucket=bucket, Key="ten", PartNumber=1)
    assert (part["Body"].read(), part["ContentRange"]) == (b"0123456789", "bytes 0-9/10")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert refused(s3.get_object, Bucket=bucket, Key="ten", PartNumber=1, Range="bytes=0-1") == (
        400,
        error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter"),
    )
    assert refused(s3.get_object, Bucket=bucket, Key="ten", PartNumber=2) == (
        416,
        error(
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            PartNumberRequested="2",
            ActualPartCount="1",
        ),
    )


def test_a_copy_to_itself_changes_something(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "ten"}
    assert refused(s3.copy_object, Bucket=bucket, Key="ten", CopySource=source) == (
        400,
        error(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        ),
    )
    request = {"Bucket": bucket, "Key": "ten", "CopySource": source}
    s3.copy_object(**request, MetadataDirective="REPLACE", Metadata={"a": "b"})
    assert s3.head_object(Bucket=bucket, Key="ten")["Metadata"] == {"a": "b"}
    assert refused(s3.copy_object, **request, MetadataDirective="MERGE")[1] == error(
        "InvalidArgument",
        "Unknown metadata directive.",
        ArgumentName="x-amz-metadata-directive",
        ArgumentValue="MERGE",
    )


def test_md5_sums_are_checked(s3: Any, bucket: str) -> None:
    other = "1B2M2Y8AsgTpgAmY7PhCfg=="
    assert refused(s3.put_object, Bucket=bucket, Key="d", Body=b"x", ContentMD5=other) == (
        400,
        error(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            ExpectedDigest=other,
            CalculatedDigest="ndTkYSaMgDT1yFZOFVxnpg==",
        ),
    )
    assert refused(s3.put_object, Bucket=bucket, Key="d", Body=b"x", ContentMD5="abc")[1] == error(
        "InvalidDigest", "The Content-MD5 you specified was invalid.", **{"Content-MD5": "abc"}
    )


def test_1_to_1000_objects_are_deleted_at_once(s3: Any, bucket: str) -> None:
    schema = "The XML you provided was not well-formed or did not validate against our published schema"
    keys = [{"Key": f"{i}"} for i in range(1001)]
    for wrong in ([], keys):
        assert refused(s3.delete_objects, Bucket=bucket, Delete={"Objects": wrong}) == (
            400,
            error("MalformedXML", schema),
        )
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[1:]})["Deleted"]) == 1000


def test_versions_have_an_id_of_s3(s3: Any) -> None:
    bucket = uuid.uuid4().hex
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="v", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="v")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="v", VersionId=version)["Body"].read() == b"1"
    assert refused(s3.get_object, Bucket=bucket, Key="v", VersionId=marker) == (
        405,
        error(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            Method="GET",
            ResourceType="DeleteMarker",
        ),
    )
    assert refused(s3.get_object, Bucket=bucket, Key="v", VersionId="not-a-version") == (
        400,
        error(
            "InvalidArgument",
            "Invalid version id specified",
            ArgumentName="versionId",
            ArgumentValue="not-a-version",
        ),
    )
    s3.delete_object(Bucket=bucket, Key="v", VersionId=version)
    assert refused(s3.get_object, Bucket=bucket, Key="v", VersionId=version) == (
        404,
        error("NoSuchVersion", "The specified version does not exist.", Key="v", VersionId=version),
    )
    assert refused(s3.delete_bucket, Bucket=bucket) == (
        409,
        error(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
            BucketName=bucket,
        ),
    )


def test_a_checksum_has_its_length(s3: Any, bucket: str) -> None:
    assert refused(s3.put_object, Bucket=bucket, Key="d", Body=b"x", ChecksumCRC32="wrong") == (
        400,
        error("InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid."),
    )
    assert refused(s3.put_object, Bucket=bucket, Key="d", Body=b"x", ChecksumCRC32="AAAAAA==") == (
        400,
        error("BadDigest", "The CRC32 you specified did not match the calculated checksum."),
    )


def test_attributes_are_those_that_an_object_has(s3: Any, bucket: str) -> None:
    asked = ["ETag", "ObjectSize", "StorageClass", "ObjectParts", "Checksum"]
    found = s3.get_object_attributes(Bucket=bucket, Key="ten", ObjectAttributes=asked)
    assert (found["StorageClass"], found["ObjectSize"]) == ("STANDARD", 10)
    assert "ObjectParts" not in found
    assert found["Checksum"]["ChecksumCRC32"]


def test_a_presigned_url_expires(s3: Any, bucket: str) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "ten"}, ExpiresIn=60)
    with urlopen(url) as answer:
        assert answer.read() == b"0123456789"
    past = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "ten"}, ExpiresIn=-1)
    with pytest.raises(HTTPError) as caught, urlopen(past):
        pass
    text = caught.value.read().decode()
    assert (caught.value.code, "<Message>Request has expired</Message>" in text) == (403, True)


def test_a_copy_keeps_the_checksum_and_its_type_unless_replaced(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="e", Body=b"{}", ContentType="application/json")
    request = {"Bucket": bucket, "Key": "f", "CopySource": {"Bucket": bucket, "Key": "e"}}
    assert s3.copy_object(**request)["CopyObjectResult"]["ChecksumCRC32"] == put["ChecksumCRC32"]
    assert s3.head_object(Bucket=bucket, Key="f")["ContentType"] == "application/json"
    s3.copy_object(**request, MetadataDirective="REPLACE")
    assert s3.head_object(Bucket=bucket, Key="f")["ContentType"] == "binary/octet-stream"


def test_a_copy_to_itself_may_change_what_it_does_not_name(s3: Any, bucket: str) -> None:
    request = {"Bucket": bucket, "Key": "ia", "CopySource": {"Bucket": bucket, "Key": "ia"}}
    s3.put_object(Bucket=bucket, Key="ia", Body=b"x", StorageClass="STANDARD_IA")
    s3.copy_object(**request)
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="ia")
    assert refused(s3.copy_object, **request)[1]["Code"] == "InvalidRequest"


@pytest.mark.parametrize("key", ["/foo", "/bar/foo/", "file%2Fname", "a/%F0%9F%98%80/", "test+key", "test key//"])
def test_keys_keep_their_characters(s3: Any, key: str) -> None:
    bucket = uuid.uuid4().hex
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    s3.copy_object(Bucket=bucket, Key=f"copy of {key}", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key=f"copy of {key}")["Body"].read() == b"test"
    listed = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted([key, f"copy of {key}"])
