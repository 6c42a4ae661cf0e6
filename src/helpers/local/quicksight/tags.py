"""Tags of every kind of resource."""

from __future__ import annotations

from itertools import chain
from typing import Any

from helpers.local.quicksight.errors import InvalidValueError, LimitError, NotFoundError
from helpers.local.quicksight.store import Resource, here

# https://docs.aws.amazon.com/quicksight/latest/APIReference/API_TagResource.html
_MOST = 200


def tags_of(request: dict[str, Any]) -> dict[str, str]:
    """Return the tags of a request by their keys.

    Raises
    ------
    InvalidValueError
        If a key comes twice.
    """
    given = request.get("Tags", [])
    tags = {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) < len(given):
        raise InvalidValueError("Tag keys must be unique.")
    return tags


def tag_resource(request: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(request["ResourceArn"])
    tags = resource.tags | tags_of(request)
    if len(tags) > _MOST:
        raise LimitError(f"A resource has at most {_MOST} tags.", "Tag")
    resource.tags = tags
    return {}


def untag_resource(request: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(request["ResourceArn"])
    resource.tags = {key: value for key, value in resource.tags.items() if key not in request["TagKeys"]}
    return {}


def list_tags_for_resource(request: dict[str, Any]) -> dict[str, Any]:
    tags = _resource(request["ResourceArn"]).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _resource(arn: str) -> Resource:
    world = here()
    held: chain[Resource] = chain(
        world.data_sources.values(), world.data_sets.values(), world.dashboards.values(), world.analyses.values()
    )
    for resource in held:
        if resource.arn == arn:
            return resource
    raise NotFoundError("Resource", arn)
