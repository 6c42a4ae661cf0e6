"""The shards of a stream."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from helpers.replay.errors import NoSuchStreamError

# The sending client tries each call once, so that no retry is hidden; here nothing is to be counted.
_TRIES = 6
_AGAIN = ("LimitExceededException", "ThrottlingException", "RequestLimitExceeded")

_logger = logging.getLogger(__name__)


def list_shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Return every shard of a stream as ListShards describes it, closed ones included, by id."""
    answer = _asked(kinesis.list_shards, StreamName=stream)
    shards: list[dict[str, Any]] = answer["Shards"]
    while token := answer.get("NextToken"):
        answer = _asked(kinesis.list_shards, NextToken=token)
        shards += answer["Shards"]
    return sorted(shards, key=lambda shard: str(shard["ShardId"]))


def open_shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Return the shards that take records, by id."""
    return [
        shard for shard in list_shards(kinesis, stream) if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    ]


def stream_created(kinesis: Any, stream: str) -> str:
    """Return when a stream was made, in milliseconds since the epoch: another one of the same name differs in it.

    Raises
    ------
    NoSuchStreamError
        If there is no such stream.
    """
    try:
        summary = _asked(kinesis.describe_stream_summary, StreamName=stream)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException as error:
        raise NoSuchStreamError(stream) from error
    return str(round(summary["StreamCreationTimestamp"].timestamp() * 1000))


def _asked(call: Callable[..., dict[str, Any]], **request: Any) -> dict[str, Any]:
    """Return an answer, asked for again after what may pass."""
    for tries in range(1, _TRIES + 1):
        try:
            return call(**request)
        except (ClientError, ConnectionError, HTTPClientError) as error:
            if tries == _TRIES or not _may_pass(error):
                raise
            _logger.warning("Kinesis did not answer (%s); asking again", error)
            time.sleep(random.uniform(0, 0.1 * 2**tries))
    raise AssertionError("unreachable: the last try returns or raises")


def _may_pass(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _AGAIN or status == 429 or status >= 500
