"""Buckets: which names and places AWS refuses, and their versioning.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import json
from functools import cache

from botocore.loaders import Loader
from ministack.services import s3 as emulator

from helpers.local.s3.calls import Call
from helpers.local.s3.documents import parsed
from helpers.local.s3.errors import S3Error, malformed_xml
from helpers.settings import S3_HOME_REGION

RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_creation(call: Call) -> None:
    if call.bucket.startswith(RESERVED_PREFIXES) or call.bucket.endswith(RESERVED_SUFFIXES):
        raise S3Error(400, "InvalidBucketName", "The specified bucket is not valid.", BucketName=call.bucket)
    configuration = parsed(call.body) if call.body else None
    if configuration is not None and (not len(configuration) or configuration.findtext("LocationConstraint") == ""):
        raise malformed_xml()
    place = None if configuration is None else configuration.findtext("LocationConstraint")
    # The home region has no constraint of its own; the emulator refuses it.
    if place and place != S3_HOME_REGION and place not in _places():
        raise S3Error(
            400,
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            LocationConstraint=place,
        )


def check_versioning(call: Call) -> None:
    if parsed(call.body).find("Status") is None:
        raise S3Error(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")


def check_policy(call: Call) -> None:
    """Refuse a policy that is no JSON.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    if not call.body.startswith(b"{"):
        raise S3Error(400, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    try:
        policy = json.loads(call.body)
    except ValueError as error:
        raise S3Error(400, "MalformedPolicy", "This policy contains invalid Json") from error
    statements = policy.get("Statement")
    if not isinstance(statements, dict) and not (
        isinstance(statements, list) and all(isinstance(statement, dict) for statement in statements)
    ):
        raise S3Error(400, "MalformedPolicy", "Missing required field Statement")


def public_access_block() -> dict[str, str]:
    """Return what a new bucket has: public access is blocked in every way since April 2023.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    return {"_public_access_block": emulator._NEW_BUCKET_PUBLIC_ACCESS_BLOCK}


@cache
def _places() -> frozenset[str]:
    model = Loader().load_service_model("s3", "service-2")
    return frozenset(model["shapes"]["BucketLocationConstraint"]["enum"])
