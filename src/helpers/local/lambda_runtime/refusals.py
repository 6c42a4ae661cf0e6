"""Requests that Lambda refuses before anything is done, in its own words.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.services import lambda_svc as emulator
from ministack.services import s3

from helpers.local.kinesis import validation as service_model
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.lambda_runtime import aliases
from helpers.local.lambda_runtime.api_errors import LambdaError, invalid, not_found
from helpers.local.lambda_runtime.operations import Request
from helpers.local.lambda_runtime.pool import RESERVED_VARIABLES

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PAYLOAD_BYTES = 6 * 2**20
MAX_ASYNCHRONOUS_BYTES = 2**20
MAX_VARIABLES_BYTES = 4096
MAX_TAGS = 50
# In seconds and MB; the service model has no such limits.
_MOST = {"Timeout": 900, "MemorySize": 10_240}

# What is checked below, in words of its own.
_OWN_WORDS = {"Architectures": list, "Environment": dict, "RoutingConfig": dict, "Runtime": str, "Tags": dict}
_VARIABLE_NAME = "[a-zA-Z]([a-zA-Z0-9_])+"
_DERIVED = "The derived qualifier from the function name does not match the specified qualifier."


def check(operation: str, request: Request) -> None:
    """Check a request that the emulator would take as it is.

    Raises
    ------
    LambdaError
        If Lambda would refuse it.
    """
    try:
        service_model.check(operation, request, frozenset({"Payload", *_OWN_WORDS}), service="lambda")
    except ApiError as error:
        raise LambdaError(error.code, error.message) from error
    for name, kind in _OWN_WORDS.items():
        value = request.get(name)
        if value is not None and not isinstance(value, kind):
            raise LambdaError("SerializationException", f"{type(value).__name__} can not be converted to {name}")
    _check_architectures(request.get("Architectures"))
    if operation == "CreateFunction":
        _check_most("functionName", request["FunctionName"], len(request["FunctionName"].rpartition(":")[2]), 64)
    if operation in ("CreateFunction", "UpdateFunctionConfiguration"):
        for name, most in _MOST.items():
            _check_most(name[0].lower() + name[1:], request.get(name), request.get(name) or 0, most)
        _check_runtime(request.get("Runtime"))
        _check_variables((request.get("Environment") or {}).get("Variables") or {})
    if operation in ("CreateFunction", "UpdateFunctionCode"):
        _check_object(request.get("Code") or request)
    _check_qualifier(operation, str(request.get("FunctionName", "")), request.get("Qualifier"))
    aliases.check(operation, request)
    if operation == "TagResource":
        _check_tags(str(request.get("Resource")), request.get("Tags") or {})


def check_payload(payload: bytes, *, asynchronous: bool) -> None:
    """Check what a function is called with.

    Raises
    ------
    LambdaError
        If it is too large, or no JSON.
    """
    most = MAX_ASYNCHRONOUS_BYTES if asynchronous else MAX_PAYLOAD_BYTES
    if len(payload) > most:
        raise LambdaError(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {most} bytes for the InvokeFunction operation",
        )
    try:
        json.loads(payload or b"null")
    except ValueError as error:
        raise LambdaError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        ) from error


def _check_most(name: str, value: Any, size: int, most: int) -> None:
    if size > most:
        what = "length" if isinstance(value, str) else "value"
        raise LambdaError(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must have "
            f"{what} less than or equal to {most}",
        )


def _check_architectures(given: list[str] | None) -> None:
    if given is None:
        return
    shown = (
        f"1 validation error detected: Value '[{', '.join(given)}]' at 'architectures' failed to satisfy constraint: "
    )
    if len(given) != 1:
        bound = "less than or equal to" if given else "greater than or equal to"
        raise LambdaError("ValidationException", f"{shown}Member must have length {bound} 1")
    if given[0] not in ("x86_64", "arm64"):
        raise LambdaError(
            "ValidationException",
            f"{shown}Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
            "Member must not be null]",
        )


def _check_runtime(runtime: str | None) -> None:
    known = service_model.input_shape("CreateFunction", "lambda").members["Runtime"].enum
    if runtime is not None and runtime not in known:
        raise invalid(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(known)}] or be a valid ARN"
        )


def _check_variables(variables: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    if any(not re.fullmatch(_VARIABLE_NAME, name) and name not in RESERVED_VARIABLES for name in variables):
        raise LambdaError(
            "ValidationException",
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
            f"satisfy constraint: [Member must satisfy regular expression pattern: {_VARIABLE_NAME}, "
            "Member must not be null]",
        )
    problem = "Lambda was unable to configure your environment variables because the environment variables you have "
    reserved = [name for name in variables if name in RESERVED_VARIABLES]
    if reserved:
        raise invalid(
            f"{problem}provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MAX_VARIABLES_BYTES:
        raise invalid(f"{problem}provided exceeded the 4KB limit. String measured: {measured}")


def _check_object(code: dict[str, Any]) -> None:
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key or emulator._s3_code_region_error(bucket) is not None:
        return
    if s3.bucket_region(bucket) is None:
        reason = "NoSuchBucket. S3 Error Message: The specified bucket does not exist"
    elif emulator._fetch_code_from_s3(bucket, key, code.get("S3ObjectVersion")) is None:
        reason = "NoSuchKey. S3 Error Message: The specified key does not exist."
    else:
        return
    raise invalid(f"Error occurred while GetObject. S3 Error Code: {reason}")


def _check_qualifier(operation: str, function: str, qualifier: str | None) -> None:
    name, derived = emulator._resolve_name_and_qualifier(function)
    if derived and qualifier and derived != qualifier:
        raise invalid(_DERIVED)
    qualifier = qualifier or derived
    if operation == "DeleteFunction" and qualifier == "$LATEST":
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if operation == "AddPermission" and qualifier == "$LATEST":
        raise invalid("We currently do not support adding policies for $LATEST.")
    if operation == "PutFunctionConcurrency":
        if qualifier:
            raise invalid(
                "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
                "operation. Please specify either a function name or an unqualified function ARN."
            )
        qualifier = "$LATEST"
    if operation in ("Invoke", "PutFunctionConcurrency") and name and name not in emulator._functions:
        raise not_found(name, qualifier or "$LATEST")
    if operation in ("GetFunction", "GetFunctionConfiguration") and not _exists(name, qualifier):
        raise not_found(name, qualifier)


def _exists(name: str, qualifier: str | None) -> bool:
    function = emulator._functions.get(name)
    return function is not None and bool(emulator._function_qualifier_exists(function, qualifier))


def _check_tags(resource: str, tags: dict[str, str]) -> None:
    fields = resource.split(":")
    if len(fields) > 7 and fields[5] == "function":
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    function = emulator._functions.get(fields[6]) if len(fields) == 7 else None
    if function is not None and len({**function["tags"], **tags}) > MAX_TAGS:
        raise invalid("Number of tags exceeds resource tag limit.")
