"""Tags of workgroups and data catalogs."""

from __future__ import annotations

from typing import Any

from ministack.services import athena as emulated

from helpers.local.athena.api_errors import RequestError, ResourceNotFoundError
from helpers.local.athena.pages import page


def replace(arn: str, tags: list[dict[str, str]]) -> None:
    """Give the resource `arn` these tags and no others."""
    if tags:
        emulated._tags[arn] = {tag["Key"]: tag.get("Value", "") for tag in tags}
    else:
        emulated._tags.pop(arn, None)


def tag_resource(request: dict[str, Any]) -> dict[str, Any]:
    """Answer TagResource."""
    held = emulated._tags.setdefault(_existing(request["ResourceARN"]), {})
    held |= {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]}
    return {}


def untag_resource(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UntagResource."""
    held = emulated._tags.get(_existing(request["ResourceARN"]), {})
    for key in request["TagKeys"]:
        held.pop(key, None)
    return {}


def list_tags_for_resource(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListTagsForResource."""
    held = emulated._tags.get(_existing(request["ResourceARN"]), {})
    tags = [{"Key": key, "Value": value} for key, value in held.items()]
    listed, token = page(tags, request, 75)
    return {"Tags": listed, **token}


def _existing(arn: str) -> str:
    if emulated._validate_tag_resource_arn(arn) is not None:
        raise RequestError(f"Invalid ResourceARN: {arn}")
    kind, _, name = arn.rpartition(":")[2].partition("/")
    store = emulated._workgroups if kind == "workgroup" else emulated._data_catalogs
    if name not in store and name not in ("primary", "AwsDataCatalog"):
        raise ResourceNotFoundError(f"{arn} does not exist")
    return arn
