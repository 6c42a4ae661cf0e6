"""The AWS CLI does what the walkthrough did by command or console: each cell, run by itself, on an empty local AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.utils.text import DollarFormatter

from helpers import costs
from helpers.events import COLUMNS
from helpers.iam import documents
from helpers.local import process
from helpers.packaging import RUNTIME, package
from helpers.settings import DEFAULT_PREFIX, DEFAULT_REGION, LOCAL_ACCOUNT, Settings
from helpers.waiting import until

# What the walkthrough did by the CLI or in the console, by the notebook that shows it.
STEPS = {
    "01_bucket": ["s3 mb", "s3api put-bucket-tagging"],
    "02_dataset": ["s3 cp"],
    "03_streams": ["kinesis create-stream"],
    "05_catalog": [
        "glue create-database", "glue create-crawler", "glue start-crawler",
        "athena create-work-group", "athena start-query-execution", "athena get-query-results",
    ],
    "08_flink_studio": [
        "kinesisanalyticsv2 create-application", "kinesisanalyticsv2 start-application",
        "kinesisanalyticsv2 create-application-presigned-url", "kinesisanalyticsv2 stop-application",
    ],
    "09_alerts": [
        "sns create-topic", "sns subscribe", "sns confirm-subscription", "dynamodb create-table",
        "lambda create-function", "lambda create-event-source-mapping",
    ],
}  # fmt: skip

# The cells that make something. Others ask for what the cells in Python have made.
MAKING = (
    "aws s3 mb", "put-bucket-tagging", "aws s3 cp", "create-stream", "create-crawler", "create-work-group",
    "create-application ", "create-topic", "create-table", "create-function",
)  # fmt: skip


def command_line_cells(notebook: Path) -> list[Any]:
    """Return a notebook's cells that call the AWS CLI."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code" and re.search(r"!aws ", cell.source)]


def test_each_step_that_the_walkthrough_took_by_command_or_console_has_its_command(notebooks: list[Path]) -> None:
    for notebook in notebooks:
        commands = "\n".join(cell.source for cell in command_line_cells(notebook))
        missing = [step for step in STEPS.get(notebook.stem, []) if f"aws {step} " not in commands + " "]
        assert missing == [], notebook.stem


def test_where_python_does_the_same_the_command_is_folded(notebooks: list[Path]) -> None:
    # Notebook 01 begins with the command line, by name.
    for notebook in notebooks[2:]:
        shown = [
            c.source for c in command_line_cells(notebook) if not c.metadata.get("jupyter", {}).get("source_hidden")
        ]
        assert shown == [], notebook.stem


class Shell:
    """Runs cells as IPython does: `!` lines go to a shell, with what stands in braces filled in."""

    def __init__(self, endpoint: str, names: dict[str, Any]) -> None:
        self.names = {**names, "get_ipython": lambda: self}
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": DEFAULT_REGION}
        self._environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": endpoint, "AWS_PAGER": "", "PATH": programs}

    def run(self, source: str) -> None:
        exec(TransformerManager().transform_cell(source), self.names)

    def system(self, command: str) -> None:
        self._call(command, sys._getframe(1).f_locals)

    def getoutput(self, command: str) -> list[str]:
        return self._call(command, sys._getframe(1).f_locals)

    def _call(self, command: str, local: dict[str, Any]) -> list[str]:
        filled = DollarFormatter().vformat(command, args=[], kwargs=self.names | local)
        done = subprocess.run(filled, shell=True, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{filled}\n{done.stderr}"
        return done.stdout.splitlines()


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """A shell on a local AWS that has nothing but the lab's roles, with the names that cells in Python would give."""
    process.start(tmp_path)
    endpoint = process.running_endpoint(tmp_path)
    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", endpoint, tmp_path)

    def client(service: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name=DEFAULT_REGION)

    for role in documents.ROLES:
        trust = json.dumps(documents.trust(settings, role))
        client("iam").create_role(RoleName=getattr(settings, f"{role}_role"), AssumeRolePolicyDocument=trust)
    glue = client("glue")
    glue.create_classifier(
        CsvClassifier={"Name": settings.csv_classifier, "Delimiter": ",", "ContainsHeader": "PRESENT"}
    )

    def idle() -> bool:
        return bool(glue.get_crawler(Name=settings.crawler)["Crawler"]["State"] == "READY")

    role_arn = client("iam").get_role(RoleName=settings.functions_role)["Role"]["Arn"]
    names = {
        "settings": settings, "json": json, "costs": costs, "until": until, "COLUMNS": COLUMNS, "RUNTIME": RUNTIME,
        "shard_count": 1, "wait_seconds": 60, "idle": idle, "role_arn": role_arn, "made": package("alert"),
        "email": "you@example.com", "link": None, "name": settings.studio_application, "zeppelin": {},
        "topic_arn": settings.arn("sns", settings.alerts_topic),
        "stream_arn": settings.arn("kinesis", f"stream/{settings.activity_stream}"),
    }  # fmt: skip
    try:
        yield SimpleNamespace(shell=Shell(endpoint, names), client=client, settings=settings)
    finally:
        process.stop(tmp_path)


@pytest.mark.timeout(300)
def test_the_commands_alone_make_what_the_cells_in_python_make(shell: SimpleNamespace, notebooks: list[Path]) -> None:
    ours, client = shell.settings, shell.client
    client("kinesis").create_stream(StreamName=ours.activity_stream, ShardCount=1)
    for notebook in notebooks:
        for cell in command_line_cells(notebook):
            if any(word in cell.source for word in MAKING):
                shell.shell.run(cell.source)
        if notebook.stem == "02_dataset":
            row = "2019-10-01 00:00:00 UTC,view,1,2,a.b,acer,1.5,3,s\n"
            client("s3").put_object(Bucket=ours.bucket, Key=ours.raw_key, Body=f"{','.join(COLUMNS)}\n{row}".encode())
    assert client("s3").get_bucket_tagging(Bucket=ours.bucket)["TagSet"] == [{"Key": "project", "Value": ours.prefix}]
    assert sorted(client("kinesis").list_streams()["StreamNames"]) == sorted([ours.events_stream, ours.activity_stream])
    columns = client("glue").get_table(DatabaseName=ours.database, Name=ours.raw_table)["Table"]["StorageDescriptor"]
    assert [column["Name"] for column in columns["Columns"]] == list(COLUMNS)
    application = {"ApplicationName": ours.studio_application}
    detail = client("kinesisanalyticsv2").describe_application(**application)["ApplicationDetail"]
    assert (detail["ApplicationMode"], detail["RuntimeEnvironment"]) == ("INTERACTIVE", "ZEPPELIN-FLINK-3_0")
    [subscription] = client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Protocol"] == "email-json"
    keys = client("dynamodb").describe_table(TableName=ours.activity_table)["Table"]["KeySchema"]
    assert [(key["AttributeName"], key["KeyType"]) for key in keys] == [("user_id", "HASH"), ("window_start", "RANGE")]
    [mapping] = client("lambda").list_event_source_mappings(FunctionName=ours.alert_function)["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
