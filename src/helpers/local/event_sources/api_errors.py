"""Errors of the event source mapping API, with the codes and words that AWS answers."""

from __future__ import annotations

from helpers.local.aws_error import AwsError

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
_STATUS = {"ResourceNotFoundException": 404, "ResourceConflictException": 409}


class ApiError(AwsError):
    """An answer of the API that refuses a request."""

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 400)


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message)


def unsupported(member: str) -> ApiError:
    """Return the error of a setting that only other kinds of source have."""
    name = member[0].lower() + member[1:]
    return invalid_parameter(f"Unsupported '{name}' parameter for given event source mapping type.")


def missing(member: str) -> ApiError:
    """Return the error of a setting that Kinesis sources need."""
    name = member[0].lower() + member[1:]
    return invalid_parameter(
        f"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null."
    )


def unreadable(reason: str) -> ApiError:
    return invalid_parameter(f"Received Exception while reading from provided stream. {reason}")


def stream_not_found(arn: str) -> ApiError:
    return invalid_parameter(f"Stream not found: {arn}")


def mapping_not_found() -> ApiError:
    return ApiError("ResourceNotFoundException", "The resource you requested does not exist.")


def mapping_in_use(verb: str) -> ApiError:
    return ApiError("ResourceInUseException", f"Cannot {verb} the event source mapping because it is in use.")


def duplicate(source_arn: str, function: str, uuid: str) -> ApiError:
    return ApiError(
        "ResourceConflictException",
        f'The event source arn (" {source_arn} ") and function (" {function} ") provided mapping already exists. '
        f"Please update or delete the existing mapping with UUID {uuid}",
    )
