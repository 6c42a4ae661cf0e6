"""`AWS::Lambda::EventSourceMapping` on a Kinesis stream, in the emulator's CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from helpers.local.event_sources import lifecycle, mapping
from helpers.local.event_sources.api_errors import ApiError
from helpers.local.kinesis.validation import input_shape
from helpers.local.stacks.typed import typed

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

TYPE = "AWS::Lambda::EventSourceMapping"
# A change of these needs another mapping in place of the one.
_REPLACING = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")


def preparing(emulated: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return CloudFormation's handler with our way to make mappings, which is put in with the first request.

    The emulator loads what makes resources by then, and not before, as it takes a while.
    """

    async def handle(*request: Any) -> Any:
        _take_over()
        return await emulated(*request)

    return handle


@cache
def _take_over() -> None:
    from ministack.services.cloudformation import provisioners

    # Mappings get the tags of their stack, as other resources do.
    provisioners._STACK_TAG_PROPERTY[TYPE] = ("Tags", "list")
    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    emulated_create, emulated_update = handlers["create"], handlers["update"]

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        if not mapping.is_kinesis(str(properties.get("EventSourceArn"))):
            made: Made = emulated_create(logical_id, properties, stack)
            return made
        record = _allowed(lifecycle.create, _request("CreateEventSourceMapping", properties))
        return record["UUID"], provisioners._lambda_esm_attrs(record["UUID"])

    def update(uuid: str, before: Properties, after: Properties, stack: str) -> Made:
        record = mapping.find(uuid)
        if record is None:
            made: Made = emulated_update(uuid, before, after, stack)
            return made
        if any(before.get(name) != after.get(name) for name in _REPLACING):
            lifecycle.delete(record)
            return create("", after, stack)
        _allowed(lifecycle.update, record, _request("UpdateEventSourceMapping", after))
        return uuid, provisioners._lambda_esm_attrs(uuid)

    handlers["create"], handlers["update"] = create, update


def _allowed(action: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return action(*arguments)
    except ApiError as error:
        # The stack's event shows it as the reason of its failure.
        raise ValueError(error.message) from error


def _request(action: str, properties: Properties) -> Properties:
    """Return a resource's properties as a request to the API; templates may have numbers as text."""
    shape = input_shape(action, "lambda")
    request = {name: typed(shape.members[name], value) for name, value in properties.items() if name in shape.members}
    if isinstance(request.get("Tags"), list):
        request["Tags"] = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    return request
