"""The one object that names everything: resources, places and endpoints."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from helpers.errors import LabError

Target = Literal["local", "aws"]

LOCAL_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
# S3 makes a bucket here if the request names no region, and takes no request that names this one.
S3_HOME_REGION = "us-east-1"
DEFAULT_PREFIX = "ecommerce-lab"


class InvalidSettingError(LabError):
    """A setting has a value that AWS or the lab cannot work with."""

    def __init__(self, name: str, value: str, remedy: str) -> None:
        super().__init__(f"Setting {name} is {value!r}: {remedy}.")


class ProjectNotFoundError(LabError):
    """No checkout of the lab around the working directory."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"No notebooks/ and pyproject.toml in {start} or above it: run the command from the lab's own folder."
        )


def find_project_root(start: Path | None = None) -> Path:
    """Return the checkout's top folder, seen from `start` (default: the working directory).

    Raises
    ------
    ProjectNotFoundError
        If neither `start`, nor a folder above it, nor the installed package lies in a checkout.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents, *Path(__file__).resolve().parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise ProjectNotFoundError(start)


@dataclass(frozen=True)
class Settings:
    """Names of every resource of the lab, derived from prefix, account, region and target.

    Parameters
    ----------
    prefix
        Start of every resource name; 3-24 lower-case letters, digits and hyphens.
    account
        12-digit AWS account id; the emulator's own on the laptop.
    region
        AWS region of every resource.
    target
        `local` for the laptop's AWS, `aws` for the learner's account.
    endpoint_url
        Where the AWS clients talk to; None means AWS itself.
    build_dir
        Folder for everything that a run leaves behind.
    """

    prefix: str
    account: str
    region: str
    target: Target
    endpoint_url: str | None
    build_dir: Path

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,22}[a-z0-9]", self.prefix):
            raise InvalidSettingError(
                "LAB_PREFIX",
                self.prefix,
                "use 3 to 24 lower-case letters, digits and hyphens, a letter first",
            )
        if not re.fullmatch(r"\d{12}", self.account):
            raise InvalidSettingError("account", self.account, "an AWS account id has 12 digits")
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", self.region):
            raise InvalidSettingError("AWS_REGION", self.region, "use the name of an AWS region, like eu-west-1")

    @property
    def partition(self) -> str:
        """First part of every ARN: `aws`, `aws-us-gov` or `aws-cn`, as botocore has it for the region.

        Raises
        ------
        InvalidSettingError
            If botocore knows no such region.
        """
        return partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in the lab's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    # -- S3 -------------------------------------------------------------------------------------

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

    # -- Kinesis --------------------------------------------------------------------------------

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

    # -- Glue and Athena ------------------------------------------------------------------------

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

    # -- Firehose and Glue job ------------------------------------------------------------------

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

    # -- Flink Studio ---------------------------------------------------------------------------

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

    # -- Lambda, DynamoDB, SNS, SQS, CloudWatch -------------------------------------------------

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

    # -- Quick Sight ----------------------------------------------------------------------------

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

    # -- CloudFormation -------------------------------------------------------------------------

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

    # -- Money ----------------------------------------------------------------------------------

    @property
    def budget(self) -> str:
        return f"{self.prefix}-budget"

    @property
    def tags(self) -> dict[str, str]:
        """Tags on everything the lab makes; the clean-up finds resources by them."""
        return {"project": self.prefix}

    # -- Places on this machine -----------------------------------------------------------------

    @property
    def results_dir(self) -> Path:
        return self.build_dir / "results"

    @property
    def inbox_dir(self) -> Path:
        """Where the laptop's mails land."""
        return self.build_dir / "inbox"

    @property
    def figures_dir(self) -> Path:
        """Pictures that notebooks save for the report."""
        return self.build_dir / "report" / "figures"


@cache
def partition_of(region: str) -> str:
    """Return the partition of a region, as botocore has it.

    Raises
    ------
    InvalidSettingError
        If botocore knows no such region.
    """
    # Here, not above: the background programs start sooner without botocore.
    from botocore.exceptions import UnknownRegionError
    from botocore.session import Session

    try:
        return str(Session().get_partition_for_region(region))
    except UnknownRegionError:
        raise InvalidSettingError("AWS_REGION", region, "AWS has no such region") from None


def target_from_environment(environ: Mapping[str, str] = os.environ) -> Target:
    """Return the target named by `LAB_TARGET`, `local` if it is unset.

    Raises
    ------
    InvalidSettingError
        If `LAB_TARGET` is neither `local` nor `aws`.
    """
    value = environ.get("LAB_TARGET", "local")
    if value == "local":
        return "local"
    if value == "aws":
        return "aws"
    raise InvalidSettingError("LAB_TARGET", value, "use local or aws")


def build_dir_from_environment(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder named by `LAB_BUILD_DIR`, else `build/` in the checkout."""
    named = environ.get("LAB_BUILD_DIR")
    return Path(named).resolve() if named else find_project_root() / "build"
