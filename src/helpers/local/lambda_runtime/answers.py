"""The emulator's answers as Lambda gives them: what a function's configuration has, and the form of errors.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

import json
from typing import Any

from helpers.local.lambda_runtime import logs
from helpers.local.lambda_runtime.api_errors import LambdaError
from helpers.local.lambda_runtime.operations import Request

Answer = tuple[int, dict[str, str], Any]

_LEFT_OUT_IF_EMPTY = (
    "KMSKeyArn", "Layers", "StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode",
)  # fmt: skip
# Lists do not tell about states.
_NOT_IN_LISTS = (
    "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode", "RuntimeVersionConfig", "State",
    "StateReason", "StateReasonCode",
)  # fmt: skip
_OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the "
    "latest Revision Id"
)
_CREATING = ("The function is being created.", "Creating")


def refused(error: LambdaError) -> Answer:
    """Return the answer that refuses a request."""
    return error.status, _headers(error.code), _error_body(error.code, error.message)


def shaped(operation: str, request: Request, answer: Answer) -> Answer:
    """Return the emulator's answer to an operation in Lambda's form."""
    status, headers, body = answer
    if status >= 400:
        return _shaped_error(answer)
    if operation == "Invoke":
        if status == 202:
            headers = {name: value for name, value in headers.items() if name.lower() != "x-amz-executed-version"}
        return status, headers, body
    form = _FORMS.get(operation)
    if form is None or not isinstance(body, bytes) or not body:
        return answer
    return status, headers, json.dumps(form(json.loads(body), request)).encode()


def _shaped_error(answer: Answer) -> Answer:
    status, headers, body = answer
    try:
        given = json.loads(body)
    except (TypeError, ValueError):
        return answer
    code = str(given.get("__type") or given.get("Code") or "").rpartition("#")[2]
    if not code:
        return answer
    message = str(given.get("message") or given.get("Message") or "")
    if status == 429:
        message = "Rate Exceeded."
    elif code == "PreconditionFailedException" and " for the Lambda function or alias" in message:
        message = _OTHER_REVISION
    extra = {"Reason": given["Reason"]} if "Reason" in given else {}
    own = _headers(code)
    replaced = {name.lower() for name in own}
    kept = {name: value for name, value in headers.items() if name.lower() not in replaced}
    return status, {**kept, **own}, _error_body(code, message, extra)


def _headers(code: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "x-amzn-ErrorType": code}


def _error_body(code: str, message: str, extra: dict[str, Any] | None = None) -> bytes:
    member = "Message" if code.endswith("NotFoundException") and not code.startswith("Provisioned") else "message"
    who = {} if code in ("ValidationException", "RequestEntityTooLargeException") else {"Type": "User"}
    return json.dumps({**(extra or {}), **who, member: message}).encode()


def _configuration(config: dict[str, Any], request: Request) -> dict[str, Any]:
    shown = {name: value for name, value in config.items() if value or name not in _LEFT_OUT_IF_EMPTY}
    if not (shown.get("VpcConfig") or {}).get("SubnetIds"):
        shown.pop("VpcConfig", None)
    if shown.get("StateReasonCode") == "Updating":
        # A function can be called while it is changed.
        shown["State"] = "Active"
        del shown["StateReason"], shown["StateReasonCode"]
        shown["LastUpdateStatusReason"], shown["LastUpdateStatusReasonCode"] = _CREATING
    elif shown.get("State") == "Pending":
        shown.pop("LastUpdateStatus", None)
    if shown.get("Runtime"):
        shown["RuntimeVersionConfig"] = {"RuntimeVersionArn": logs.runtime_version_arn(shown["Runtime"])}
    return shown


def _asked_for(config: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a configuration whose ARN has the qualifier that was asked for."""
    shown = _configuration(config, request)
    qualifier = request.get("Qualifier")
    if qualifier:
        shown["FunctionArn"] = ":".join([*shown["FunctionArn"].split(":")[:7], qualifier])
    return shown


def _published(config: dict[str, Any], request: Request) -> dict[str, Any]:
    shown = _configuration(config, request)
    if shown["Version"] != "$LATEST":
        shown["FunctionArn"] = ":".join([*shown["FunctionArn"].split(":")[:7], shown["Version"]])
    return shown


def _version(config: dict[str, Any], request: Request) -> dict[str, Any]:
    shown = _configuration(config, request)
    shown.update(State="Active", LastUpdateStatus="Successful")
    for name in ("StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"):
        shown.pop(name, None)
    return shown


def _function(answer: dict[str, Any], request: Request) -> dict[str, Any]:
    shown = {**answer, "Configuration": _asked_for(answer["Configuration"], request)}
    if not shown.get("Tags"):
        shown.pop("Tags", None)
    return shown


def _listed(answer: dict[str, Any], request: Request) -> dict[str, Any]:
    member = "Functions" if "Functions" in answer else "Versions"
    shown = [_configuration(config, request) for config in answer[member]]
    return {**answer, member: [{k: v for k, v in config.items() if k not in _NOT_IN_LISTS} for config in shown]}


_FORMS = {
    "CreateFunction": _configuration,
    "GetFunction": _function,
    "GetFunctionConfiguration": _asked_for,
    "ListFunctions": _listed,
    "ListVersionsByFunction": _listed,
    "PublishVersion": _version,
    "UpdateFunctionCode": _published,
    "UpdateFunctionConfiguration": _configuration,
}
