"""AWS's refusals: which mean *gone already*, which pass by themselves, which are a missing right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from helpers.waiting import TookTooLongError, until

# A thing that is gone, as each service says it.
GONE = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "BackupNotFoundException",
        "DashboardNotFoundError",
        "EntityNotFoundException",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchKey",
        "NoSuchUpload",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
# What passes: something is still being made or deleted, or too much was asked at once.
PASSING = frozenset(
    {
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "BackupInUseException",
        "BucketNotEmpty",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "ConcurrentUpdateException",
        "ConflictException",
        "CrawlerRunningException",
        "CrawlerStoppingException",
        "DeleteConflict",
        "DeleteConflictException",
        "LimitExceededException",
        "OperationAborted",
        "OperationAbortedException",
        "OperationTimeoutException",
        "RequestLimitExceeded",
        "ResourceConflictException",
        "ResourceInUse",
        "ResourceInUseException",
        "SchedulerTransitioningException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "AuthorizationErrorException",
    }
)
PATIENCE_SECONDS = 300.0


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def is_gone(error: ClientError) -> bool:
    """Return whether AWS says that there is no such thing."""
    # Athena has one code for everything that it refuses.
    return code_of(error) in GONE or (code_of(error) == "InvalidRequestException" and "not found" in str(error).lower())


def is_denied(error: ClientError) -> bool:
    """Return whether the caller has no right to the call."""
    return code_of(error) in _DENIED


def in_words(error: BaseException) -> str:
    """Return what AWS said, on one line."""
    return " ".join(str(error).split())


def exists(ask: Callable[..., Any], **arguments: Any) -> Any:
    """Return AWS's answer about one thing, None if there is no such thing."""
    try:
        return ask(**arguments)
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def if_allowed(ask: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """Return AWS's answer about one thing, an empty one if the caller may not ask: it is named all the same."""
    try:
        return dict(ask(**arguments))
    except ClientError as error:
        if is_denied(error):
            return {}
        raise


def delete(call: Callable[..., Any], /, **arguments: Any) -> None:
    """Delete something: *it is gone* is an answer, and what passes is tried again.

    Raises
    ------
    botocore.exceptions.ClientError
        Any other refusal, and one that did not pass within `PATIENCE_SECONDS`.
    """
    last: list[ClientError] = []

    def is_done() -> bool:
        try:
            call(**arguments)
        except ClientError as error:
            if is_gone(error):
                return True
            if code_of(error) not in PASSING:
                raise
            last[:] = [error]
            return False
        return True

    try:
        until(is_done, "the deletion", PATIENCE_SECONDS)
    except TookTooLongError:
        raise last[0] from None


def await_end(ask: Callable[..., Any], what: str, **arguments: Any) -> None:
    """Wait until AWS says that something is gone.

    Raises
    ------
    helpers.waiting.TookTooLongError
        If it stays.
    """
    until(lambda: exists(ask, **arguments) is None, f"the end of {what}", PATIENCE_SECONDS)
