"""The way of the stream into the lake that notebook 07 builds, beside a live arm."""

from __future__ import annotations

import json
from typing import Any

import awswrangler as wr
import pandas as pd

from helpers import costs
from helpers.bench.live_arm import LiveArm
from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.iam import documents
from helpers.lab import Lab
from helpers.settings import find_project_root
from helpers.waiting import until

# Objects as large as Firehose makes them under load; the notebook's of 1 MB serve to see several.
HINTS = {"SizeInMBs": 64, "IntervalInSeconds": 5}
# The job takes some minutes for seven million events.
_WAIT_SECONDS = 1800.0
_OVER = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"}


class JobFailedError(LabError):
    """The Glue job could not read what was delivered."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(f"The Glue job ended as {state}: {reason or 'without a reason'}")


class LakeArm:
    """Firehose from stream 1, the Glue job, its table, and questions to Athena.

    Parameters
    ----------
    lab
        Connected to a local AWS.
    arm
        Whose stream 1 is delivered, and whose bucket is the lake.
    """

    def __init__(self, lab: Lab, arm: LiveArm) -> None:
        self._lab, self.settings, self._s3 = lab, arm.settings, arm.s3
        self._glue = lab.client("glue")
        self._make_delivery(arm)
        self._make_job()
        self._make_table()

    def rows(self) -> int:
        """Let the Glue job read what is new, and return how many rows the table has.

        Raises
        ------
        JobFailedError
            If it fails.
        """
        run = {"JobName": self.settings.etl_job}
        run["RunId"] = self._glue.start_job_run(**run)["JobRunId"]
        ended = until(lambda: self._ended(run), "the end of the Glue job", _WAIT_SECONDS)
        assert ended is not None, "until returns what is true"
        if ended["JobRunState"] != "SUCCEEDED":
            raise JobFailedError(ended["JobRunState"], ended.get("ErrorMessage", ""))
        return int(self.ask(f"SELECT count(*) AS n FROM {self.settings.stream_table}")["n"].iloc[0])

    def windows(self, rule: BotRule) -> pd.DataFrame:
        """Count the windows anew from the table, as notebook 10 does: `window_start`, `user_id` (str), `actions`."""
        found = self.ask(f"""
SELECT from_unixtime(floor(to_unixtime(event_time) / {rule.window_seconds}) * {rule.window_seconds}) AS window_start,
       cast(user_id AS varchar) AS user_id, count(*) AS actions
FROM {self.settings.stream_table}
GROUP BY 1, 2 HAVING count(*) > {rule.activity_over}
""")
        found["window_start"] = pd.to_datetime(found["window_start"], utc=True).dt.tz_localize(None)
        return found

    def ask(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query."""
        settings = self.settings
        return wr.athena.read_sql_query(
            sql, database=settings.database, workgroup=settings.workgroup, ctas_approach=False
        )

    def _ended(self, run: dict[str, str]) -> dict[str, Any] | None:
        found: dict[str, Any] = self._glue.get_job_run(**run)["JobRun"]
        return found if found["JobRunState"] in _OVER else None

    def _make_delivery(self, arm: LiveArm) -> None:
        settings, firehose = self.settings, self._lab.client("firehose")
        stream = arm.kinesis.describe_stream_summary(StreamName=settings.events_stream)["StreamDescriptionSummary"]
        role, name = self._role("delivery", settings.delivery_role), settings.delivery_stream
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": stream["StreamARN"], "RoleARN": role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": f"arn:{settings.partition}:s3:::{settings.bucket}",
                "Prefix": settings.delivered_prefix + "!{timestamp:yyyy/MM/dd}/",
                "ErrorOutputPrefix": settings.undelivered_prefix + "!{firehose:error-output-type}/",
                "BufferingHints": HINTS,
                "CompressionFormat": "GZIP",
            },
        )

        def active() -> bool:
            described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
            return bool(described["DeliveryStreamStatus"] == "ACTIVE")

        until(active, "the delivery stream", _WAIT_SECONDS)

    def _make_job(self) -> None:
        settings = self.settings
        script = find_project_root() / "src" / "functions" / "stream_to_table.py"
        self._s3.put_object(Bucket=settings.bucket, Key=settings.etl_script_key, Body=script.read_bytes())
        self._glue.create_job(
            Name=settings.etl_job,
            Role=self._role("etl", settings.etl_role),
            MaxCapacity=costs.SHELL_DPU,
            Command={
                "Name": "pythonshell",
                "PythonVersion": "3.9",
                "ScriptLocation": settings.s3_uri(settings.etl_script_key),
            },
            DefaultArguments={
                "--library-set": "analytics",
                "--bucket": settings.bucket,
                "--stream_prefix": settings.delivered_prefix,
                "--table_prefix": settings.stream_table_prefix,
                "--rejected_prefix": settings.rejected_prefix,
                "--ledger_key": settings.etl_ledger_key,
                "--database": settings.database,
                "--table": settings.stream_table,
            },
        )

    def _make_table(self) -> None:
        settings = self.settings
        self._glue.create_database(DatabaseInput={"Name": settings.database})
        output = {"ResultConfiguration": {"OutputLocation": settings.query_results_uri}}
        self._lab.client("athena").create_work_group(Name=settings.workgroup, Configuration=output)
        statement = f"""
CREATE EXTERNAL TABLE {settings.stream_table} (
  event_time timestamp, event_type string, product_id bigint, category_id bigint, category_code string,
  brand string, price double, user_id bigint, user_session string, txn_timestamp timestamp)
PARTITIONED BY (event_date string)
STORED AS PARQUET
LOCATION '{settings.s3_uri(settings.stream_table_prefix)}'
"""
        wr.athena.start_query_execution(statement, database=settings.database, workgroup=settings.workgroup, wait=True)

    def _role(self, kind: str, name: str) -> str:
        trust = json.dumps(documents.trust(self.settings, kind))
        role = self._lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return str(role["Role"]["Arn"])
