"""CloudWatch's three protocols: JSON, CBOR and the older query protocol with answers in XML.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/making-api-requests.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import cbor2
from botocore.model import ListShape, Shape, StructureShape
from ministack.services import cloudwatch as emulator

from helpers.local.aws_error import AwsError
from helpers.local.kinesis.validation import input_shape

Request = dict[str, Any]
Answer = tuple[int, dict[str, str], Any]

_STATUS = {"ResourceNotFound": 404, "ResourceNotFoundException": 404}


class MetricsError(AwsError):
    """An answer of CloudWatch that refuses a request."""


def is_cbor(headers: Mapping[str, str]) -> bool:
    return "cbor" in headers.get("content-type", "") or "cbor" in headers.get("smithy-protocol", "")


def is_json(headers: Mapping[str, str]) -> bool:
    return not is_cbor(headers) and bool("json" in headers.get("content-type", "") or headers.get("x-amz-target"))


def parse(path: str, headers: Mapping[str, str], query: Mapping[str, Any], body: bytes) -> tuple[str, Request]:
    """Return the action of a request, empty if it names none, and its members; times are seconds since the epoch."""
    named = re.search(r"/operation/([^/?]+)", path)
    action = headers.get("x-amz-target", "").rpartition(".")[2] or (named.group(1) if named else "")
    if is_cbor(headers):
        return action, _without_tags(cbor2.loads(body) if body else {})
    if is_json(headers):
        return action, json.loads(body) if body else {}
    pairs = {**query, **parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)}
    flat = {name: values[0] if isinstance(values, list) else values for name, values in pairs.items()}
    action = action or flat.get("Action", "")
    return action, (_from_query(input_shape(action, "cloudwatch"), flat, "") or {}) if action in _ACTIONS else {}


def refused(headers: Mapping[str, str], error: MetricsError) -> Answer:
    """Return the answer that refuses a request, in its protocol."""
    status = _STATUS.get(error.code, 400)
    answer: Answer = emulator._error(error.code, error.message, status, is_json(headers), is_cbor(headers))
    return answer


def answered(headers: Mapping[str, str], action: str, answer: dict[str, Any]) -> Answer:
    """Return an answer in its request's protocol; its times are ISO 8601."""
    made: Answer
    if is_cbor(headers):
        made = emulator._cbor_ok(_with_tags(answer))
    elif is_json(headers):
        made = emulator._json_ok(answer)
    else:
        made = emulator._xml(200, f"{action}Response", f"<{action}Result>{_xml(answer)}</{action}Result>")
    return made


_ACTIONS = frozenset(
    {"GetMetricData", "GetMetricStatistics", "PutDashboard", "PutMetricAlarm", "PutMetricData", "SetAlarmState"}
)


def _from_query(shape: Shape, flat: Mapping[str, str], prefix: str) -> Any:
    if isinstance(shape, StructureShape):
        members = {
            name: _from_query(member, flat, f"{prefix}.{name}" if prefix else name)
            for name, member in shape.members.items()
        }
        given = {name: value for name, value in members.items() if value is not None}
        return given or None
    if isinstance(shape, ListShape):
        items: list[Any] = []
        while (item := _from_query(shape.member, flat, f"{prefix}.member.{len(items) + 1}")) is not None:
            items.append(item)
        return items or None
    text = flat.get(prefix)
    if text is None:
        return None
    if shape.type_name in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if shape.type_name in ("double", "float"):
        return float(text)
    if shape.type_name == "boolean":
        return text == "true"
    return emulator._parse_ts(text) if shape.type_name == "timestamp" else text


def _without_tags(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tags(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_tags(item) for item in value]
    return value.timestamp() if hasattr(value, "timestamp") else value


def _with_tags(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: [emulator._cbor_timestamp(each) for each in item]
            if name == "Timestamps"
            else emulator._cbor_timestamp(item)
            if name == "Timestamp"
            else _with_tags(item)
            for name, item in value.items()
        }
    return [_with_tags(item) for item in value] if isinstance(value, list) else value


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    return escape(str(value))
