"""Lifecycle rules: what AWS refuses, and when an object expires by them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from ministack.services import s3 as emulator

from helpers.local.s3.calls import Call
from helpers.local.s3.documents import number, parsed
from helpers.local.s3.errors import S3Error, invalid_argument, malformed_xml

MAX_RULES = 1000
MAX_ID_CHARACTERS = 255
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
MIN_DAYS_BEFORE = {"STANDARD_IA": 30, "ONEZONE_IA": 30}

# Later days have no date.
_MOST_DAYS = 2_000_000
_ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "Transition",
)


def checked(call: Call) -> bytes:
    """Return the configuration with an ID for every rule.

    Raises
    ------
    S3Error
        `MalformedXML`, `InvalidRequest` or `InvalidArgument`.
    """
    root = parsed(call.body)
    rules = root.findall("Rule")
    if not 1 <= len(rules) <= MAX_RULES:
        raise malformed_xml()
    seen: set[str] = set()
    for rule in rules:
        _check_rule(rule)
        if not rule.findtext("ID"):
            for empty in rule.findall("ID"):
                rule.remove(empty)
            ET.SubElement(rule, "ID").text = uuid.uuid4().hex
        name = rule.findtext("ID") or ""
        if name in seen:
            raise invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "id", name)
        if len(name) > MAX_ID_CHARACTERS:
            raise invalid_argument("ID length should not exceed allowed limit of 255", "id", name)
        seen.add(name)
    root.set("xmlns", emulator.S3_NS)
    return ET.tostring(root, encoding="utf-8")


def _check_rule(rule: ET.Element) -> None:
    scope = rule.find("Filter")
    if (scope is None) == (rule.find("Prefix") is None) or (scope is not None and len(scope) > 1):
        raise malformed_xml()
    if not any(rule.find(action) is not None for action in _ACTIONS):
        raise S3Error(400, "InvalidRequest", "At least one action needs to be specified in a rule")
    noncurrent = rule.find("NoncurrentVersionExpiration")
    if noncurrent is not None and not len(noncurrent):
        raise malformed_xml()
    keys = [tag.findtext("Key") for tag in rule.iter("Tag")]
    if len(set(keys)) < len(keys):
        raise S3Error(400, "InvalidRequest", "Duplicate Tag Keys are not allowed.")
    expiration = rule.find("Expiration")
    if expiration is not None and len(expiration) != 1:
        raise malformed_xml()
    date = None if expiration is None else expiration.findtext("Date")
    if date is not None and not _is_midnight(date):
        raise invalid_argument("'Date' must be at midnight GMT", "Date", date)
    _check_transitions(rule, None if expiration is None else number(expiration, "Days"))


def _check_transitions(rule: ET.Element, expiration_days: int | None) -> None:
    for transition in rule.findall("Transition"):
        days, storage_class = number(transition, "Days"), transition.findtext("StorageClass", "")
        if days is None:
            continue
        least = MIN_DAYS_BEFORE.get(storage_class, 0)
        if days < least:
            message = (
                f"'Days' in Transition action must be greater than or equal to {least} for storageClass "
                f"'{storage_class}'"
            )
            raise S3Error(400, "InvalidArgument", message)
        if expiration_days is not None and expiration_days <= days:
            raise S3Error(
                400,
                "InvalidArgument",
                f"'Days' in the Expiration action for filter '(prefix={_prefix(rule)})' must be greater than 'Days' "
                "in the Transition action",
            )


def _prefix(rule: ET.Element) -> str:
    return next((element.text or "" for element in rule.iter("Prefix")), "")


def _is_midnight(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise malformed_xml() from error
    return moment.replace(tzinfo=None) == datetime.combine(moment.date(), datetime.min.time())


def expiration(bucket: str, key: str, record: dict[str, Any]) -> str | None:
    """Return the header `x-amz-expiration` of an object, None if no rule lets it expire.

    The day is that of its last change and the rule's days, rounded up to the next midnight UTC.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    rules = emulator._bucket_lifecycle.get(bucket)
    if not isinstance(rules, list):
        return None
    changed = datetime.fromisoformat(str(record["last_modified"]).replace("Z", "+00:00"))
    found = [
        (_expires(rule["Expiration"], changed), rule["ID"])
        for rule in rules
        if rule["Status"] == "Enabled"
        and {"Days", "Date"} & rule.get("Expiration", {}).keys()
        and _covers(rule.get("Filter", {}), bucket, key, record)
    ]
    if not found:
        return None
    moment, name = min(found)
    return f'expiry-date="{format_datetime(moment, usegmt=True)}", rule-id="{quote(str(name), safe="")}"'


def _expires(action: dict[str, Any], changed: datetime) -> datetime:
    if "Date" in action:
        return datetime.fromisoformat(str(action["Date"]).replace("Z", "+00:00")).astimezone(UTC)
    day = (changed.astimezone(UTC) + timedelta(days=min(action["Days"], _MOST_DAYS))).date()
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    return midnight + timedelta(days=1)


def _covers(scope: dict[str, Any], bucket: str, key: str, record: dict[str, Any]) -> bool:
    conditions = {**scope, **scope.get("And", {})}
    wanted = [*conditions.get("Tags", []), *([conditions["Tag"]] if "Tag" in conditions else [])]
    tags = emulator._object_tags.get((bucket, key, record.get("version_id")), {}) if wanted else {}
    return (
        key.startswith(conditions.get("Prefix", ""))
        and conditions.get("ObjectSizeGreaterThan", -1) < record["size"]
        and record["size"] < conditions.get("ObjectSizeLessThan", float("inf"))
        and all(tags.get(tag["Key"]) == tag["Value"] for tag in wanted)
    )
