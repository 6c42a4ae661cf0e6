"""Errors of Lambda's API, with the codes and words that AWS answers."""

from __future__ import annotations

from ministack.services import lambda_svc as emulator

from helpers.local.aws_error import AwsError

# https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
_STATUS = {
    "ResourceNotFoundException": 404,
    "ResourceConflictException": 409,
    "RequestEntityTooLargeException": 413,
}


class LambdaError(AwsError):
    """An answer of Lambda's API that refuses a request."""

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 400)


def invalid(message: str) -> LambdaError:
    return LambdaError("InvalidParameterValueException", message)


def not_found(name: str, qualifier: str | None = None) -> LambdaError:
    """Return the error of a function, version or alias that is not there."""
    arn = emulator._func_arn(name) + (f":{qualifier}" if qualifier else "")
    return LambdaError("ResourceNotFoundException", f"Function not found: {arn}")
