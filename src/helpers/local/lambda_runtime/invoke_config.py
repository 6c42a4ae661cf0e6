"""Settings of asynchronous calls: put, changed, shown and deleted, for a function, a version or an alias each.

https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc as emulator

from helpers.local.lambda_runtime import answers
from helpers.local.lambda_runtime.answers import Answer
from helpers.local.lambda_runtime.api_errors import LambdaError, invalid

Config = dict[str, Any]

LATEST = "$LATEST"
_MEMBERS = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
_SERVICES = ("events", "lambda", "s3", "sns", "sqs")


def install() -> None:
    """Take the emulator's functions for these requests, which CloudFormation calls too."""
    emulator._put_event_invoke_config = _answering(_put)
    emulator._get_event_invoke_config = _answering(_get)
    emulator._delete_event_invoke_config = _answering(_delete)
    emulator._list_function_event_invoke_configs = _answering(_list)


def update(function_name: str, qualifier: str | None, request: Config) -> Answer:
    """Answer UpdateFunctionEventInvokeConfig, which the emulator does not know."""
    answer: Answer = _answering(_update)(function_name, qualifier, request)
    return answer


def config_of(function_name: str, qualifier: str) -> Config:
    """Return what holds for asynchronous calls of a function by a qualifier, empty if nothing was put."""
    function = emulator._functions.get(function_name) or {}
    found: Config = (function.get("event_invoke_configs") or {}).get(qualifier) or {}
    return found


def _answering(action: Callable[..., Config | None]) -> Callable[..., Answer]:
    def answer(*arguments: Any) -> Answer:
        try:
            shown = action(*arguments)
        except LambdaError as error:
            return answers.refused(error)
        if shown is None:
            return 204, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(shown).encode()

    return answer


def _put(name: str, qualifier: str | None, request: Config) -> Config:
    _check(name, qualifier, request)
    configs = _configs(name, qualifier)
    config = configs[qualifier or LATEST] = {name: request[name] for name in _MEMBERS if request.get(name) is not None}
    config["LastModified"] = time.time()
    return _shown(name, qualifier or LATEST, config)


def _update(name: str, qualifier: str | None, request: Config) -> Config:
    _check(name, qualifier, request)
    configs = _configs(name, qualifier)
    before = configs.get(qualifier or LATEST)
    if before is None:
        raise _without(name, qualifier)
    return _put(name, qualifier, {**before, **request})


def _get(name: str, qualifier: str | None = None) -> Config:
    config = config_of(name, qualifier or LATEST)
    if not config:
        raise _without(name, qualifier)
    return _shown(name, qualifier or LATEST, config)


def _delete(name: str, qualifier: str | None = None) -> None:
    if not config_of(name, qualifier or LATEST):
        raise _without(name, qualifier)
    _configs(name, qualifier).pop(qualifier or LATEST)


def _list(name: str, query: Config) -> Config:
    shown = [_shown(name, qualifier, config) for qualifier, config in _configs(name, None).items()]
    return {"FunctionEventInvokeConfigs": shown}


def _configs(name: str, qualifier: str | None) -> dict[str, Config]:
    function = emulator._functions.get(name)
    if function is None or not emulator._function_qualifier_exists(function, qualifier):
        raise LambdaError("ResourceNotFoundException", "The function doesn't exist.")
    configs: dict[str, Config] = function.setdefault("event_invoke_configs", {})
    return configs


def _check(name: str, qualifier: str | None, request: Config) -> None:
    if all(request.get(member) is None for member in _MEMBERS):
        raise invalid("You must specify at least one of error handling or destination setting.")
    _configs(name, qualifier)
    destinations = request.get("DestinationConfig") or {}
    given = {kind: (destinations.get(kind) or {}).get("Destination") for kind in ("OnSuccess", "OnFailure")}
    for arn in filter(None, given.values()):
        fields = arn.split(":", 5)
        if fields[2] not in _SERVICES:
            shown = ", ".join(
                f"{kind[0].lower()}{kind[1:]}=" + (f"{kind}(destination={given[kind]})" if given[kind] else "null")
                for kind in given
            )
            raise invalid(f"The provided destination config DestinationConfig({shown}) is invalid.")
        if fields[2] == "lambda":
            target = arn.split(":")[6]
            if target == name:
                raise invalid("You can't specify the function as a destination for itself.")
            if target not in emulator._functions:
                raise invalid(f"The destination ARN {arn} is invalid.")


def _without(name: str, qualifier: str | None) -> LambdaError:
    arn = f"{emulator._func_arn(name)}:{qualifier or LATEST}"
    return LambdaError("ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig")


def _shown(name: str, qualifier: str, config: Config) -> Config:
    destinations = config.get("DestinationConfig") or {}
    kinds = ("OnFailure", "OnSuccess")
    return {
        **config,
        "FunctionArn": f"{emulator._func_arn(name)}:{qualifier}",
        "DestinationConfig": {kind: destinations.get(kind) or {} for kind in kinds},
    }
