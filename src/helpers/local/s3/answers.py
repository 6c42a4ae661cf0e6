"""Answers of the emulator with what AWS tells besides: headers, and members of XML documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from hashlib import md5
from typing import Any
from urllib.parse import quote

from ministack.services import s3 as emulator

from helpers.local.s3 import lifecycle, listing
from helpers.local.s3.calls import Answer, Call
from helpers.settings import S3_HOME_REGION

# Since January 2023 AWS encrypts every object so, and says it.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
ENCRYPTION = ("x-amz-server-side-encryption", "AES256")

_ENCODED = frozenset({"Key", "Prefix", "Delimiter", "KeyMarker", "NextKeyMarker"})


def amended(call: Call, status: int, headers: dict[str, str], content: Any) -> Answer:
    """Return the emulator's answer to a call that it did not refuse, with what is missing."""
    told = _of_object(call, status, headers) if call.key else _of_bucket(call)
    change = _change(call)
    if change is not None and isinstance(content, bytes) and content:
        content = _changed(content, call, change)
        told["Content-Length"] = str(len(content))
    return status, {**headers, **told}, content


def _of_bucket(call: Call) -> dict[str, str]:
    if call.method == "HEAD":
        return {"x-amz-access-point-alias": "false"}
    bucket = emulator._buckets.get(call.bucket)
    if call.method == "GET" and bucket and not call.query.keys() - listing.PARAMETERS:
        return {"x-amz-bucket-region": bucket.get("region") or S3_HOME_REGION}
    if call.method == "PUT" and not call.query.keys() - {"x-id"} and b"LocationConstraint" in call.body:
        return {"Location": f"http://{call.bucket}.s3.amazonaws.com/"}
    return {}


def _of_object(call: Call, status: int, answered: dict[str, str]) -> dict[str, str]:
    if status == 304 or call.method == "DELETE":
        return {}
    of_upload = call.query.keys() & {"uploadId", "uploads"} and call.method in ("PUT", "POST")
    if not call.on_object and not of_upload:
        return {}
    told: dict[str, str] = {}
    # Objects with a customer's own key name that key instead.
    if not any(name.lower().startswith(ENCRYPTION[0]) for name in answered):
        told[ENCRYPTION[0]] = ENCRYPTION[1]
    record = call.record() if call.on_object and "versionId" not in call.query else None
    if record is not None:
        expiration = lifecycle.expiration(call.bucket, call.key, record)
        if expiration is not None:
            told["x-amz-expiration"] = expiration
        checksums = record.get("checksums", {})
        if checksums and call.method == "PUT" and "x-amz-copy-source" not in call.headers:
            told |= {f"x-amz-checksum-{name.lower()}": value for name, value in checksums.items()}
            told["x-amz-checksum-type"] = "FULL_OBJECT"
    return told


# Keys may have characters that XML does not; encoded, they are told nevertheless.
_STAND_INS = {code: 0xE000 + code for code in range(32) if code not in (9, 10, 13)}
_STOOD_FOR = {stand_in: code for code, stand_in in _STAND_INS.items()}

Change = Callable[[Call, ET.Element], None]


def _change(call: Call) -> Change | None:
    if call.method == "PUT" and call.on_object and "x-amz-copy-source" in call.headers:
        return _copied
    if call.method != "GET":
        return None
    if call.key:
        return _part_list if "uploadId" in call.query else _attributes if "attributes" in call.query else None
    if "uploads" in call.query:
        return _upload_list
    if "versions" in call.query and call.parameter("encoding-type") == "url":
        return _encoded
    return _no_keys if call.parameter("max-keys") == "0" else None


def _changed(content: bytes, call: Call, change: Change) -> bytes:
    root = ET.fromstring(content.decode("utf-8").translate(_STAND_INS))
    namespace = root.tag.partition("}")[0].removeprefix("{")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    change(call, root)
    root.set("xmlns", namespace)
    changed: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return changed


def _no_keys(call: Call, root: ET.Element) -> None:
    """End a listing that asks for no keys; the emulator would let clients ask on without end."""
    _put(root, "IsTruncated", "false")


def _part_list(call: Call, root: ET.Element) -> None:
    parts = root.findall("Part")
    _put(root, "NextPartNumberMarker", parts[-1].findtext("PartNumber", "0") if parts else "0")


def _upload_list(call: Call, root: ET.Element) -> None:
    uploads = root.findall("Upload")
    for marker, member in (("NextKeyMarker", "Key"), ("NextUploadIdMarker", "UploadId")):
        _put(root, marker, uploads[-1].findtext(member, "") if uploads else "")


def _encoded(call: Call, root: ET.Element) -> None:
    for element in root.iter():
        if element.tag in _ENCODED and element.text:
            element.text = quote(element.text.translate(_STOOD_FOR), safe="/~-_.*")
    _put(root, "EncodingType", "url")


def _attributes(call: Call, root: ET.Element) -> None:
    """Leave out what an object does not have, and tell its storage class even if it is the usual one."""
    asked = {name.strip() for name in call.headers.get("x-amz-object-attributes", "").split(",")}
    if "StorageClass" in asked and root.find("StorageClass") is None:
        ET.SubElement(root, "StorageClass").text = "STANDARD"
    checksum, parts = root.find("Checksum"), root.find("ObjectParts")
    if checksum is not None and not len(checksum):
        root.remove(checksum)
    if parts is not None:
        count = parts.findtext("PartsCount")
        if count is None:
            root.remove(parts)
        elif not any(member.tag.startswith("Checksum") for part in parts.findall("Part") for member in part):
            # The parts themselves are told only of uploads with checksums.
            for member in list(parts):
                if member.tag != "PartsCount":
                    parts.remove(member)


def _copied(call: Call, root: ET.Element) -> None:
    """Tell the checksums of a copy; it is one object, even if its source came in parts.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    record = call.record()
    if record is None:
        return
    if "-" in record["etag"]:
        body = emulator._read_body(call.bucket, call.key, record)
        record["etag"] = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        for version in emulator._object_versions.get((call.bucket, call.key), []):
            if version["is_latest"]:
                version["etag"] = record["etag"]
        _put(root, "ETag", record["etag"])
    for algorithm, value in record.get("checksums", {}).items():
        _put(root, f"Checksum{algorithm}", value)


def _put(root: ET.Element, name: str, text: str) -> None:
    element = root.find(name)
    if element is None:
        element = ET.SubElement(root, name)
    element.text = text
