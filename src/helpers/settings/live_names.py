"""Names of the live arm: streams, Flink Studio, functions and alerts."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.settings.identity import Identity


@dataclass(frozen=True)
class LiveNames(Identity):
    """What events go through while they happen."""

    # -- Kinesis ------------------------------------------------------------------------------

    @property
    def events_stream(self) -> str:
        """Stream 1: the web shop's events."""
        return f"{self.prefix}-events"

    @property
    def activity_stream(self) -> str:
        """Stream 2: windows of users who do much in little time."""
        return f"{self.prefix}-activity"

    @property
    def trial_stream(self) -> str:
        """Stream of notebook 04's last trial, deleted there."""
        return f"{self.events_stream}-trial"

    # -- Flink Studio -------------------------------------------------------------------------

    @property
    def studio_application(self) -> str:
        """Studio notebook of Managed Service for Apache Flink; the notes deployed from it start with its name."""
        return f"{self.prefix}-studio"

    @property
    def studio_log_group(self) -> str:
        return f"/aws/kinesis-analytics/{self.studio_application}"

    @property
    def studio_base_path(self) -> str:
        """Key prefix below which Studio builds the notes that are deployed."""
        return "flink"

    @property
    def flink_role(self) -> str:
        """Role of the Studio notebook and of what is deployed from it."""
        return f"{self.prefix}-flink"

    # -- Lambda, DynamoDB, SNS, SQS, CloudWatch -----------------------------------------------

    @property
    def alert_function(self) -> str:
        """Lambda on stream 2."""
        return f"{self.prefix}-alert"

    @property
    def watch_function(self) -> str:
        """Lambda on stream 1, the cheap variation without Flink."""
        return f"{self.prefix}-watch"

    @property
    def functions_role(self) -> str:
        return f"{self.prefix}-functions"

    @property
    def activity_table(self) -> str:
        """DynamoDB table of windows, keyed by user and window."""
        return f"{self.prefix}-activity"

    @property
    def watch_table(self) -> str:
        """DynamoDB table of the windows that the cheap variation finds."""
        return f"{self.prefix}-watch"

    @property
    def alerts_topic(self) -> str:
        return f"{self.prefix}-alerts"

    @property
    def failed_queue(self) -> str:
        """SQS queue of the records that no retry could save."""
        return f"{self.prefix}-failed"

    @property
    def metric_namespace(self) -> str:
        return self.prefix

    @property
    def alarm(self) -> str:
        return f"{self.prefix}-bots"

    @property
    def dashboard(self) -> str:
        return self.prefix
