"""SubscribeToShard: records pushed to a consumer for up to five minutes.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
"""

from __future__ import annotations

import asyncio
import struct
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import StreamingResponse, get_account_id, new_uuid
from ministack.services import kinesis as emulator

from helpers.local.kinesis import consumers, wire
from helpers.local.kinesis.api_errors import ApiError, shard_does_not_exist
from helpers.local.kinesis.reading import child_shards, millis_behind_latest, shown, start_place
from helpers.local.kinesis.stored import (
    Shard,
    Stream,
    expire,
    find_stream,
    is_open,
    refuse_if_dry_run,
    stream_name_of,
)
from helpers.local.kinesis.validation import check

SUBSCRIPTION_SECONDS = 300
TAKEOVER_SECONDS = 5
# An event carries what the reader's buffers can take at once; AWS sends about as much.
EVENT_RECORDS = 1000
EVENT_BYTES = 2 * 2**20
QUIET_SECONDS = 5
_POLL_SECONDS = 0.1

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class _Subscription:
    """One open subscription; `place` is the next record to send."""

    key: tuple[str, str]
    id: str
    stream: Stream
    shard_id: str
    shard: Shard
    place: int
    began: float
    content_type: str
    continuation: str = field(init=False)

    def __post_init__(self) -> None:
        log = self.shard["records"]
        before = log.read(self.place - 1, 1) if self.place > log.start else []
        self.continuation = before[0].sequence_number if before else self.shard["starting_sequence_number"]

    def event(self, kind: str, members: dict[str, Any]) -> bytes:
        return self._message({":message-type": "event", ":event-type": kind}, members)

    def failure(self, error: ApiError) -> bytes:
        headers = {":message-type": "exception", ":exception-type": error.code}
        return self._message(headers, {"message": error.message})

    def records(self) -> dict[str, Any]:
        log = self.shard["records"]
        found = log.read(self.place, EVENT_RECORDS, EVENT_BYTES)
        if found:
            self.place = max(self.place, log.start) + len(found)
            self.continuation = found[-1].sequence_number
        ended = self.place >= log.end and not is_open(self.shard)
        return {
            "Records": [shown(self.stream, record) for record in found],
            "ContinuationSequenceNumber": self.continuation,
            "MillisBehindLatest": millis_behind_latest(self.shard, self.place),
            **({"ChildShards": child_shards(self.stream, self.shard_id)} if ended else {}),
        }

    def _message(self, headers: dict[str, str], members: dict[str, Any]) -> bytes:
        kind = "application/json" if self.content_type == wire.JSON else self.content_type
        return event_message({**headers, ":content-type": kind}, wire.encode(members, self.content_type))


def subscribe(request: dict[str, Any], content_type: str) -> StreamingResponse:
    """Return the answer that pushes a shard's records.

    Raises
    ------
    ApiError
        If consumer or shard do not exist, the position does not fit, or the consumer has
        subscribed to the shard within the last five seconds.
    """
    check("SubscribeToShard", request)
    consumer = consumers.find({"ConsumerARN": request["ConsumerARN"]})
    stream = find_stream({"StreamName": stream_name_of(consumer["StreamARN"])})
    shard_id = request["ShardId"]
    shard = stream["shards"].get(shard_id)
    if shard is None:
        raise shard_does_not_exist(shard_id, stream["StreamName"])
    start = request["StartingPosition"]
    place = start_place(
        stream["StreamName"], shard_id, shard, start["Type"], start.get("SequenceNumber"), start.get("Timestamp")
    )
    refuse_if_dry_run(request)
    key, now = (request["ConsumerARN"], shard_id), time.monotonic()
    live = emulator._subscriptions.get(key)
    if live is not None and now - live["started"] < TAKEOVER_SECONDS:
        raise ApiError(
            "ResourceInUseException",
            f"Another active subscription exists for this consumer: {shard_id}:{request['ConsumerARN']} "
            f"under account {get_account_id()}.",
        )
    subscription = _Subscription(key, new_uuid(), stream, shard_id, shard, place, now, content_type)
    emulator._subscriptions[key] = {"id": subscription.id, "started": now}
    return StreamingResponse(lambda send, receive: _push(subscription, send, receive))


def event_message(headers: dict[str, str], payload: bytes) -> bytes:
    """Return one message of the AWS event stream encoding, all headers strings.

    https://smithy.io/2.0/aws/amazon-eventstream.html
    """
    head = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + payload
    return message + struct.pack("!I", zlib.crc32(message))


async def _push(subscription: _Subscription, send: Send, receive: Receive) -> None:
    async def part(body: bytes, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": more})

    gone = asyncio.create_task(_disconnected(receive))
    last_sent = 0.0
    try:
        await part(subscription.event("initial-response", {}))
        while not gone.done() and time.monotonic() - subscription.began < SUBSCRIPTION_SECONDS:
            problem = _problem(subscription)
            if problem is not None:
                await part(subscription.failure(problem))
                break
            expire(subscription.stream)
            members = subscription.records()
            quiet = time.monotonic() - last_sent >= QUIET_SECONDS
            if members["Records"] or "ChildShards" in members or quiet:
                await part(subscription.event("SubscribeToShardEvent", members))
                last_sent = time.monotonic()
            if "ChildShards" in members:
                break
            if not members["Records"]:
                await asyncio.wait({gone}, timeout=_POLL_SECONDS)
        if not gone.done():
            await part(b"", more=False)
    finally:
        gone.cancel()
        if emulator._subscriptions.get(subscription.key, {}).get("id") == subscription.id:
            del emulator._subscriptions[subscription.key]


async def _disconnected(receive: Receive) -> None:
    while (await receive()).get("type") != "http.disconnect":
        pass


def _problem(subscription: _Subscription) -> ApiError | None:
    if emulator._subscriptions.get(subscription.key, {}).get("id") != subscription.id:
        return ApiError(
            "ResourceInUseException", f"Subscription to shard {subscription.shard_id} was taken over by another call."
        )
    consumer_arn = subscription.key[0]
    if subscription.stream["StreamStatus"] == "DELETING" or consumer_arn not in emulator._consumers:
        return ApiError("ResourceNotFoundException", f"Consumer {consumer_arn}, account {get_account_id()} not found.")
    return None
