"""What the lab counts on of S3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Account

pytestmark = pytest.mark.costs(0.0001)


@pytest.fixture
def bucket(aws: Account) -> str:
    s3, name = aws.client("s3"), aws.name("bucket")
    place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    s3.create_bucket(Bucket=name, **({} if aws.region == "us-east-1" else place))
    aws.later(s3.delete_bucket, Bucket=name)
    return name


def keep(aws: Account, bucket: str, key: str, body: bytes, **conditions: str) -> dict[str, Any]:
    s3 = aws.client("s3")
    answer: dict[str, Any] = s3.put_object(Bucket=bucket, Key=key, Body=body, **conditions)
    aws.later(s3.delete_object, Bucket=bucket, Key=key)
    return answer


def test_an_object_is_put_only_where_none_is(aws: Account, bucket: str) -> None:
    keep(aws, bucket, "a", b"first", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        keep(aws, bucket, "a", b"second", IfNoneMatch="*")
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"
    assert aws.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"first"


def test_an_object_is_put_only_over_the_one_that_was_read(aws: Account, bucket: str) -> None:
    etag = keep(aws, bucket, "a", b"first")["ETag"]
    other = keep(aws, bucket, "a", b"second", IfMatch=etag)["ETag"]
    assert other != etag
    with pytest.raises(ClientError) as error:
        keep(aws, bucket, "a", b"third", IfMatch=etag)
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"


def test_a_part_of_an_object_is_read_only_as_long_as_it_is_the_same(aws: Account, bucket: str) -> None:
    s3, etag = aws.client("s3"), keep(aws, bucket, "a", b"0123456789")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="a", Range="bytes=2-4", IfMatch=etag)["Body"].read() == b"234"
    keep(aws, bucket, "a", b"other")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="a", Range="bytes=2-4", IfMatch=etag)
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"


def test_a_range_behind_the_end_is_refused(aws: Account, bucket: str) -> None:
    keep(aws, bucket, "a", b"0123")
    with pytest.raises(ClientError) as error:
        aws.client("s3").get_object(Bucket=bucket, Key="a", Range="bytes=9-12")
    assert error.value.response["Error"]["Code"] == "InvalidRange"


def test_an_upload_that_was_aborted_leaves_no_object(aws: Account, bucket: str) -> None:
    s3 = aws.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"x" * 10)
    s3.abort_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="parts")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_bucket_that_holds_something_is_not_deleted(aws: Account, bucket: str) -> None:
    keep(aws, bucket, "a", b"x")
    with pytest.raises(ClientError) as error:
        aws.client("s3").delete_bucket(Bucket=bucket)
    assert error.value.response["Error"]["Code"] == "BucketNotEmpty"
