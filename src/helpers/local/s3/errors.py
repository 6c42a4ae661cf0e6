"""Refusals of S3, with the elements that AWS adds to each.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import base64
import re
import uuid
import xml.etree.ElementTree as ET
from hashlib import md5
from typing import Any

from ministack.services import s3 as emulator

from helpers.local.aws_error import AwsError
from helpers.local.s3.calls import Answer, Call

_NO_SUCH_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed."
)
_ABOUT_THE_BUCKET = frozenset(
    {
        "BucketAlreadyOwnedByYou",
        "BucketNotEmpty",
        "InvalidBucketName",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NoSuchWebsiteConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
    }
)
_CONDITIONS = (
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "x-amz-copy-source-If-Match",
    "x-amz-copy-source-If-None-Match",
    "x-amz-copy-source-If-Modified-Since",
    "x-amz-copy-source-If-Unmodified-Since",
)


class S3Error(AwsError):
    """A refusal with a status and further elements."""

    def __init__(self, status: int, code: str, message: str, **elements: object) -> None:
        super().__init__(code, message)
        self.status = status
        self.elements = elements


def malformed_xml() -> S3Error:
    return S3Error(
        400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


def invalid_argument(message: str, name: str, value: object) -> S3Error:
    return S3Error(400, "InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def refusal(call: Call, error: S3Error) -> Answer:
    """Return the answer that refuses a call."""
    return _document(call, error.status, error.code, error.message, error.elements)


def completed(call: Call, status: int, headers: dict[str, str], content: bytes) -> Answer:
    """Return an error of the emulator with AWS's words and elements instead of the path alone."""
    try:
        document = ET.fromstring(content)
    except ET.ParseError:
        return status, headers, content
    code, message = document.findtext("Code", ""), document.findtext("Message", "")
    found = {e.tag: e.text for e in document if e.tag not in ("Code", "Message", "Resource", "RequestId", "HostId")}
    if code == "NoSuchUpload":
        message = _NO_SUCH_UPLOAD
    elif code == "InvalidDigest":
        message = "The Content-MD5 you specified was invalid."
    elif code == "BucketNotEmpty" and call.bucket in emulator._bucket_versioning:
        message += ". You must delete all versions in the bucket."
    return _document(call, status, code, message, {**_elements(call, code), **found}, headers)


def _elements(call: Call, code: str) -> dict[str, object]:
    if code in _ABOUT_THE_BUCKET:
        source = call.headers.get("x-amz-copy-source", "").lstrip("/").partition("/")[0]
        missing = source if source and call.bucket in emulator._buckets else call.bucket
        return {"BucketName": missing}
    match code:
        case "NoSuchKey":
            return {"Key": call.source_key or call.key}
        case "NoSuchVersion":
            return {"Key": call.key, "VersionId": call.parameter("versionId")}
        case "NoSuchUpload":
            return {"UploadId": call.parameter("uploadId")}
        case "MethodNotAllowed" if call.parameter("versionId"):
            return {"Method": call.method, "ResourceType": "DeleteMarker"}
        case "InvalidRange":
            record = call.record()
            return {"RangeRequested": call.headers.get("range"), "ActualObjectSize": record["size"] if record else None}
        case "PreconditionFailed":
            return {"Condition": next((name for name in _CONDITIONS if name.lower() in call.headers), None)}
        case "InvalidStorageClass":
            return {"StorageClassRequested": call.headers.get("x-amz-storage-class")}
        case "InvalidArgument" if "x-amz-copy-source-range" in call.headers:
            name = "x-amz-copy-source-range"
            return {"ArgumentName": name, "ArgumentValue": call.headers[name]}
        case "InvalidDigest":
            return {"Content-MD5": call.headers.get("content-md5")}
        case "BadDigest" if "content-md5" in call.headers:
            calculated = base64.b64encode(md5(call.body, usedforsecurity=False).digest()).decode("ascii")
            return {"ExpectedDigest": call.headers["content-md5"], "CalculatedDigest": calculated}
    return {}


def _document(
    call: Call,
    status: int,
    code: str,
    message: str,
    elements: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Answer:
    root = ET.Element("Error")
    request_id = uuid.uuid4().hex[:16].upper()
    members = {"Code": code, "Message": message, **elements, "RequestId": request_id}
    for name, value in members.items():
        if value is not None:
            ET.SubElement(root, name).text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", str(value))
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    kept = {name: value for name, value in (headers or {}).items() if name.lower() != "content-length"}
    return (
        status,
        {**kept, "Content-Type": "application/xml", "x-amz-request-id": request_id},
        b"" if call.method == "HEAD" else content,
    )
