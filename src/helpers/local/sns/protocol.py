"""Requests and answers of the SNS API: AWS's query protocol, forms in and XML out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack.core.responses import new_uuid

from helpers.local.aws_error import AwsError

Answer = tuple[int, dict[str, str], Any]

_NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
_XML = {"Content-Type": "text/xml"}


class ApiError(AwsError):
    """An answer of the SNS API that refuses, with its HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.status = status


def invalid(what: str) -> ApiError:
    """Return the error for a parameter that AWS does not take."""
    return ApiError("InvalidParameter", f"Invalid parameter: {what}")


def missing(parameter: str) -> ApiError:
    """Return the error for a required parameter that was not sent."""
    return ApiError(
        "ValidationError",
        f"1 validation error detected: Value null at '{parameter}' failed to satisfy constraint: "
        "Member must not be null",
    )


def topic_not_found() -> ApiError:
    return ApiError("NotFound", "Topic does not exist", 404)


def subscription_not_found() -> ApiError:
    return ApiError("NotFound", "Subscription does not exist", 404)


@dataclass(frozen=True)
class Request:
    """One request: its parameters by name, and whether it carries an AWS signature."""

    parameters: dict[str, str]
    signed: bool

    @property
    def action(self) -> str:
        return self.parameters.get("Action", "")

    def get(self, name: str) -> str:
        """Return a parameter, empty if it was not sent."""
        return self.parameters.get(name, "")

    def flag(self, name: str) -> bool:
        return self.get(name).lower() == "true"

    def entries(self, name: str) -> dict[str, str]:
        """Return a map that was sent as `name.entry.N.key` and `name.entry.N.value`."""
        found: dict[str, str] = {}
        number = 1
        while f"{name}.entry.{number}.key" in self.parameters:
            found[self.get(f"{name}.entry.{number}.key")] = self.get(f"{name}.entry.{number}.value")
            number += 1
        return found


def parse(headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Request:
    """Return the request that a form or a link holds; empty values count, as AWS counts them."""
    parameters = {name: str(value[0] if isinstance(value, list) else value) for name, value in query.items()}
    form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    parameters.update({name: values[0] for name, values in form.items()})
    signed = bool(headers.get("authorization")) or "X-Amz-Signature" in parameters
    return Request(parameters, signed)


def xml(action: str, result: str | None = "") -> Answer:
    """Return a successful answer; `result` is what the result element holds, None for no such element."""
    inner = "" if result is None else f"<{action}Result>{result}</{action}Result>"
    body = (
        f'<{action}Response xmlns="{_NAMESPACE}">{inner}'
        f"<ResponseMetadata><RequestId>{new_uuid()}</RequestId></ResponseMetadata></{action}Response>"
    )
    return 200, dict(_XML), body.encode()


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def failure(error: ApiError) -> Answer:
    """Return the answer for an error."""
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type>'
        f"{element('Code', error.code)}{element('Message', error.message)}</Error>"
        f"<RequestId>{new_uuid()}</RequestId></ErrorResponse>"
    )
    return error.status, dict(_XML), body.encode()
