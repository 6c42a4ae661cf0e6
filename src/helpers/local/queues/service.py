"""Checks in front of the emulator's SQS, and its refusals in AWS's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ministack.services import sqs as emulator

from helpers.local.aws_error import AwsError
from helpers.local.queues import attributes, messages

# Messages of the emulator, and AWS's.
_WORDINGS = (
    (re.compile(r"(Invalid value for the parameter \w+\.) Value must be between .*"), r"\1"),
    (
        re.compile(r"The message contains characters outside the allowed set\."),
        "Invalid characters found. Valid unicode characters are "
        "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    ),
)
_CHECKED = frozenset({"SetQueueAttributes", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility"})


def install(handlers: dict[str, Any]) -> None:
    """Check calls of both protocols before the emulator answers them."""
    dispatch, send = emulator._dispatch, emulator._act_send_message
    answer, refuse = emulator._json_ok, emulator._json_err_resp

    async def dispatched(action: str, data: dict[str, Any], url: str) -> Any:
        try:
            _check(action, data, url)
            return await dispatch(action, data, url)
        except AwsError as error:
            raise emulator._Err(error.code, error.message) from error
        except emulator._Err as error:
            raise emulator._Err(error.code, _reworded(error, data), error.status) from error

    def sent(data: dict[str, Any], url: str) -> Any:
        # One message, or one of a batch, which the others of the batch survive.
        queue = emulator._get_q(data.get("QueueUrl", url))
        try:
            messages.check_sent(data, fifo=bool(queue["is_fifo"]))
        except AwsError as error:
            raise emulator._Err(error.code, error.message) from error
        return send(data, url)

    def answered(said: dict[str, Any]) -> Any:
        # AWS leaves out what is empty: `Failed` of a batch that went well, `QueueUrls` where there are none.
        return answer({name: value for name, value in said.items() if value not in ([], {})})

    def refused(code: str, message: str, status: int) -> Any:
        # Only clients of the old protocol read of its WSDL.
        return refuse(code, message.replace(" does not exist for this wsdl version.", " does not exist."), status)

    emulator._dispatch = dispatched
    emulator._act_send_message = emulator._HANDLERS["SendMessage"] = sent
    emulator._json_ok, emulator._json_err_resp = answered, refused


def _check(action: str, data: dict[str, Any], url: str) -> None:
    given: dict[str, str] = data.get("Attributes") or {}
    if action == "CreateQueue":
        attributes.check_new_queue(data.get("QueueName", ""), given)
        return
    if action not in _CHECKED:
        return
    queue = emulator._get_q(data.get("QueueUrl", url))
    if action == "SetQueueAttributes":
        attributes.check_settings(given, fifo=bool(queue["is_fifo"]))
    elif action == "GetQueueAttributes":
        attributes.check_read(data.get("AttributeNames") or [])
        kept: dict[str, str] = queue["attributes"]
        kept.setdefault("SqsManagedSseEnabled", "false" if kept.get("KmsMasterKeyId") else "true")
    else:
        messages.check_received(data)


def _reworded(error: Any, data: Mapping[str, Any]) -> str:
    if error.code.endswith("TooManyEntriesInBatchRequest"):
        return f"Maximum number of entries per request are 10. You have sent {len(data['Entries'])}."
    said = str(error.message)
    for pattern, wording in _WORDINGS:
        said = pattern.sub(wording, said)
    return said
