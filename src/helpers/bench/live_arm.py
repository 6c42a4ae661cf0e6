"""The live arm that notebooks 03, 08 and 09 build, on services that hold nothing yet."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import costs, inbox
from helpers.bot_rule import BotRule
from helpers.flink import FlinkSession
from helpers.iam import documents
from helpers.items import read_items
from helpers.lab import Lab
from helpers.packaging import RUNTIME, package
from helpers.replay import SENDING_CONFIG, ReplayReport, replay
from helpers.shard_tasks import parallelism_for
from helpers.waiting import until
from helpers.zeppelin import NoteParameters, deploy_note, write_notes

EMAIL = "you@example.com"
# As notebook 03 makes them.
SHARDS = 2
_WAIT_SECONDS = 60.0


class LiveArm:
    """Both streams, and what hangs on them.

    Parameters
    ----------
    lab
        Connected to a local AWS and a Flink.
    name
        Prefix of the names of all that it makes, so that several can stand side by side.
    shards
        Of each stream.
    """

    def __init__(self, lab: Lab, name: str, shards: int = SHARDS) -> None:
        self._lab, self.settings = lab, replace(lab.settings, prefix=name)
        self.kinesis, self.s3 = lab.client("kinesis"), lab.client("s3")
        self.topic_arn = ""
        for stream in (self.settings.events_stream, self.settings.activity_stream):
            self.kinesis.create_stream(StreamName=stream, ShardCount=shards)
            self.kinesis.get_waiter("stream_exists").wait(StreamName=stream)
        self.s3.create_bucket(Bucket=self.settings.bucket)

    def upload(self, path: Path) -> str:
        """Put a file of events into the bucket and return its key."""
        self.s3.upload_file(str(path), self.settings.bucket, path.name)
        return path.name

    def play(
        self, key: str, speed: float | None = None, progress: Callable[[int], None] = lambda sent: None
    ) -> ReplayReport:
        """Replay a file of the bucket into stream 1."""
        sending = self._lab.session.client("kinesis", config=SENDING_CONFIG)
        stream = self.settings.events_stream
        return replay(self.s3, sending, self.settings.bucket, key, stream, speed=speed, progress=progress)

    def deploy(self, flink: FlinkSession, since: datetime | None = None) -> str:
        """Deploy note 2 with a task for each shard, reading from a time or from the beginning; return the job's id."""
        position = f"{since:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" if since else "TRIM_HORIZON"
        note = write_notes(self.settings.build_dir / "notes", NoteParameters.of(self.settings, position))[1]
        stream = self.settings.events_stream
        shards = [shard["ShardId"] for shard in self.kinesis.list_shards(StreamName=stream)["Shards"]]
        return deploy_note(note, flink, self.settings.endpoint_url, parallelism_for(stream, shards))

    def mails(self) -> list[dict[str, Any]]:
        """Return the alerts that have been mailed, oldest first."""
        return inbox.notifications(self.settings, self.topic_arn, EMAIL)

    def make_alerts(self, rule: BotRule) -> None:
        """Make topic and subscription, table, function and mapping from stream 2, as notebook 09 does.

        Raises
        ------
        helpers.waiting.TookTooLongError
            If a part does not come up.
        """
        self.topic_arn = self._subscribed_topic()
        self._make_table()
        self._make_function(rule)
        stream = self.kinesis.describe_stream_summary(StreamName=self.settings.activity_stream)
        functions = self._lab.client("lambda")
        mapping = functions.create_event_source_mapping(
            EventSourceArn=stream["StreamDescriptionSummary"]["StreamARN"],
            FunctionName=self.settings.alert_function,
            BatchSize=100,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=2,
        )
        enabled = lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled"  # noqa: E731
        until(enabled, "the mapping to be enabled", _WAIT_SECONDS)
        self._call_once()

    def _call_once(self) -> None:
        """Let the function keep one window, so that its environment is up before anything is measured."""
        window = {
            "window_start": "2019-09-30T00:00:00",
            "window_end": "2019-09-30T00:00:10",
            "user_id": "1",
            "actions": 6,
        }
        stream = self.settings.activity_stream
        self.kinesis.put_record(StreamName=stream, Data=json.dumps(window).encode(), PartitionKey="1")
        until(lambda: len(self.kept()), "the function's first window", _WAIT_SECONDS)

    def kept(self) -> pd.DataFrame:
        """Return the windows in DynamoDB, the one of the beginning included."""
        return read_items(self._lab.client("dynamodb"), self.settings.activity_table)

    def _subscribed_topic(self) -> str:
        sns = self._lab.client("sns")
        topic_arn = str(sns.create_topic(Name=self.settings.alerts_topic)["TopicArn"])
        sns.subscribe(TopicArn=topic_arn, Protocol="email-json", Endpoint=EMAIL)
        letter = lambda: inbox.confirmation_link(self.settings, topic_arn, EMAIL)  # noqa: E731
        link = until(letter, "the confirmation mail", _WAIT_SECONDS)
        assert link is not None, "until returns what is true"
        urllib.request.urlopen(link).close()
        return topic_arn

    def _make_table(self) -> None:
        keys = [("user_id", "N", "HASH"), ("window_start", "S", "RANGE")]
        self._lab.client("dynamodb").create_table(
            TableName=self.settings.activity_table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind, _ in keys],
            KeySchema=[{"AttributeName": key, "KeyType": role} for key, _, role in keys],
        )

    def _make_function(self, rule: BotRule) -> None:
        settings, made = self.settings, package("alert")
        trust = json.dumps(documents.trust(settings, "functions"))
        role = self._lab.client("iam").create_role(RoleName=settings.functions_role, AssumeRolePolicyDocument=trust)
        functions = self._lab.client("lambda")
        functions.create_function(
            FunctionName=settings.alert_function,
            Role=role["Role"]["Arn"],
            Runtime=RUNTIME,
            Handler=made.handler,
            Code={"ZipFile": made.zipped},
            Timeout=30,
            MemorySize=costs.LAMBDA_MEMORY_MB,
            Environment={
                "Variables": {
                    "TABLE": settings.activity_table,
                    "TOPIC_ARN": self.topic_arn,
                    "KEEP_DAYS": "7",
                    "ALERT_OVER": str(rule.alert_over),
                    "WINDOW_SECONDS": str(rule.window_seconds),
                    "POWERTOOLS_METRICS_NAMESPACE": settings.metric_namespace,
                    "POWERTOOLS_SERVICE_NAME": "alert",
                }
            },
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=settings.alert_function)
