"""Read an S3 object piece by piece, so that no connection stays open while the replay waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.replay.errors import NoSuchObjectError, ObjectChangedError

RANGE_BYTES = 2 * 1024 * 1024
# Small, because several blocks of records wait between reading and sending, and a record takes four times its line.
CHUNK_BYTES = 256 * 1024
TRIES = 5

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceObject:
    """One version of an S3 object, as its ETag names it."""

    bucket: str
    key: str
    etag: str
    size_bytes: int

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def find_object(s3: Any, bucket: str, key: str) -> SourceObject:
    """Return the object as it is now.

    Raises
    ------
    NoSuchObjectError
        If there is no such bucket or object.
    """
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise NoSuchObjectError(f"s3://{bucket}/{key}") from error
        raise
    return SourceObject(bucket, key, head["ETag"], head["ContentLength"])


def object_chunks(s3: Any, source: SourceObject, start_byte: int = 0) -> Iterator[bytes]:
    """Read an object in ranges of `RANGE_BYTES`, handed out in chunks of at most `CHUNK_BYTES`.

    A range whose body breaks off is asked for again; memory does not depend on the object's size.

    Raises
    ------
    ObjectChangedError
        If the object is replaced meanwhile.
    """
    for start in range(start_byte, source.size_bytes, RANGE_BYTES):
        end = min(start + RANGE_BYTES, source.size_bytes) - 1
        try:
            body = _get_range(s3, source, start, end)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 412, 416):
                raise ObjectChangedError(source.uri) from error
            raise
        for at in range(0, len(body), CHUNK_BYTES):
            yield body[at : at + CHUNK_BYTES]


def _get_range(s3: Any, source: SourceObject, start: int, end: int) -> bytes:
    for left in reversed(range(TRIES)):
        answer = s3.get_object(Bucket=source.bucket, Key=source.key, Range=f"bytes={start}-{end}", IfMatch=source.etag)
        try:
            body: bytes = answer["Body"].read()
        except BotoCoreError as error:
            # botocore repeats requests, but not a body that breaks off after a good answer
            if not left:
                raise
            _logger.warning("%s from byte %d broke off (%s); asking again", source.uri, start, error)
        else:
            return body
    raise AssertionError("unreachable: the last try returns or raises")
