"""What the emulator's CloudFormation leaves out of a bucket: encryption, lifecycle and tags.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from ministack.services import s3

Properties = dict[str, Any]
# A property's name, its value as the body of a request to S3, what puts it and what deletes it.
Configuration = tuple[str, Callable[[Any], bytes], Callable[[str, bytes], Any], Callable[[str], Any]]

# Members that templates call otherwise than the API does.
_LIFECYCLE = {"Id": "ID", "TransitionInDays": "Days", "TransitionDate": "Date"}


def configurations() -> tuple[Configuration, ...]:
    """Return the properties to be added to those that the emulator stores."""
    return (
        ("BucketEncryption", _encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        ("LifecycleConfiguration", _lifecycle, s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
        ("Tags", _tagging, s3._put_bucket_tagging, s3._delete_bucket_tagging),
    )


def _encryption(properties: Properties) -> bytes:
    rules = []
    for rule in properties["ServerSideEncryptionConfiguration"]:
        named = {name: value for name, value in rule.items() if name != "ServerSideEncryptionByDefault"}
        if "ServerSideEncryptionByDefault" in rule:
            named["ApplyServerSideEncryptionByDefault"] = rule["ServerSideEncryptionByDefault"]
        rules.append(named)
    return _body("PutBucketEncryption", ServerSideEncryptionConfiguration={"Rules": rules})


def _tagging(tags: list[Properties]) -> bytes:
    return _body("PutBucketTagging", Tagging={"TagSet": tags})


def _lifecycle(properties: Properties) -> bytes:
    rules = [_rule(rule) for rule in properties["Rules"]]
    return _body("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": rules})


def _rule(rule: Properties) -> Properties:
    renamed = {_LIFECYCLE.get(name, name): value for name, value in rule.items()}
    expiration = {
        member: renamed.pop(name)
        for name, member in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in renamed
    }
    if expiration:
        renamed["Expiration"] = expiration
    if "Transitions" in renamed:
        renamed["Transitions"] = [
            {_LIFECYCLE.get(name, name): value for name, value in each.items()} for each in renamed["Transitions"]
        ]
    return renamed | {"Filter": {"Prefix": renamed.pop("Prefix", "")}}


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")


def _body(operation: str, **parameters: Any) -> bytes:
    """Return the body that boto3 would send."""
    serializer = create_serializer("rest-xml", include_validation=False)
    request = serializer.serialize_to_request({"Bucket": "any", **parameters}, _model().operation_model(operation))
    body: bytes = request["body"]
    return body
