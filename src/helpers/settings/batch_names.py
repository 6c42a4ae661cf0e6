"""Names of the batch arm: bucket, catalog, Athena, delivery, Quick Sight; and of the stack and the budget."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.settings.identity import Identity


@dataclass(frozen=True)
class BatchNames(Identity):
    """What is in the lake and around it."""

    # -- S3 -----------------------------------------------------------------------------------

    @property
    def bucket(self) -> str:
        """The lab's one bucket; the account and region make the name unique."""
        return f"{self.prefix}-{self.account}-{self.region}"

    @property
    def raw_key(self) -> str:
        """Key of the cut data set, a CSV with header."""
        return "raw/events/events.csv"

    def s3_uri(self, key: str) -> str:
        """Return `s3://bucket/key`."""
        return f"s3://{self.bucket}/{key}"

    @property
    def raw_uri(self) -> str:
        """Folder that the crawler reads."""
        return self.s3_uri("raw/events/")

    @property
    def lake_uri(self) -> str:
        """Folder of the typed Parquet tables."""
        return self.s3_uri("lake/")

    @property
    def query_results_uri(self) -> str:
        """Where Athena puts its results."""
        return self.s3_uri("athena-results/")

    # -- Glue and Athena ----------------------------------------------------------------------

    @property
    def database(self) -> str:
        """Glue database; hyphens would need quoting in every SQL statement."""
        return self.prefix.replace("-", "_")

    @property
    def raw_table_prefix(self) -> str:
        """What the crawler puts before the names of its tables."""
        return "raw_"

    @property
    def raw_table(self) -> str:
        """The crawler's table over the CSV: prefix and folder name."""
        return "raw_events"

    @property
    def events_table(self) -> str:
        """The typed Parquet table, partitioned by day."""
        return "events"

    @property
    def events_by_type_table(self) -> str:
        """The same, partitioned by type of event."""
        return "events_by_type"

    @property
    def crawler(self) -> str:
        return f"{self.prefix}-raw"

    @property
    def csv_classifier(self) -> str:
        return f"{self.prefix}-csv"

    @property
    def crawler_role(self) -> str:
        return f"{self.prefix}-crawler"

    @property
    def workgroup(self) -> str:
        """Athena workgroup with a result location and a scan cutoff of its own."""
        return self.prefix

    # -- Firehose and Glue job ----------------------------------------------------------------

    @property
    def delivery_stream(self) -> str:
        """Firehose from stream 1 into the lake."""
        return f"{self.prefix}-delivery"

    @property
    def delivery_role(self) -> str:
        return f"{self.prefix}-delivery"

    @property
    def delivered_prefix(self) -> str:
        """Key prefix of what Firehose delivers."""
        return "stream/"

    @property
    def undelivered_prefix(self) -> str:
        """Key prefix of what Firehose could not deliver."""
        return "stream-errors/"

    @property
    def etl_job(self) -> str:
        """Glue Python job that turns delivered files into the typed table."""
        return f"{self.prefix}-etl"

    @property
    def etl_role(self) -> str:
        return f"{self.prefix}-etl"

    @property
    def etl_script_key(self) -> str:
        """Key of the job's script."""
        return "etl/stream_to_table.py"

    @property
    def etl_ledger_key(self) -> str:
        """Key of the list of delivered objects that the job has read."""
        return "etl/stream_events.json"

    @property
    def rejected_prefix(self) -> str:
        """Key prefix of delivered lines that are no events."""
        return "stream-rejected/"

    @property
    def stream_table(self) -> str:
        """The typed, deduplicated table of the events that came through the stream."""
        return "stream_events"

    @property
    def stream_table_prefix(self) -> str:
        """Key prefix of that table's files."""
        return f"lake/{self.stream_table}/"

    # -- Quick Sight --------------------------------------------------------------------------

    @property
    def windows_table(self) -> str:
        """Table of the windows that the live arm found, for Quick Sight to read."""
        return "activity_windows"

    @property
    def windows_table_uri(self) -> str:
        """Folder of that table's files."""
        return self.s3_uri(f"lake/{self.windows_table}/")

    @property
    def quicksight_source(self) -> str:
        """Data source on the workgroup."""
        return self.prefix

    def quicksight_data_set(self, name: str) -> str:
        """Return the id of the data set `name`."""
        return f"{self.prefix}-{name}"

    @property
    def quicksight_analysis(self) -> str:
        return self.prefix

    @property
    def quicksight_dashboard(self) -> str:
        return self.prefix

    # -- CloudFormation -----------------------------------------------------------------------

    @property
    def stack(self) -> str:
        """The stack of those who skip the steps."""
        return self.prefix

    @property
    def stack_role(self) -> str:
        """Role under which CloudFormation makes the stack's resources."""
        return f"{self.prefix}-stack"

    @property
    def code_bucket(self) -> str:
        """Bucket of the functions' code, from which the stack is made; not the lab's own."""
        return f"{self.prefix}-code-{self.account}"

    # -- Money --------------------------------------------------------------------------------

    @property
    def budget(self) -> str:
        return f"{self.prefix}-budget"
