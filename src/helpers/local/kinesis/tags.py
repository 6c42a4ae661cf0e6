"""Tags of streams and of their consumers."""

from __future__ import annotations

import re
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import kinesis as emulator

from helpers.local.kinesis.api_errors import ApiError, invalid_argument
from helpers.local.kinesis.stored import find_stream
from helpers.local.kinesis.validation import check

# https://docs.aws.amazon.com/streams/latest/dev/tagging.html
MAX_TAGS = 50
MAX_LISTED = 50
_ALLOWED = re.compile(r"[\w\s.:/=+\-@%]*")


def add_tags_to_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("AddTagsToStream", request)
    stream = find_stream(request)
    _add(stream, request["Tags"], f"stream {stream['StreamName']}")
    return {}


def remove_tags_from_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("RemoveTagsFromStream", request)
    _remove(find_stream(request), request["TagKeys"])
    return {}


def list_tags_for_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("ListTagsForStream", request)
    after = request.get("ExclusiveStartTagKey", "")
    found = [tag for tag in _listed(find_stream(request)) if tag["Key"] > after]
    page = found[: request.get("Limit", MAX_LISTED)]
    return {"Tags": page, "HasMoreTags": len(found) > len(page)}


def tag_resource(request: dict[str, Any]) -> dict[str, Any]:
    check("TagResource", request)
    _add(_resource(request["ResourceARN"]), request["Tags"], f"resource {request['ResourceARN']}")
    return {}


def untag_resource(request: dict[str, Any]) -> dict[str, Any]:
    check("UntagResource", request)
    _remove(_resource(request["ResourceARN"]), request["TagKeys"])
    return {}


def list_tags_for_resource(request: dict[str, Any]) -> dict[str, Any]:
    check("ListTagsForResource", request)
    return {"Tags": _listed(_resource(request["ResourceARN"]))}


def check_tags(tags: dict[str, str]) -> None:
    """Raise `InvalidArgumentException` for characters that tags may not have, or too many tags."""
    if not all(_ALLOWED.fullmatch(text) for pair in tags.items() for text in pair):
        raise invalid_argument(
            "Some tags contain invalid characters. Valid characters: "
            "Unicode letters, digits, white space, _ . / = + - % @ :."
        )
    if len(tags) > MAX_TAGS:
        raise invalid_argument(f"A given stream cannot have more than {MAX_TAGS} tags associated with it.")


def _add(resource: dict[str, Any], tags: dict[str, str], called: str) -> None:
    check_tags(tags)
    together = {**resource.get("tags", {}), **tags}
    if len(together) > MAX_TAGS:
        raise invalid_argument(
            f"Failed to add tags to {called} under account {get_account_id()} "
            f"because a given stream cannot have more than {MAX_TAGS} tags associated with it."
        )
    resource["tags"] = together


def _remove(resource: dict[str, Any], keys: list[str]) -> None:
    resource["tags"] = {key: value for key, value in resource.get("tags", {}).items() if key not in keys}


def _listed(resource: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(resource.get("tags", {}).items())]


def _resource(arn: str) -> dict[str, Any]:
    if "/consumer/" not in arn:
        return find_stream({"StreamARN": arn})
    consumer: dict[str, Any] | None = emulator._consumers.get(arn)
    if consumer is None:
        raise ApiError("ResourceNotFoundException", f"Consumer {arn}, account {get_account_id()} not found.")
    return consumer
