"""Read an S3 object piece by piece, so that no connection stays open while the replay waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.dataset.clean import MAX_LINE_BYTES
from helpers.replay.errors import NoSuchObjectError, ObjectChangedError

RANGE_BYTES = 2 * 1024 * 1024
TRIES = 5

_logger = logging.getLogger(__name__)


def object_chunks(s3: Any, bucket: str, key: str) -> Iterator[bytes]:
    """Read an object in ranges of `RANGE_BYTES`, handed out in chunks of at most `MAX_LINE_BYTES`.

    A range whose body breaks off is asked for again; memory does not depend on the object's size.

    Raises
    ------
    NoSuchObjectError
        If there is no such bucket or object.
    ObjectChangedError
        If the object is replaced meanwhile.
    """
    uri = f"s3://{bucket}/{key}"
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise NoSuchObjectError(uri) from error
        raise
    size_bytes, etag = head["ContentLength"], head["ETag"]
    for start in range(0, size_bytes, RANGE_BYTES):
        end = min(start + RANGE_BYTES, size_bytes) - 1
        try:
            body = _get_range(s3, bucket, key, etag, start, end)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 412, 416):
                raise ObjectChangedError(uri) from error
            raise
        for at in range(0, len(body), MAX_LINE_BYTES):
            yield body[at : at + MAX_LINE_BYTES]


def _get_range(s3: Any, bucket: str, key: str, etag: str, start: int, end: int) -> bytes:
    for left in reversed(range(TRIES)):
        answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{end}", IfMatch=etag)
        try:
            body: bytes = answer["Body"].read()
        except BotoCoreError as error:
            # botocore repeats requests, but not a body that breaks off after a good answer
            if not left:
                raise
            _logger.warning("s3://%s/%s from byte %d broke off (%s); asking again", bucket, key, start, error)
        else:
            return body
    raise AssertionError("unreachable: the last try returns or raises")
