"""Errors that Athena answers a request with, in AWS's words."""

from __future__ import annotations

import json

Response = tuple[int, dict[str, str], bytes]

_CONTENT_TYPE = "application/x-amz-json-1.1"


class RequestError(Exception):
    """Athena refuses a request; no query runs.

    Parameters
    ----------
    message
        As AWS words it.
    athena_code
        `AthenaErrorCode` of an InvalidRequestException, such as `INVALID_INPUT` or `MALFORMED_QUERY`.
    code
        Exception name, the `__type` of the answer.
    """

    def __init__(
        self, message: str, athena_code: str | None = "INVALID_INPUT", code: str = "InvalidRequestException"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.athena_code = athena_code
        self.code = code

    def response(self) -> Response:
        """Return status, headers and body of the HTTP answer."""
        body = {"__type": self.code, "Message": self.message}
        if self.athena_code is not None and self.code == "InvalidRequestException":
            body |= {"AthenaErrorCode": self.athena_code, "ErrorCode": self.athena_code}
        headers = {"Content-Type": _CONTENT_TYPE, "x-amzn-errortype": self.code}
        return 400, headers, json.dumps(body, ensure_ascii=False).encode()


class WorkGroupNotFoundError(RequestError):
    """A request names a workgroup that does not exist."""

    def __init__(self) -> None:
        super().__init__("WorkGroup is not found.")


class ResourceNotFoundError(RequestError):
    """A named thing (prepared statement, tagged resource) does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__(message, None, "ResourceNotFoundException")


class MetadataError(RequestError):
    """The catalog has no such database or table, or cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(message, None, "MetadataException")


class UnknownOperationError(RequestError):
    """The request names no operation of Athena."""

    def __init__(self) -> None:
        super().__init__("", None, "UnknownOperationException")


def success(answer: dict[str, object]) -> Response:
    """Return status, headers and body of a successful HTTP answer."""
    return 200, {"Content-Type": _CONTENT_TYPE}, json.dumps(answer, ensure_ascii=False).encode()
