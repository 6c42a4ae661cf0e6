"""Buckets: names and places, listings, tags and lifecycle rules that S3 refuses.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

MALFORMED = {
    "Code": "MalformedXML",
    "Message": "The XML you provided was not well-formed or did not validate against our published schema",
}


@pytest.fixture(scope="module")
def s3(local_aws: str) -> Any:
    unchecked = Config(parameter_validation=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=local_aws, region_name="us-east-1", config=unchecked)


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = uuid.uuid4().hex
    s3.create_bucket(Bucket=name)
    for key in ("a", "b/1", "b/2", "c"):
        s3.put_object(Bucket=name, Key=key, Body=b"x")
    return name


def refused(call: Callable[..., Any], **request: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return dict(caught.value.response["Error"])


def argument(message: str, name: str, value: str) -> dict[str, str]:
    return {"Code": "InvalidArgument", "Message": message, "ArgumentName": name, "ArgumentValue": value}


@pytest.mark.parametrize("name", ["ab", "Upper", "under_score", "a..b", "10.0.0.1", "xn--a", "sthree-a", "a-s3alias"])
def test_names_that_buckets_cannot_have(s3: Any, name: str) -> None:
    assert refused(s3.create_bucket, Bucket=name) == {
        "Code": "InvalidBucketName",
        "Message": "The specified bucket is not valid.",
        "BucketName": name,
    }


@pytest.mark.parametrize("place", ["us-east-1", "nowhere-1"])
def test_places_that_buckets_cannot_be_in(s3: Any, place: str) -> None:
    where = {"LocationConstraint": place}
    assert refused(s3.create_bucket, Bucket=uuid.uuid4().hex, CreateBucketConfiguration=where) == {
        "Code": "InvalidLocationConstraint",
        "Message": "The specified location-constraint is not valid",
        "LocationConstraint": place,
    }


def test_a_configuration_of_a_bucket_says_something(s3: Any) -> None:
    where = {"LocationConstraint": ""}
    assert refused(s3.create_bucket, Bucket=uuid.uuid4().hex, CreateBucketConfiguration=where) == MALFORMED


def test_a_new_bucket_blocks_public_access(s3: Any, bucket: str) -> None:
    settings = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert settings == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )


def test_a_policy_is_json(s3: Any, bucket: str) -> None:
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="x") == {
        "Code": "MalformedPolicy",
        "Message": "Policies must be valid JSON and the first byte must be '{'",
    }
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="{")["Code"] == "MalformedPolicy"
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="{}") == {
        "Code": "MalformedPolicy",
        "Message": "Missing required field Statement",
    }


def test_what_a_bucket_does_not_have_is_refused_with_its_name(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == {
        "Code": "NoSuchTagSet",
        "Message": "The TagSet does not exist",
        "BucketName": bucket,
    }
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == {
        "Code": "NoSuchLifecycleConfiguration",
        "Message": "The lifecycle configuration does not exist",
        "BucketName": bucket,
    }
    assert refused(s3.delete_bucket, Bucket=bucket) == {
        "Code": "BucketNotEmpty",
        "Message": "The bucket you tried to delete is not empty",
        "BucketName": bucket,
    }


def test_versioning_names_a_status(s3: Any, bucket: str) -> None:
    assert refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={}) == {
        "Code": "IllegalVersioningConfigurationException",
        "Message": "The Versioning element must be specified",
    }


def test_listings_refuse_parameters_they_do_not_know(s3: Any, bucket: str) -> None:
    token = "The continuation token provided is incorrect"
    wrong = argument(token, "continuation-token", "bad")
    assert refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="bad") == wrong
    del wrong["ArgumentValue"]
    assert refused(s3.list_objects_v2, Bucket=bucket, ContinuationToken="") == wrong
    assert refused(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1) == argument(
        "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", "-1"
    )
    assert refused(s3.list_objects_v2, Bucket=bucket, MaxKeys="many") == argument(
        "Provided max-keys not an integer or within integer range", "max-keys", "many"
    )
    assert refused(s3.list_objects, Bucket=bucket, EncodingType="value") == argument(
        "Invalid Encoding Method specified in Request", "encoding-type", "value"
    )


def test_a_page_has_at_most_1000_keys_and_may_have_none(s3: Any, bucket: str) -> None:
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000
    none = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"]) == (0, False)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1})
    found = [
        [o["Key"] for o in p.get("Contents", [])] + [c["Prefix"] for c in p.get("CommonPrefixes", [])] for p in pages
    ]
    assert found == [["a"], ["b/"], ["c"]]


def tag_set(*tags: tuple[str, str]) -> dict[str, Any]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}


@pytest.mark.parametrize(
    ("tags", "message", "elements"),
    [
        ([("k", "1"), ("k", "2")], "Cannot provide multiple Tags with the same key", {"TagKey": "k"}),
        ([("a,b", "1")], "The TagKey you have provided is invalid", {"TagKey": "a,b"}),
        ([("k" * 129, "1")], "The TagKey you have provided is invalid", {"TagKey": "k" * 129}),
        ([("k", "a,b")], "The TagValue you have provided is invalid", {"TagKey": "k", "TagValue": "a,b"}),
    ],
)
def test_tags_that_are_refused(
    s3: Any, bucket: str, tags: list[tuple[str, str]], message: str, elements: dict[str, str]
) -> None:
    expected = {"Code": "InvalidTag", "Message": message, **elements}
    assert refused(s3.put_bucket_tagging, Bucket=bucket, Tagging=tag_set(*tags)) == expected
    assert refused(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging=tag_set(*tags)) == expected


def test_tags_of_aws_are_not_for_callers(s3: Any, bucket: str) -> None:
    tags = tag_set(("aws:x", "1"))
    of_bucket = refused(s3.put_bucket_tagging, Bucket=bucket, Tagging=tags)
    assert of_bucket["Message"] == "System tags cannot be added/updated by requester"
    of_object = refused(s3.put_object_tagging, Bucket=bucket, Key="a", Tagging=tags)
    assert of_object["Message"] == "Your TagKey cannot be prefixed with aws:"


@pytest.mark.parametrize("tagging", ["k=1&k=2", "k=1,l=2"])
def test_tags_in_a_header_are_a_query(s3: Any, bucket: str, tagging: str) -> None:
    assert refused(s3.put_object, Bucket=bucket, Key="t", Body=b"", Tagging=tagging) == argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
        "duplicates.",
        "x-amz-tagging",
        tagging,
    )
    s3.put_object(Bucket=bucket, Key="t", Body=b"", Tagging="k=1&l")
    assert s3.get_object_tagging(Bucket=bucket, Key="t")["TagSet"] == tag_set(("k", "1"), ("l", ""))["TagSet"]


def rule(**members: Any) -> dict[str, Any]:
    return {"ID": "a", "Status": "Enabled", "Filter": {}, **members}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], MALFORMED),
        ([{"ID": "a", "Status": "Enabled", "Expiration": {"Days": 1}}], MALFORMED),
        ([rule(Filter={"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}}, Expiration={"Days": 1})], MALFORMED),
        ([rule(NoncurrentVersionExpiration={})], MALFORMED),
        ([rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})], MALFORMED),
        ([rule()], {"Code": "InvalidRequest", "Message": "At least one action needs to be specified in a rule"}),
        (
            [rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2}, Filter={"Prefix": "b"})],
            argument("Rule ID must be unique. Found same ID for more than one rule", "id", "a"),
        ),
        (
            [rule(Expiration={"Date": "2030-01-01T12:00:00Z"})],
            argument("'Date' must be at midnight GMT", "Date", "2030-01-01T12:00:00Z"),
        ),
        (
            [rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])],
            {
                "Code": "InvalidArgument",
                "Message": "'Days' in Transition action must be greater than or equal to 30 for storageClass "
                "'STANDARD_IA'",
            },
        ),
        (
            [
                rule(
                    Filter={"Prefix": "raw/"},
                    Expiration={"Days": 30},
                    Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}],
                )
            ],
            {
                "Code": "InvalidArgument",
                "Message": "'Days' in the Expiration action for filter '(prefix=raw/)' must be greater than 'Days' in "
                "the Transition action",
            },
        ),
    ],
)
def test_lifecycle_rules_that_are_refused(
    s3: Any, bucket: str, rules: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    request = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": rules}}
    assert refused(s3.put_bucket_lifecycle_configuration, **request) == expected


def test_objects_tell_when_they_expire(s3: Any) -> None:
    bucket = uuid.uuid4().hex
    s3.create_bucket(Bucket=bucket)
    rules = [
        rule(Filter={"Prefix": "raw/"}, Expiration={"Days": 30}, Transitions=[{"Days": 29, "StorageClass": "GLACIER"}]),
        {"Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        rule(ID="big", Filter={"And": {"Prefix": "big/", "ObjectSizeGreaterThan": 1}}, Expiration={"Days": 1}),
        rule(ID="of a tag", Filter={"Tag": {"Key": "k", "Value": "v"}}, Expiration={"Date": "2099-01-01T00:00:00Z"}),
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert kept[1]["Filter"] == {"Prefix": ""}
    assert len(kept[1]["ID"]) > 10
    before = datetime.now(UTC)
    put = s3.put_object(Bucket=bucket, Key="raw/x", Body=b"1")
    days = {
        (moment + timedelta(days=31)).strftime("%a, %d %b %Y 00:00:00 GMT") for moment in (before, datetime.now(UTC))
    }
    assert put["Expiration"] in {f'expiry-date="{day}", rule-id="a"' for day in days}
    assert s3.head_object(Bucket=bucket, Key="raw/x")["Expiration"] == put["Expiration"]
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="big/x", Body=b"1")
    assert 'rule-id="big"' in s3.put_object(Bucket=bucket, Key="big/x", Body=b"12")["Expiration"]
    s3.put_object(Bucket=bucket, Key="x", Body=b"1", Tagging="k=v")
    assert s3.head_object(Bucket=bucket, Key="x")["Expiration"] == (
        'expiry-date="Thu, 01 Jan 2099 00:00:00 GMT", rule-id="of%20a%20tag"'
    )


def test_a_bucket_tells_its_place(s3: Any, bucket: str) -> None:
    head = s3.head_bucket(Bucket=bucket)
    assert (head["BucketRegion"], head["AccessPointAlias"]) == ("us-east-1", False)
    listed = s3.list_objects_v2(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert listed["x-amz-bucket-region"] == "us-east-1"
    elsewhere = uuid.uuid4().hex
    where = {"LocationConstraint": "eu-west-1"}
    made = s3.create_bucket(Bucket=elsewhere, CreateBucketConfiguration=where)
    assert made["Location"] == f"http://{elsewhere}.s3.amazonaws.com/"
    assert s3.head_bucket(Bucket=elsewhere)["BucketRegion"] == "eu-west-1"


def test_keys_of_versions_are_encoded_on_the_way(s3: Any) -> None:
    bucket, key = uuid.uuid4().hex, "a b/é+\x01%"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    listed = s3.list_object_versions(Bucket=bucket, Prefix="a b/")
    assert (listed["EncodingType"], listed["Prefix"], listed["Versions"][0]["Key"]) == ("url", "a b/", key)
    assert refused(s3.list_object_versions, Bucket=bucket, VersionIdMarker="null") == argument(
        "A version-id marker cannot be specified without a key marker.", "version-id-marker", "null"
    )
