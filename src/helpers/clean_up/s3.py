"""S3: the bucket with every version, delete marker and unfinished upload in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from helpers import costs
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_of
from helpers.clean_up.trouble import PATIENCE_SECONDS, code_of, delete, is_denied, is_gone
from helpers.errors import LabError
from helpers.waiting import until

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST_KEYS = 1000


class UndeletedObjectsError(LabError):
    """S3 refused to delete some of a bucket's objects."""

    def __init__(self, bucket: str, key: str, code: str, count: int) -> None:
        super().__init__(f"S3 refused to delete {count} objects of {bucket}, among them {key} ({code}).")


def find(search: Search) -> Iterator[Found]:
    """Yield the bucket; the price is that of keeping what is in it."""
    s3, settings = search.client("s3"), search.settings
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        arn = f"arn:{settings.partition}:s3:::{name}"
        tagged = _project(s3, name) if search.looks_similar(name) else None
        if search.is_ours("S3", "bucket", name, arn, {settings.bucket}, tagged):
            size, count, uploads = _content(s3, name)
            detail = f"{count:,} objects and versions, {size / 1e6:,.1f} MB" + f", {uploads} uploads" * bool(uploads)
            yield Found("S3", "bucket", name, arn, partial(_remove, s3, name), costs.kept_hourly_usd(size), detail)


def _content(s3: Any, bucket: str) -> tuple[int, int, int]:
    """Return bytes, number of versions and markers, and number of uploads; 0 of what the caller may not see."""
    size = count = uploads = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions, markers = page.get("Versions", []), page.get("DeleteMarkers", [])
            count += len(versions) + len(markers)
            size += sum(each["Size"] for each in versions)
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            uploads += len(page.get("Uploads", []))
    except ClientError as error:
        if not is_denied(error):
            raise
    return size, count, uploads


def _project(s3: Any, bucket: str) -> str | None:
    try:
        return project_of(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if code_of(error) == "NoSuchTagSet" or is_gone(error) or is_denied(error):
            return None
        raise


def empty(s3: Any, bucket: str) -> None:
    """Delete every version and delete marker, and abort every unfinished upload.

    Raises
    ------
    UndeletedObjectsError
        If S3 refuses some of them.
    """
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in entries]
        for start in range(0, len(objects), _MOST_KEYS):
            batch = {"Objects": objects[start : start + _MOST_KEYS], "Quiet": True}
            refused = s3.delete_objects(Bucket=bucket, Delete=batch).get("Errors", [])
            if refused:
                raise UndeletedObjectsError(bucket, refused[0]["Key"], refused[0]["Code"], len(refused))
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            delete(s3.abort_multipart_upload, Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _remove(s3: Any, bucket: str) -> None:
    def is_done() -> bool:
        try:
            empty(s3, bucket)
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if is_gone(error):
                return True
            # Something was delivered between the two calls.
            if code_of(error) not in ("BucketNotEmpty", "OperationAborted"):
                raise
            return False
        return True

    until(is_done, f"bucket {bucket} to be empty", PATIENCE_SECONDS)
