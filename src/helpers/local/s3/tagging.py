"""Tags of buckets and objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re

from helpers.local.s3.calls import Call
from helpers.local.s3.documents import parsed
from helpers.local.s3.errors import S3Error

MAX_KEY_CHARACTERS, MAX_VALUE_CHARACTERS = 128, 256
ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


def check_tags(call: Call) -> None:
    """Raise `InvalidTag` for a tag that AWS refuses."""
    seen: set[str] = set()
    for tag in parsed(call.body).iter("Tag"):
        key, value = tag.findtext("Key") or "", tag.findtext("Value") or ""
        if key in seen:
            raise _invalid("Cannot provide multiple Tags with the same key", TagKey=key)
        seen.add(key)
        if key.startswith("aws:"):
            of_object = "Your TagKey cannot be prefixed with aws:"
            raise _invalid(of_object if call.key else "System tags cannot be added/updated by requester", TagKey=key)
        if not 1 <= len(key) <= MAX_KEY_CHARACTERS or not ALLOWED.fullmatch(key):
            raise _invalid("The TagKey you have provided is invalid", TagKey=key)
        if len(value) > MAX_VALUE_CHARACTERS or not ALLOWED.fullmatch(value):
            raise _invalid("The TagValue you have provided is invalid", TagKey=key, TagValue=value)


def _invalid(message: str, **elements: str) -> S3Error:
    return S3Error(400, "InvalidTag", message, **elements)
