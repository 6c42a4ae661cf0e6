"""Streams, functions and event source mappings of a test's own, and what the functions were called with."""

from __future__ import annotations

import base64
import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/lambda-role"
# Every call is noted in a file before the function answers it.
PRELUDE = """
import json, os, time

def handler(event, context):
    with open(os.environ["CALLS"], "ab", buffering=0) as calls:
        call = {"at": time.time(), "request_id": context.aws_request_id, "event": event}
        calls.write(json.dumps(call).encode() + b"\\n")
    return answer(event)

"""
ACCEPTS = "def answer(event):\n    return None\n"
FAILS = "def answer(event):\n    raise ValueError('no')\n"
FAILS_ON_POISON = """
import base64
def answer(event):
    if any(base64.b64decode(r["kinesis"]["data"]) == b"poison" for r in event["Records"]):
        raise ValueError("poison")
"""


class EventSources:
    """Makes streams, functions and mappings, and removes them at the end."""

    def __init__(self, client: Callable[[str], Any], folder: Path) -> None:
        self.aws = client("lambda")
        self.kinesis = client("kinesis")
        self.sqs = client("sqs")
        self._folder = folder
        self._functions: list[str] = []
        self._streams: list[str] = []
        self._mappings: list[str] = []

    def stream(self, shards: int = 1) -> str:
        """Return the name of a new stream."""
        name = f"events-{uuid.uuid4().hex[:10]}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        self._streams.append(name)
        return name

    def stream_arn(self, name: str) -> str:
        arn: str = self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        return arn

    def put(self, stream: str, *data: bytes, key: str = "key") -> list[str]:
        """Put records of one partition key; return their sequence numbers."""
        records = [{"Data": one, "PartitionKey": key} for one in data]
        answer = self.kinesis.put_records(StreamName=stream, Records=records)
        return [record["SequenceNumber"] for record in answer["Records"]]

    def function(self, answer: str = ACCEPTS, **settings: Any) -> str:
        """Return the name of a new function whose `answer(event)` is given as source."""
        name = f"function-{uuid.uuid4().hex[:10]}"
        settings.setdefault("Timeout", 10)
        self.aws.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handler",
            Role=ROLE,
            Code={"ZipFile": zipped({"index.py": PRELUDE + answer})},
            Environment={"Variables": {"CALLS": str(self._calls_file(name))}},
            **settings,
        )
        self._functions.append(name)
        return name

    def map(self, stream: str, function: str, **settings: Any) -> str:
        """Return the identifier of a new mapping, once it is enabled."""
        settings.setdefault("StartingPosition", "TRIM_HORIZON")
        arn = stream if stream.startswith("arn:") else self.stream_arn(stream)
        created = self.aws.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, **settings)
        mapping: str = created["UUID"]
        self._mappings.append(mapping)
        if settings.get("Enabled", True):
            self.await_state(mapping, "Enabled")
        return mapping

    def get(self, mapping: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.get_event_source_mapping(UUID=mapping)
        return found

    def await_state(self, mapping: str, state: str) -> dict[str, Any]:
        return until(lambda: self.get(mapping), lambda found: found["State"] == state)

    def await_result(self, mapping: str, result: str) -> dict[str, Any]:
        return until(lambda: self.get(mapping), lambda found: result in found["LastProcessingResult"])

    def calls(self, function: str) -> list[dict[str, Any]]:
        """Return what the function has been called with, in order: time, request id and event of each call."""
        file = self._calls_file(function)
        if not file.exists():
            return []
        # A line without its end is still being written.
        return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]

    def events(self, function: str, least: int = 0, seconds: float = 20) -> list[dict[str, Any]]:
        """Return the events of a function's calls, once there are at least so many."""
        found = until(lambda: self.calls(function), lambda calls: len(calls) >= least, seconds)
        return [call["event"] for call in found]

    def batches(self, function: str, least: int = 0) -> list[list[bytes]]:
        """Return the data of the records of each call, once there are at least so many calls."""
        return [data_of(event) for event in self.events(function, least)]

    def await_records(self, function: str, count: int) -> list[list[bytes]]:
        """Return the data of the records of each call, once so many records have come in all."""
        return until(lambda: self.batches(function), lambda batches: sum(map(len, batches)) >= count)

    def queue(self) -> tuple[str, str]:
        """Return URL and ARN of a new queue."""
        url = self.sqs.create_queue(QueueName=f"failed-{uuid.uuid4().hex[:10]}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    def received(self, queue_url: str, count: int = 1) -> list[dict[str, Any]]:
        """Return the bodies of so many messages of a queue, once they are there."""
        bodies: list[dict[str, Any]] = []

        def more() -> list[dict[str, Any]]:
            answer = self.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
            bodies.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return bodies

        return until(more, lambda found: len(found) >= count)

    def close(self) -> None:
        for mapping in self._mappings:
            try:
                self.aws.delete_event_source_mapping(UUID=mapping)
            except (self.aws.exceptions.ResourceNotFoundException, self.aws.exceptions.ResourceInUseException):
                continue
        existing = self.kinesis.list_streams(Limit=100)["StreamNames"]
        for stream in self._streams:
            if stream in existing:
                self.kinesis.delete_stream(StreamName=stream, EnforceConsumerDeletion=True)
        for function in self._functions:
            try:
                self.aws.delete_function(FunctionName=function)
            except self.aws.exceptions.ResourceNotFoundException:
                continue

    def _calls_file(self, function: str) -> Path:
        return self._folder / f"{function}.jsonl"


def zipped(files: dict[str, str]) -> bytes:
    """Return a zip archive of text files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return archive.getvalue()


def data_of(event: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(record["kinesis"]["data"]) for record in event["Records"]]


def records_of(batches: list[list[bytes]]) -> list[bytes]:
    """Return the data of the records of all batches, in order."""
    return [data for batch in batches for data in batch]


def until(look: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 20) -> Any:
    """Return what `look` finds, as soon as it holds."""
    limit = time.monotonic() + seconds
    while True:
        found = look()
        if holds(found):
            return found
        assert time.monotonic() < limit, found
        time.sleep(0.02)
