"""Upload to S3 while the data is still being made, with bounded memory and nothing left on failure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from botocore.config import Config

# S3 takes parts of 5 MiB to 5 GiB, at most 10,000 of them, the last may be smaller:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
PART_BYTES = 8 * 1024 * 1024
PARTS_IN_FLIGHT = 4
_BEFORE_A_PART = "before-call.s3.UploadPart"


class MultipartUpload:
    """A multipart upload to write to; parts go out while the next is being filled."""

    def __init__(self, s3: Any, bucket: str, key: str, content_type: str) -> None:
        self._s3 = s3
        self._object = {"Bucket": bucket, "Key": key}
        self._upload_id: str = s3.create_multipart_upload(**self._object, ContentType=content_type)["UploadId"]
        self._pool = ThreadPoolExecutor(PARTS_IN_FLIGHT, thread_name_prefix="upload-part")
        self._in_flight: deque[Future[dict[str, Any]]] = deque()
        self._parts: list[dict[str, Any]] = []
        self._sent = 0
        self._filling: list[bytes] = []
        self._filling_bytes = 0

    def write(self, data: bytes) -> None:
        """Add data; blocks while `PARTS_IN_FLIGHT` parts are on their way.

        Raises
        ------
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError
            If an earlier part failed.
        """
        self._filling.append(data)
        self._filling_bytes += len(data)
        if self._filling_bytes >= PART_BYTES:
            self._send()

    def complete(self) -> None:
        """Send the rest and make the object appear."""
        if self._filling or not self._sent:
            self._send()
        self._wait_for(0)
        self._s3.complete_multipart_upload(
            **self._object, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )

    def abort(self) -> None:
        """Give up: no object, and no part that S3 would keep and charge for."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._s3.abort_multipart_upload(**self._object, UploadId=self._upload_id)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True)

    def _send(self) -> None:
        self._wait_for(PARTS_IN_FLIGHT - 1)
        self._sent += 1
        self._in_flight.append(self._pool.submit(self._upload_part, self._sent, b"".join(self._filling)))
        self._filling, self._filling_bytes = [], 0

    def _wait_for(self, left: int) -> None:
        while len(self._in_flight) > left:
            self._parts.append(self._in_flight.popleft().result())

    def _upload_part(self, number: int, body: bytes) -> dict[str, Any]:
        answer = self._s3.upload_part(**self._object, UploadId=self._upload_id, PartNumber=number, Body=body)
        return {"PartNumber": number, "ETag": answer["ETag"]}


@contextmanager
def multipart_upload(s3: Any, bucket: str, key: str, content_type: str) -> Iterator[MultipartUpload]:
    """Upload what is written in the context as one object; abort if the context ends with an error."""
    upload = MultipartUpload(s3, bucket, key, content_type)
    events = s3.meta.events
    events.register(_BEFORE_A_PART, _leave_bytes_unsigned, unique_id=__name__, unique_id_uses_count=True)
    try:
        yield upload
        upload.complete()
    except BaseException:
        upload.abort()
        raise
    finally:
        upload.close()
        events.unregister(_BEFORE_A_PART, unique_id=__name__, unique_id_uses_count=True)


def _leave_bytes_unsigned(context: dict[str, Any], **_: Any) -> None:
    """Sign a part's headers, its CRC32 among them, and not its bytes.

    boto3 does so over TLS anyway. Without it, to the local AWS, it would hash each part, a tenth of the cut's work.
    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (unsigned payload)
    """
    config = context["client_config"]
    context["client_config"] = config.merge(Config(s3=(config.s3 or {}) | {"payload_signing_enabled": False}))
