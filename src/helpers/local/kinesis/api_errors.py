"""Errors of the Kinesis API, with the codes and words that AWS answers."""

from __future__ import annotations

from ministack.core.responses import get_account_id, get_region

from helpers.local.aws_error import AwsError


class ApiError(AwsError):
    """An answer with status 400."""


def invalid_argument(message: str) -> ApiError:
    return ApiError("InvalidArgumentException", message)


def violation(where: str, constraint: str) -> ApiError:
    """Return the error for one member of a request that breaks its constraint."""
    return ApiError(
        "ValidationException",
        f"1 validation error detected: Value {where} failed to satisfy constraint: {constraint}",
    )


def stream_not_found(name: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"Stream {name} under account {get_account_id()} not found.")


def shard_not_found(shard_id: str, stream: str) -> ApiError:
    """Return the error of a name that cannot be a shard's, or of a shard to split or merge."""
    return ApiError(
        "ResourceNotFoundException",
        f"Could not find shard {shard_id} in stream {stream} under account {get_account_id()}.",
    )


def shard_does_not_exist(shard_id: str, stream: str) -> ApiError:
    """Return the error of a shard to read from."""
    return ApiError(
        "ResourceNotFoundException",
        f"Shard {shard_id} in stream {stream} under account {get_account_id()} does not exist",
    )


def on_demand(stream: str) -> ApiError:
    return ApiError(
        "ValidationException",
        f"Request is invalid. Stream {stream} under account {get_account_id()} is in On-Demand mode.",
    )


def shard_limit(current: int, limit: int, additional: int) -> ApiError:
    return ApiError(
        "LimitExceededException",
        f"This request would exceed the shard limit for the account {get_account_id()} in {get_region()}. "
        f"Current shard count for the account: {current}. Limit: {limit}. "
        f"Number of additional shards that would have resulted from this request: {additional}. "
        "Refer to the AWS Service Limits page "
        "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) "
        "for current limits and how to request higher limits.",
    )


def dry_run() -> ApiError:
    return ApiError("DryRunOperationException", "The request was rejected because the DryRun parameter was specified.")
