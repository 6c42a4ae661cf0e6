"""Multipart uploads: parts are in order, there, and large enough.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

MIN_PART_BYTES = 5 * 2**20


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Any:
    return client("s3")


@pytest.fixture
def upload(s3: Any) -> dict[str, str]:
    bucket = uuid.uuid4().hex
    s3.create_bucket(Bucket=bucket)
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    return {"Bucket": bucket, "Key": "big", "UploadId": upload_id}


def part(s3: Any, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
    return {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}


def refused(call: Callable[..., Any], **request: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return dict(caught.value.response["Error"])


def complete(s3: Any, upload: dict[str, str], parts: list[dict[str, Any]]) -> Any:
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_parts_but_the_last_have_5_mib(s3: Any, upload: dict[str, str]) -> None:
    parts = [part(s3, upload, number, body) for number, body in ((1, b"a" * (MIN_PART_BYTES - 1)), (2, b"b"))]
    assert refused(complete, s3=s3, upload=upload, parts=parts) == {
        "Code": "EntityTooSmall",
        "Message": "Your proposed upload is smaller than the minimum allowed size",
        "ETag": parts[0]["ETag"].strip('"'),
        "MinSizeAllowed": "5242880",
        "PartNumber": "1",
        "ProposedSize": "5242879",
    }
    parts[0] = part(s3, upload, 1, b"a" * MIN_PART_BYTES)
    answer = complete(s3, upload, parts)
    assert (answer["ETag"][-3:], answer["ServerSideEncryption"]) == ('-2"', "AES256")
    second = s3.get_object(Bucket=upload["Bucket"], Key="big", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (b"b", 2)


def test_parts_are_listed_in_their_order(s3: Any, upload: dict[str, str]) -> None:
    parts = [part(s3, upload, number, b"a") for number in (1, 2)]
    assert refused(complete, s3=s3, upload=upload, parts=parts[::-1]) == {
        "Code": "InvalidPartOrder",
        "Message": "The list of parts was not in ascending order. Parts must be ordered by part number.",
        "UploadId": upload["UploadId"],
    }


def test_parts_are_those_uploaded(s3: Any, upload: dict[str, str]) -> None:
    there = part(s3, upload, 1, b"a")
    missing = {"PartNumber": 2, "ETag": there["ETag"]}
    for wrong in (missing, {"PartNumber": 1, "ETag": '"other"'}):
        assert refused(complete, s3=s3, upload=upload, parts=[wrong]) == {
            "Code": "InvalidPart",
            "Message": "One or more of the specified parts could not be found.  The part may not have been uploaded, "
            "or the specified entity tag may not match the part's entity tag.",
            "UploadId": upload["UploadId"],
            "PartNumber": str(wrong["PartNumber"]),
            "ETag": wrong["ETag"].strip('"'),
        }
    assert refused(complete, s3=s3, upload=upload, parts=[]) == {
        "Code": "InvalidRequest",
        "Message": "You must specify at least one part",
    }
    complete(s3, upload, [there])
    assert s3.get_object(Bucket=upload["Bucket"], Key="big")["Body"].read() == b"a"


def test_part_numbers_go_to_10000(s3: Any, upload: dict[str, str]) -> None:
    part(s3, upload, 10_000, b"a")
    assert refused(s3.upload_part, **upload, PartNumber=10_001, Body=b"a") == {
        "Code": "InvalidArgument",
        "Message": "Part number must be an integer between 1 and 10000, inclusive",
        "ArgumentName": "partNumber",
        "ArgumentValue": "10001",
    }


def test_an_aborted_upload_is_gone(s3: Any, upload: dict[str, str]) -> None:
    s3.abort_multipart_upload(**upload)
    assert refused(s3.list_parts, **upload) == {
        "Code": "NoSuchUpload",
        "Message": "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
        "aborted or completed.",
        "UploadId": upload["UploadId"],
    }


def test_listings_name_the_last_they_show(s3: Any, upload: dict[str, str]) -> None:
    empty = s3.list_parts(**upload)
    assert (empty["NextPartNumberMarker"], empty.get("Parts")) == (0, None)
    for number in (1, 7):
        part(s3, upload, number, b"a")
    assert s3.list_parts(**upload)["NextPartNumberMarker"] == 7
    uploads = s3.list_multipart_uploads(Bucket=upload["Bucket"])
    assert (uploads["NextKeyMarker"], uploads["NextUploadIdMarker"]) == ("big", upload["UploadId"])
    s3.abort_multipart_upload(**upload)
    none = s3.list_multipart_uploads(Bucket=upload["Bucket"])
    assert (none["NextKeyMarker"], none["NextUploadIdMarker"]) == ("", "")


def test_attributes_count_the_parts(s3: Any, upload: dict[str, str]) -> None:
    complete(s3, upload, [part(s3, upload, 1, b"a")])
    request = {"Bucket": upload["Bucket"], "Key": "big", "ObjectAttributes": ["ObjectParts", "Checksum"]}
    found = s3.get_object_attributes(**request)
    assert found["ObjectParts"] == {"TotalPartsCount": 1}
    assert "Checksum" not in found


def test_a_part_is_copied_from_a_range_of_an_object(s3: Any, upload: dict[str, str]) -> None:
    s3.put_object(Bucket=upload["Bucket"], Key="ten", Body=b"0123456789")
    request = {**upload, "PartNumber": 1, "CopySource": {"Bucket": upload["Bucket"], "Key": "ten"}}
    copied = s3.upload_part_copy(**request, CopySourceRange="bytes=0-8")["CopyPartResult"]["ETag"]
    for asked, message in (
        ("bytes=0-100", "Range specified is not valid for source object of size: 10"),
        (
            "bytes=1-",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
        ),
    ):
        assert refused(s3.upload_part_copy, **request, CopySourceRange=asked) == {
            "Code": "InvalidArgument",
            "Message": message,
            "ArgumentName": "x-amz-copy-source-range",
            "ArgumentValue": asked,
        }
    complete(s3, upload, [{"PartNumber": 1, "ETag": copied}])
    assert s3.get_object(Bucket=upload["Bucket"], Key="big")["Body"].read() == b"012345678"


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_copy_of_parts_is_one_object(s3: Any, upload: dict[str, str], status: str) -> None:
    bucket = upload["Bucket"]
    assert complete(s3, upload, [part(s3, upload, 1, b"a")])["ETag"].endswith('-1"')
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    whole = s3.put_object(Bucket=bucket, Key="whole", Body=b"a")["ETag"]
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"})
    assert copied["CopyObjectResult"]["ETag"] == whole
    assert s3.head_object(Bucket=bucket, Key="copy")["ETag"] == whole
    [version] = s3.list_object_versions(Bucket=bucket, Prefix="copy")["Versions"]
    assert version["ETag"] == whole


def test_listings_take_numbers(local_aws: str, s3: Any, upload: dict[str, str]) -> None:
    unchecked = boto3.client(
        "s3", endpoint_url=local_aws, region_name="us-east-1", config=Config(parameter_validation=False)
    )
    assert refused(unchecked.list_parts, **upload, MaxParts="x") == {
        "Code": "InvalidArgument",
        "Message": "Provided max-parts not an integer or within integer range",
        "ArgumentName": "max-parts",
        "ArgumentValue": "x",
    }
    assert refused(unchecked.list_multipart_uploads, Bucket=upload["Bucket"], MaxUploads=-1) == {
        "Code": "InvalidArgument",
        "Message": "Argument max-uploads must be an integer between 0 and 2147483647",
        "ArgumentName": "max-uploads",
        "ArgumentValue": "-1",
    }
