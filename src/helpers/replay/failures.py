"""What a failed PutRecords request means for its records."""

from __future__ import annotations

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError
from botocore.parsers import ResponseParserError

from helpers.replay.errors import NoSuchStreamError

# Refusals of the whole request that come before any record is stored.
_REFUSED = {
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "KMSThrottlingException",
    "SlowDown",
    "TooManyRequestsException",
}


def why_again(error: Exception, stream: str) -> tuple[str, bool]:
    """Return the reason to send the request again, and whether its records may be stored already.

    Raises
    ------
    NoSuchStreamError
        If there is no such stream.
    Exception
        The error itself, if trying again does not cure it, like missing rights.
    """
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "ResourceNotFoundException":
            raise NoSuchStreamError(stream) from error
        if code in _REFUSED or status == 429:
            return code, False
        if status >= 500:
            return code, True
        raise error
    if isinstance(error, (EndpointConnectionError, ConnectTimeoutError)):
        return str(error), False
    if isinstance(error, (HTTPClientError, ResponseParserError)):
        return str(error), True
    raise error
