"""Objects on their way into a bucket: their names, and deliveries that are tried until they succeed.

https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html, https://docs.aws.amazon.com/firehose/latest/dev/retry.html
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpers.local import in_process
from helpers.local.firehose.compression import compressed
from helpers.local.firehose.destination import bucket_of, zone

logger = logging.getLogger(__name__)

_LEAST_RETRY_SECONDS, _MOST_RETRY_SECONDS = 1.0, 30.0
_KEEP_SECONDS = 24 * 3600


@dataclass
class Delivery:
    """One object; `next_try` by the monotonic clock."""

    bucket: str
    key: str
    body: bytes
    headers: dict[str, str]
    since: float
    attempts: int = 0
    next_try: float = 0.0

    def attempt(self, now: float) -> bool:
        """Put the object; return whether that is done with, else when to try again is set."""
        self.attempts += 1
        try:
            in_process.s3_request("PUT", self.bucket, self.key, self.body, self.headers)
        except in_process.ServiceCallError as error:
            logger.warning("S3.%s: s3://%s/%s: %s", error.code, self.bucket, self.key, error.message)
            wait = min(_LEAST_RETRY_SECONDS * 2 ** min(self.attempts - 1, 10), _MOST_RETRY_SECONDS)
            self.next_try = now + wait
            return now - self.since > _KEEP_SECONDS
        return True


@dataclass(frozen=True)
class Naming:
    """What names an object: the delivery stream, its version, and when the oldest record arrived."""

    stream: str
    version: int
    moment: datetime

    @property
    def suffix(self) -> str:
        return f"{self.stream}-{self.version}-{self.moment:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}"


def naming(stream: str, version: int, configuration: dict[str, Any], arrival: int) -> Naming:
    """Return how to name an object whose oldest record arrived at `arrival`, in milliseconds since the epoch."""
    local = datetime.fromtimestamp(arrival // 1000, zone(configuration.get("CustomTimeZone", "")))
    return Naming(stream, version, local)


def delivery(
    configuration: dict[str, Any], prefix: str, name: Naming, body: bytes, extension: str | None = None
) -> Delivery:
    """Return the delivery of a body, compressed as the destination wants it.

    Parameters
    ----------
    prefix
        The evaluated prefix.
    extension
        End of the name; None for the one of the compression format. The destination's own goes first.
    """
    suffix = name.suffix
    packed = compressed(body, configuration["CompressionFormat"], suffix)
    headers = {"content-type": "application/octet-stream"}
    if packed.encoding is not None:
        headers["content-encoding"] = packed.encoding
    key = (configuration["EncryptionConfiguration"].get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
    if key is not None:
        headers |= {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
    end = configuration.get("FileExtension") or (packed.extension if extension is None else extension)
    return Delivery(bucket_of(configuration), f"{prefix}{suffix}{end}", packed.body, headers, time.monotonic())
