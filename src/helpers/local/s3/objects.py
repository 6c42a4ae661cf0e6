"""What calls on objects may not ask for, and what the emulator is asked for instead."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote

from ministack.services import s3 as emulator

from helpers.local.s3.calls import Call
from helpers.local.s3.documents import parsed
from helpers.local.s3.errors import S3Error, invalid_argument, malformed_xml
from helpers.local.s3.tagging import ALLOWED

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
MAX_METADATA_BYTES = 2048
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MAX_DELETED = 1000

_METADATA = "x-amz-meta-"
_CHECKSUM_BYTES = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
_CHANGING = (
    "x-amz-checksum-algorithm",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")
_VERSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|null")


def check_key(call: Call) -> None:
    size = len(call.key.encode())
    if size > MAX_KEY_BYTES:
        raise S3Error(400, "KeyTooLongError", "Your key is too long", Size=size, MaxSizeAllowed=MAX_KEY_BYTES)


def check_version(call: Call) -> None:
    """Refuse a version that cannot be one: the emulator's have the form of UUIDs."""
    version = call.parameter("versionId")
    if version is not None and not _VERSION.fullmatch(version):
        raise invalid_argument("Invalid version id specified", "versionId", version)


def check_metadata(call: Call) -> None:
    size = sum(
        len(name) - len(_METADATA) + len(value.encode())
        for name, value in call.headers.items()
        if name.startswith(_METADATA)
    )
    if size > MAX_METADATA_BYTES:
        raise S3Error(
            400,
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=size,
            MaxSizeAllowed=MAX_METADATA_BYTES,
        )


def check_tagging_header(call: Call) -> None:
    tagging = call.headers.get("x-amz-tagging")
    if not tagging:
        return
    tags = parse_qsl(tagging, keep_blank_values=True)
    if len({key for key, _ in tags}) < len(tags) or not all(ALLOWED.fullmatch(text) for tag in tags for text in tag):
        raise invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name duplicates.",
            "x-amz-tagging",
            tagging,
        )


def check_conditional_write(call: Call) -> None:
    """Refuse a condition that AWS has for reading alone.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    if call.headers.get("if-none-match", "*").strip() != "*":
        raise S3Error(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            Header="If-None-Match",
            additionalMessage="We don't accept the provided value of If-None-Match header for this API",
        )


def check_checksums(call: Call) -> None:
    """Refuse a checksum that cannot be one, before it is compared with the body's."""
    for algorithm, size in _CHECKSUM_BYTES.items():
        name = f"x-amz-checksum-{algorithm}"
        given = call.headers.get(name)
        if given is not None and not _is_base64_of(given, size):
            raise S3Error(400, "InvalidRequest", f"Value for {name} header is invalid.")


def _is_base64_of(text: str, size: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except ValueError:
        return False


def check_copy(call: Call) -> None:
    """Refuse a copy of an object to itself that changes nothing.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    source = call.headers.get("x-amz-copy-source")
    if source is None:
        return
    directive = call.headers.get("x-amz-metadata-directive", "COPY")
    if directive not in ("COPY", "REPLACE"):
        raise invalid_argument("Unknown metadata directive.", "x-amz-metadata-directive", directive)
    same = unquote(source).removeprefix("/") == f"{call.bucket}/{call.key}"
    if same and directive == "COPY" and not _changes(call):
        raise S3Error(
            400,
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        )


def _changes(call: Call) -> bool:
    """Whether a copy to itself, its metadata kept, changes an object: by what is asked for, or by what is not."""
    record = call.record() or {}
    encryption = any(name.startswith(_CHANGING) for name in record.get("preserved_headers", {}))
    return (
        any(name.startswith(_CHANGING) for name in call.headers)
        or encryption
        or call.bucket in emulator._bucket_encryption
        or record.get("storage_class", "STANDARD") != "STANDARD"
    )


def check_part_number(call: Call) -> None:
    """Refuse to read a part that the object does not have; one put as a whole is its own first part."""
    asked, record = call.parameter("partNumber"), call.record()
    if asked is None or record is None or not asked.isdecimal():
        return
    if "range" in call.headers:
        raise S3Error(400, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
    count = len(record.get("parts") or "1")
    if not 1 <= int(asked) <= count:
        raise S3Error(
            416,
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            PartNumberRequested=asked,
            ActualPartCount=count,
        )


def readable_headers(call: Call) -> dict[str, str]:
    """Return the headers of a read without a range that S3 does not take for one: it then sends the whole.

    An object put as a whole is read as its first part by the range of all its bytes.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    headers, record = call.headers, call.record()
    if "range" not in headers:
        if call.parameter("partNumber") == "1" and record and record["size"] and not record.get("parts"):
            return {**headers, "range": "bytes=0-"}
        return headers
    found = _RANGE.fullmatch(headers["range"].strip())
    if found and not (found[2] and int(found[2]) < int(found[1])):
        return headers
    return {name: value for name, value in headers.items() if name != "range"}


def check_deletions(call: Call) -> None:
    if not 1 <= len(parsed(call.body).findall("Object")) <= MAX_DELETED:
        raise malformed_xml()


WRITING: tuple[Callable[[Call], None], ...] = (
    check_checksums,
    check_metadata,
    check_tagging_header,
    check_conditional_write,
    check_copy,
)
