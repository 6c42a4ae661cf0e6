"""What Lambda hands to a function on a Kinesis stream, and the context that goes with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Sequence numbers of Kinesis have 56 digits.
FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898


@dataclass
class FakeContext:
    """Lambda's context object; `seconds_left` may be changed by a test."""

    seconds_left: float = 30.0
    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:function"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds_left * 1000)


def kinesis_event(
    payloads: Iterable[bytes | dict[str, Any]],
    first: int = 0,
    shard: int = 0,
    key: str | None = None,
    arrived_at: float = 1_790_000_000.25,
) -> dict[str, Any]:
    """Return the event of one batch; its records are numbers `first` and following of the shard.

    The partition key of each is `key`, by default the record's user.
    """
    records = []
    for number, payload in enumerate(payloads, start=first):
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        records.append(
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": key or ("none" if isinstance(payload, bytes) else str(payload["user_id"])),
                    "sequenceNumber": sequence(number),
                    "data": base64.b64encode(data).decode(),
                    "approximateArrivalTimestamp": arrived_at,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-{shard:012d}:{sequence(number)}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::000000000000:role/functions",
                "awsRegion": "us-east-1",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/stream",
            }
        )
    return {"Records": records}


def sequence(number: int) -> str:
    """Return the sequence number of the record of that number."""
    return str(FIRST_SEQUENCE + number)


def failed(answer: dict[str, Any]) -> list[str]:
    """Return the sequence numbers that a function reports as failed."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]
