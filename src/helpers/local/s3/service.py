"""S3 in front of the emulator's: calls are checked first, and answers get what AWS tells besides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from ministack.services import s3 as emulator

from helpers.local.s3 import buckets, lifecycle, listing, multipart, objects, presigned, tagging
from helpers.local.s3.answers import amended
from helpers.local.s3.calls import Answer, Call
from helpers.local.s3.errors import S3Error, completed, refusal

Handler = Callable[..., Awaitable[Answer]]

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
DEFAULT_CONTENT_TYPE = "binary/octet-stream"


def install(handlers: dict[str, Any]) -> None:
    """Put the checks in front of the emulator's S3."""
    emulated: Handler = handlers["s3"]
    emulator._new_bucket_public_access_block = buckets.public_access_block

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any], **more: Any
    ) -> Answer:
        bucket, _, key = path.lstrip("/").partition("/")
        call = Call(method, bucket, key, headers, body, query_params)
        try:
            call = checked(call)
        except S3Error as error:
            return refusal(call, error)
        status, answered, content = await emulated(method, path, call.headers, call.body, call.query, **more)
        if status >= 400:
            return completed(call, status, answered, content)
        return amended(call, status, answered, content)

    handlers["s3"] = handle


def checked(call: Call) -> Call:
    """Return the call as the emulator is to get it.

    Raises
    ------
    S3Error
        If AWS refuses it.
    """
    if not call.bucket:
        return call
    presigned.check_time(call)
    if not call.key:
        return _of_bucket(call)
    objects.check_key(call)
    objects.check_version(call)
    if call.method in ("GET", "HEAD") and call.on_object:
        objects.check_part_number(call)
        return replace(call, headers=objects.readable_headers(call))
    if call.method == "GET" and "uploadId" in call.query:
        listing.check_maximum(call, "max-parts", "max-parts")
    elif call.method == "PUT" and "uploadId" in call.query:
        multipart.check_part(call)
    elif call.method == "PUT" and "tagging" in call.query:
        tagging.check_tags(call)
    elif call.method == "POST" and "uploadId" in call.query:
        multipart.check_completion(call)
    elif _creates(call):
        for check in objects.WRITING:
            check(call)
        return replace(call, headers={**_defaults(call), **call.headers})
    return call


def _defaults(call: Call) -> dict[str, str]:
    """Return the headers that stand for those left out of a write; a copy has a class of its own, not its source's."""
    if "x-amz-copy-source" not in call.headers:
        return {"content-type": DEFAULT_CONTENT_TYPE}
    replaced = call.headers.get("x-amz-metadata-directive") == "REPLACE"
    return {"x-amz-storage-class": "STANDARD", **({"content-type": DEFAULT_CONTENT_TYPE} if replaced else {})}


def _of_bucket(call: Call) -> Call:
    match call.method:
        case "GET" if not call.query.keys() - listing.PARAMETERS or "versions" in call.query:
            listing.check_listing(call)
            return replace(call, query=listing.capped(call.query))
        case "GET" if "uploads" in call.query:
            listing.check_maximum(call, "max-uploads", "max-uploads")
        case "PUT" if "lifecycle" in call.query:
            return replace(call, body=lifecycle.checked(call))
        case "PUT" if "tagging" in call.query:
            tagging.check_tags(call)
        case "PUT" if "policy" in call.query:
            buckets.check_policy(call)
        case "PUT" if "versioning" in call.query:
            buckets.check_versioning(call)
        case "PUT" if not call.query.keys() - {"x-id"}:
            buckets.check_creation(call)
        case "POST" if "delete" in call.query:
            objects.check_deletions(call)
    return call


def _creates(call: Call) -> bool:
    return (call.method == "PUT" and call.on_object) or (call.method == "POST" and "uploads" in call.query)
