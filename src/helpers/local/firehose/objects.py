"""Objects on their way into a bucket: their names, and deliveries that are tried until they succeed.

https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html, https://docs.aws.amazon.com/firehose/latest/dev/retry.html
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpers.local import in_process
from helpers.local.firehose.compression import compressed
from helpers.local.firehose.destination import bucket_of, zone
from helpers.local.firehose.reporting import Reporter

_LEAST_RETRY_SECONDS, _MOST_RETRY_SECONDS = 1.0, 30.0
_KEEP_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Load:
    """What an object carries: its body before packing, how many records of how many bytes, and the oldest's arrival.

    `subject` is what CloudWatch calls its delivery: `DeliveryToS3` or `BackupToS3`.
    """

    body: bytes
    records: int
    size: int
    arrival: int
    subject: str = "DeliveryToS3"


@dataclass
class Delivery:
    """One object; `next_try` by the monotonic clock."""

    configuration: dict[str, Any]
    version: int
    key: str
    body: bytes
    headers: dict[str, str]
    load: Load
    since: float
    attempts: int = 0
    next_try: float = 0.0

    def attempt(self, now: float, reporter: Reporter) -> bool:
        """Put the object; return whether that is done with, else when to try again is set."""
        self.attempts += 1
        subject, bucket = self.load.subject, bucket_of(self.configuration)
        try:
            in_process.s3_request("PUT", bucket, self.key, self.body, self.headers)
        except in_process.ServiceCallError as error:
            reporter.count(f"{subject}.Success", 0)
            message = f"{error.message} s3://{bucket}/{self.key} will be tried again."
            reporter.error(self.configuration, self.version, f"S3.{error.code}", message)
            wait = min(_LEAST_RETRY_SECONDS * 2 ** min(self.attempts - 1, 10), _MOST_RETRY_SECONDS)
            self.next_try = now + wait
            return now - self.since > _KEEP_SECONDS
        reporter.count(f"{subject}.Success", 1)
        reporter.counts(subject, self.load.records, self.load.size)
        reporter.count(f"{subject}.DataFreshness", max(time.time() - self.load.arrival / 1000, 0), "Seconds")
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
    configuration: dict[str, Any], prefix: str, name: Naming, load: Load, extension: str | None = None
) -> Delivery:
    """Return the delivery of a load, compressed as the destination wants it.

    Parameters
    ----------
    prefix
        The evaluated prefix.
    extension
        End of the name; None for the one of the compression format. The destination's own goes first.
    """
    suffix = name.suffix
    packed = compressed(load.body, configuration["CompressionFormat"], suffix)
    headers = {"content-type": "application/octet-stream"}
    if packed.encoding is not None:
        headers["content-encoding"] = packed.encoding
    key = (configuration["EncryptionConfiguration"].get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
    if key is not None:
        headers |= {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
    end = configuration.get("FileExtension") or (packed.extension if extension is None else extension)
    since = time.monotonic()
    return Delivery(configuration, name.version, f"{prefix}{suffix}{end}", packed.body, headers, load, since)
