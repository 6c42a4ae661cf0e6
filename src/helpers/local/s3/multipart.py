"""Multipart uploads: what a list of parts may be when the upload is completed.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

from itertools import pairwise

from ministack.services import s3 as emulator

from helpers.local.s3.calls import Call
from helpers.local.s3.documents import number, parsed
from helpers.local.s3.errors import S3Error, invalid_argument, malformed_xml

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MIN_PART_BYTES = 5 * 2**20
MAX_PARTS = 10_000


def check_part(call: Call) -> None:
    asked = call.parameter("partNumber") or ""
    if not asked.isdecimal() or not 1 <= int(asked) <= MAX_PARTS:
        raise invalid_argument(
            f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive", "partNumber", asked
        )


def check_completion(call: Call) -> None:
    """Raise if the parts are not there, not in order, or too small; the upload stays open then."""
    upload_id = call.parameter("uploadId") or ""
    upload = emulator._multipart_uploads.get(upload_id)
    if upload is None or upload["key"] != call.key:
        return
    asked = [
        (number(part, "PartNumber"), (part.findtext("ETag") or "").strip('"'))
        for part in parsed(call.body).iter("Part")
    ]
    if not asked:
        raise S3Error(400, "InvalidRequest", "You must specify at least one part")
    numbers = [n for n, _ in asked if n is not None]
    if len(numbers) < len(asked):
        raise malformed_xml()
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise S3Error(
            400,
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            UploadId=upload_id,
        )
    held = upload["parts"]
    for part_number, etag in zip(numbers, (etag for _, etag in asked), strict=True):
        if part_number not in held or held[part_number]["etag"].strip('"') != etag:
            raise S3Error(
                400,
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag.",
                UploadId=upload_id,
                PartNumber=part_number,
                ETag=etag,
            )
    for part_number in numbers[:-1]:
        size = len(held[part_number]["body"])
        if size < MIN_PART_BYTES:
            raise S3Error(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                ETag=held[part_number]["etag"].strip('"'),
                MinSizeAllowed=MIN_PART_BYTES,
                PartNumber=part_number,
                ProposedSize=size,
            )
