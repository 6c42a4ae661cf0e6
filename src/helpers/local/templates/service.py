"""Checks in front of what the emulator does with templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from helpers.local.aws_error import AwsError
from helpers.local.templates import checks

Handler = Callable[..., Awaitable[Any]]

_DEPLOYING = frozenset({"CreateStack", "UpdateStack", "CreateChangeSet"})
_READING = frozenset({"ValidateTemplate", "GetTemplateSummary"})
# Two actions name a stack that is not there otherwise than the emulator.
_OF_STACKS = frozenset({"ListStackResources", "GetTemplate"})


def install(handlers: dict[str, Any]) -> None:
    """Check templates before the emulator takes them."""
    emulated: Handler = handlers["cloudformation"]

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        from ministack.services.cloudformation import handlers as emulator

        # The emulator asks for capabilities where it enforces policies; AWS asks always.
        emulator._capabilities_enforced = lambda: True
        parameters = {**query, **parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)}
        action = emulator._p(parameters, "Action")
        try:
            if action in _DEPLOYING | _READING:
                _check(action, parameters)
        except AwsError as error:
            return emulator._error(error.code, error.message)
        status, answered, text = await emulated(method, path, headers, body, query)
        if status == 400 and action in _OF_STACKS:
            name = emulator._p(parameters, "StackName").encode()
            text = text.replace(b"Stack [%b] does not exist" % name, b"Stack with id %b does not exist" % name)
        return status, answered, text

    handlers["cloudformation"] = handle


def _check(action: str, parameters: Mapping[str, Any]) -> None:
    from ministack.services.cloudformation import engine, helpers

    text, problem = helpers._resolve_template(parameters)
    if problem is not None or not text:
        # Refused by the emulator, or the template that the stack has.
        return
    try:
        template = engine._parse_template(text)
    except (ValueError, engine.yaml.YAMLError):
        # The emulator says what is wrong with it.
        return
    checks.check_template(template)
    if action in _DEPLOYING:
        given = helpers._extract_members(parameters, "Parameters")
        checks.check_parameters(template, [each["Key"] for each in given])
