"""Errors of the Firehose API, with the codes and words that AWS answers."""

from __future__ import annotations

from ministack.core.responses import get_account_id

from helpers.local.aws_error import AwsError


class ApiError(AwsError):
    """A refusal."""


def invalid_argument(message: str) -> ApiError:
    return ApiError("InvalidArgumentException", message)


def invalid_prefix(constraint: str) -> ApiError:
    """Return the refusal of a prefix; `Ths` is AWS's own spelling."""
    return invalid_argument(f"Ths supplied prefix(es) do not satisfy the following constraint: {constraint}")


def too_long(where: str, most: int) -> ApiError:
    return ApiError(
        "ValidationException",
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {most}",
    )


def not_found(name: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"Firehose {name} under account {get_account_id()} not found.")


def exists(name: str) -> ApiError:
    return ApiError("ResourceInUseException", f"Firehose {name} under accountId {get_account_id()} already exists")


def not_active(name: str) -> ApiError:
    """Return the refusal to change a stream that is being made or deleted."""
    return ApiError("ResourceInUseException", f"Firehose {name} under account {get_account_id()} is not active.")


def not_permitted_on_source() -> ApiError:
    """Return the refusal of a direct put to a stream that reads from a Kinesis stream."""
    return invalid_argument("This operation is not permitted on KinesisStreamAsSource delivery stream type.")
