"""Where result files lie: the caller's bucket, or Athena's own storage for managed results."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from helpers.local import in_process
from helpers.local.athena.model import AthenaQueryError

_MANAGED_SCHEME = "managed://"
_WRITE_FAILED = 401  # Athena error catalog: failed to write query results to Amazon S3

_managed: dict[str, bytes] = {}
_lock = threading.Lock()


class ResultWriteError(AthenaQueryError):
    """S3 refused a result file; the reason is S3's own, as Athena passes it on."""

    def __init__(self, uri: str, code: str, message: str) -> None:
        status = 404 if code == "NoSuchBucket" else 403 if code == "AccessDenied" else 400
        reason = f"{message} (Service: Amazon S3; Status Code: {status}; Error Code: {code}; {uri})"
        super().__init__(reason, 2, _WRITE_FAILED)


class BucketOwnerError(AthenaQueryError):
    """The output bucket is not of the account that the caller expects."""

    def __init__(self, uri: str) -> None:
        super().__init__(
            f"Access denied when writing output to url: {uri} . Please ensure you are allowed to access the S3 "
            "bucket. If specifying an expected bucket owner, confirm the bucket is owned by the expected "
            "account. If you are encrypting query results with KMS key, please ensure you are allowed to "
            "access your KMS key",
            2,
            _WRITE_FAILED,
        )


@dataclass(frozen=True)
class OutputLocation:
    """The folder that a query's results go to.

    Parameters
    ----------
    folder
        `s3://…/`, or Athena's own storage.
    headers
        Headers that every object there needs (encryption, canned ACL).
    expected_owner
        Account that the bucket must belong to, None for any.
    account
        Account that the query runs in.
    """

    folder: str
    headers: dict[str, str] = field(default_factory=dict)
    expected_owner: str | None = None
    account: str = ""

    @property
    def is_managed(self) -> bool:
        return self.folder.startswith(_MANAGED_SCHEME)

    def write(self, name: str, body: bytes, content_type: str = "application/octet-stream") -> str:
        """Write the file `name` and return its URI.

        Raises
        ------
        AthenaQueryError
            If the bucket does not exist, is another account's, or S3 refuses the object.
        """
        uri = self.folder + name
        if self.is_managed:
            with _lock:
                _managed[uri] = body
            return uri
        if self.expected_owner and self.expected_owner != self.account:
            raise BucketOwnerError(uri)
        bucket, key = split(uri)
        try:
            in_process.s3_request("PUT", bucket, key, body, {"content-type": content_type, **self.headers})
        except in_process.ServiceCallError as error:
            raise ResultWriteError(uri, error.code, error.message) from error
        return uri


def managed_location(query_id: str) -> OutputLocation:
    """Return Athena's own storage for the results of one query."""
    return OutputLocation(f"{_MANAGED_SCHEME}{query_id}/")


def output_location(settings: dict[str, Any], account: str) -> OutputLocation:
    """Return the place that a ResultConfiguration names, with the headers that its objects need."""
    folder = settings["OutputLocation"].rstrip("/") + "/"
    encryption = settings.get("EncryptionConfiguration") or {}
    headers: dict[str, str] = {}
    if encryption.get("EncryptionOption") == "SSE_S3":
        headers["x-amz-server-side-encryption"] = "AES256"
    elif encryption.get("EncryptionOption") == "SSE_KMS":
        headers["x-amz-server-side-encryption"] = "aws:kms"
        if encryption.get("KmsKey"):
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = encryption["KmsKey"]
    if (settings.get("AclConfiguration") or {}).get("S3AclOption") == "BUCKET_OWNER_FULL_CONTROL":
        headers["x-amz-acl"] = "bucket-owner-full-control"
    return OutputLocation(folder, headers, settings.get("ExpectedBucketOwner"), account)


def read(uri: str) -> memoryview | None:
    """Return a result file's bytes, None if it has been deleted."""
    if uri.startswith(_MANAGED_SCHEME):
        with _lock:
            body = _managed.get(uri)
        return None if body is None else memoryview(body)
    try:
        return in_process.read_object(*split(uri))
    except in_process.ServiceCallError:
        return None


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
