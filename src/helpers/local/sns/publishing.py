"""What Publish and PublishBatch take, checked before the emulator delivers.

Sources: Publish and PublishBatch of the SNS API reference, "Large message payloads" of the SNS
developer guide (MaximumMessageSize, 262,144 bytes unless set, up to 1,048,576).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from ministack.services import sns as emulator

from helpers.local.sns import message_attributes
from helpers.local.sns.protocol import Answer, ApiError, Request, element, invalid, xml
from helpers.local.sns.subscriptions import topic_of

DEFAULT_BYTES = 262_144

_PHONE_NUMBER = re.compile(r"\+?[0-9][0-9\- ]{1,18}")
_SUBJECT_CHARACTERS = 100
_BATCH_ENTRIES = 10
_ENTRY = "PublishBatchRequestEntries.member."
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class Refused:
    """An entry of a batch that is not published."""

    entry_id: str
    error: ApiError


def check_publish(request: Request) -> None:
    """Raise `ApiError` if AWS would refuse the message."""
    named = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if name in request.parameters]
    if not named:
        raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
    target = request.get(named[0])
    if named[0] == "PhoneNumber":
        if not _PHONE_NUMBER.fullmatch(target):
            raise invalid(f"PhoneNumber Reason: {target} is not valid to publish to")
        _check_message(request.parameters, DEFAULT_BYTES)
    elif ":endpoint/" in target:
        if target not in emulator._platform_endpoints:
            raise invalid("TargetArn Reason: No endpoint found for the target arn specified")
        _check_message(request.parameters, DEFAULT_BYTES)
    else:
        topic = topic_of(target)
        _check_message(request.parameters, _most_bytes(topic))
        _check_order(topic, request.parameters)


def split_batch(request: Request) -> tuple[Request | None, list[Refused]]:
    """Return the batch with only the entries that AWS takes (None if it takes none), and those it refuses.

    Raises
    ------
    ApiError
        If AWS would refuse the batch as a whole.
    """
    topic = topic_of(request.get("TopicArn"))
    entries = _entries(request)
    if not entries:
        raise ApiError("EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(entries) > _BATCH_ENTRIES:
        raise ApiError(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        )
    ids = [entry.get("Id", "") for entry in entries]
    if not all(_ENTRY_ID.fullmatch(each) for each in ids):
        raise ApiError(
            "InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification."
        )
    if len(set(ids)) < len(ids):
        raise ApiError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
    most = _most_bytes(topic)
    if sum(_size(entry) for entry in entries) > most:
        raise ApiError("BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
    for entry in entries:
        _check_form(entry)
        _check_order(topic, entry)
    taken: list[dict[str, str]] = []
    refused: list[Refused] = []
    for entry in entries:
        try:
            _check_message(entry, most)
        except ApiError as error:
            refused.append(Refused(entry["Id"], error))
        else:
            taken.append(entry)
    if not taken:
        return None, refused
    kept = {name: value for name, value in request.parameters.items() if not name.startswith(_ENTRY)}
    for number, entry in enumerate(taken, start=1):
        kept.update({f"{_ENTRY}{number}.{name}": value for name, value in entry.items()})
    return replace(request, parameters=kept), refused


def batch_entries(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a batch's entries as the emulator reads them, with the binary attributes that it leaves out."""
    request = Request({name: str(emulator._p(parameters, name)) for name in parameters}, signed=False)
    return [
        {
            "id": entry.get("Id", ""),
            "message": entry.get("Message", ""),
            "subject": entry.get("Subject", ""),
            "message_structure": entry.get("MessageStructure", ""),
            "message_attributes": message_attributes.read(entry),
            "message_group_id": entry.get("MessageGroupId", ""),
            "message_dedup_id": entry.get("MessageDeduplicationId", ""),
        }
        for entry in _entries(request)
    ]


def nothing_published() -> Answer:
    """Return the answer to a batch without a single entry to publish."""
    return xml("PublishBatch", "<Successful></Successful><Failed></Failed>")


def with_refused(answer: Answer, refused: list[Refused]) -> Answer:
    """Return the emulator's answer to a batch with the refused entries among the failed ones."""
    status, headers, body = answer
    members = "".join(
        "<member>"
        + element("Id", each.entry_id)
        + element("Code", each.error.code)
        + element("Message", each.error.message)
        + element("SenderFault", "true")
        + "</member>"
        for each in refused
    )
    return status, headers, body.replace(b"</Failed>", members.encode() + b"</Failed>")


def _entries(request: Request) -> list[dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in request.parameters.items():
        number, _, member = name.removeprefix(_ENTRY).partition(".")
        if name.startswith(_ENTRY) and number.isdigit():
            found.setdefault(int(number), {})[member] = value
    return [found[number] for number in sorted(found)]


def _check_message(parameters: dict[str, str], most: int) -> None:
    message, subject = parameters.get("Message", ""), parameters.get("Subject")
    if not message:
        raise invalid("Empty message")
    if subject is not None and not _is_subject(subject):
        raise invalid("Subject")
    _check_form(parameters)
    if _size(parameters) > most:
        raise invalid("Message too long")


def _check_form(parameters: dict[str, str]) -> None:
    """Check what a batch is refused for as a whole, whichever of its entries has it."""
    structure = parameters.get("MessageStructure")
    if structure:
        _check_structure(structure, parameters.get("Message", ""))
    message_attributes.check(parameters)


def _check_order(topic: dict[str, Any], parameters: dict[str, str]) -> None:
    attributes = topic["attributes"]
    if attributes.get("FifoTopic") != "true":
        if "MessageDeduplicationId" in parameters:
            raise invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
                "that is not valid for this topic type"
            )
    elif not parameters.get("MessageGroupId"):
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    elif not parameters.get("MessageDeduplicationId") and attributes.get("ContentBasedDeduplication") != "true":
        raise invalid(
            "The topic should either have ContentBasedDeduplication enabled "
            "or MessageDeduplicationId provided explicitly"
        )


def _is_subject(subject: str) -> bool:
    control = any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in subject)
    return 0 < len(subject) <= _SUBJECT_CHARACTERS and not control


def _check_structure(structure: str, message: str) -> None:
    if structure != "json":
        raise invalid("MessageStructure")
    try:
        parsed = json.loads(message)
    except ValueError as error:
        raise invalid("Message Structure - JSON message body failed to parse") from error
    if not isinstance(parsed, dict):
        raise invalid("Message Structure - JSON message body failed to parse")
    if not isinstance(parsed.get("default"), str):
        raise invalid("Message Structure - No default entry in JSON message body")


def _size(parameters: dict[str, str]) -> int:
    """Return the bytes of message and attributes: names, types and values."""
    size = len(parameters.get("Message", "").encode())
    for name, value in parameters.items():
        if not name.startswith("MessageAttributes."):
            continue
        if name.endswith(".BinaryValue"):
            # In the request it stands in base64: four characters for three bytes.
            size += len(value.rstrip("=")) * 3 // 4
        elif name.endswith((".Name", ".DataType", ".StringValue")):
            size += len(value.encode())
    return size


def _most_bytes(topic: dict[str, Any]) -> int:
    return int(topic["attributes"].get("MaximumMessageSize") or DEFAULT_BYTES)
