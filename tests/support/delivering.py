"""A Firehose to try things on: a bucket, delivery streams into it, and a way to wait for objects."""

from __future__ import annotations

import gzip
import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/delivery"
HINTS = {"SizeInMBs": 1, "IntervalInSeconds": 1}


class Deliveries:
    """A bucket, and delivery streams into it."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client
        self.api, self.s3, self.kinesis = client("firehose"), client("s3"), client("kinesis")
        self.bucket = f"delivered-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)

    def destination(self, **members: Any) -> dict[str, Any]:
        """Return an ExtendedS3DestinationConfiguration; buffers wait a second unless told otherwise."""
        return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{self.bucket}", "BufferingHints": HINTS, **members}

    def create(self, source: str | None = None, **members: Any) -> str:
        """Make a delivery stream and return its name once it is active."""
        name = f"stream-{uuid.uuid4().hex[:10]}"
        arguments: dict[str, Any] = {"ExtendedS3DestinationConfiguration": self.destination(**members)}
        if source is not None:
            arguments["DeliveryStreamType"] = "KinesisStreamAsSource"
            arguments["KinesisStreamSourceConfiguration"] = {"KinesisStreamARN": source, "RoleARN": ROLE}
        self.api.create_delivery_stream(DeliveryStreamName=name, **arguments)
        self.wait_until(lambda: self.describe(name)["DeliveryStreamStatus"] == "ACTIVE")
        return name

    def describe(self, name: str) -> dict[str, Any]:
        description: dict[str, Any] = self.api.describe_delivery_stream(DeliveryStreamName=name)
        return dict(description["DeliveryStreamDescription"])

    def put(self, name: str, *records: bytes) -> None:
        self.api.put_record_batch(DeliveryStreamName=name, Records=[{"Data": record} for record in records])

    def delete(self, name: str) -> None:
        """Delete a delivery stream and wait until all it had buffered is delivered."""
        self.api.delete_delivery_stream(DeliveryStreamName=name)
        self.wait_until(lambda: name not in self.names())

    def names(self) -> list[str]:
        names: list[str] = self.api.list_delivery_streams(Limit=1000)["DeliveryStreamNames"]
        return names

    def source(self, shards: int = 1) -> tuple[str, str]:
        """Make a Kinesis stream and return its name and ARN."""
        name = f"source-{uuid.uuid4().hex[:10]}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        summary = self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        return name, summary["StreamARN"]

    def function(self, code: str) -> str:
        """Make a Lambda function of Python code with a `handler`, and return its ARN."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", code)
        created = self.client("lambda").create_function(
            FunctionName=f"function-{uuid.uuid4().hex[:10]}",
            Runtime="python3.13",
            Role=ROLE,
            Handler="index.handler",
            Code={"ZipFile": package.getvalue()},
            Timeout=10,
        )
        arn: str = created["FunctionArn"]
        return arn

    def keys(self, prefix: str = "") -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", [])]

    def wait_for_keys(self, prefix: str, count: int = 1, seconds: float = 15) -> list[str]:
        """Return the keys under a prefix once there are `count`."""
        self.wait_until(lambda: len(self.keys(prefix)) >= count, seconds)
        return self.keys(prefix)

    def body(self, key: str) -> bytes:
        """Return an object's bytes, unpacked if its name ends in `.gz`."""
        content: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return gzip.decompress(content) if key.endswith(".gz") else content

    def text(self, prefix: str) -> bytes:
        """Return all that lies under a prefix, one after the other."""
        return b"".join(self.body(key) for key in self.keys(prefix))

    def documents(self, prefix: str) -> list[dict[str, Any]]:
        """Return the JSON documents under a prefix, a line each."""
        return [json.loads(line) for line in self.text(prefix).splitlines()]

    def metric(self, stream: str, name: str) -> float | None:
        """Return the sum of a metric of a delivery stream, None if nothing was reported."""
        now = datetime.now(UTC)
        found = self.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Firehose",
            MetricName=name,
            Dimensions=[{"Name": "DeliveryStreamName", "Value": stream}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in found) if found else None

    @staticmethod
    def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not so within {seconds} s"
            time.sleep(0.05)


def processors(*steps: tuple[str, dict[str, str]]) -> dict[str, Any]:
    """Return a ProcessingConfiguration of (type, parameters) each."""
    return {
        "Enabled": True,
        "Processors": [
            {
                "Type": kind,
                "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()],
            }
            for kind, given in steps
        ],
    }
