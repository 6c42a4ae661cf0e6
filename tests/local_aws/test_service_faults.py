"""The local AWS stopped, killed or started anew in the middle of something: a sentence, at once, and no traceback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from lab_notebooks import write_lab_notebook

from helpers.dataset import cut_to_s3, inspect, sample_path
from helpers.lab import RUN_INSTANCE, Lab, connect
from helpers.local import ports, process
from helpers.local.background_errors import ProgramCrashedError
from helpers.local.process import LocalAwsDownError
from helpers.local.watch import LocalAwsAnewError, LocalAwsGoneError, Watch
from helpers.replay import replay
from helpers.runner import NotebookFailedError, run_all
from helpers.waiting import until

pytestmark = pytest.mark.faults

# The clients' own retries would take up to 15 s.
AT_ONCE_SECONDS = 3.0
CHANGED_BY_CONNECT = (
    "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PAGER",
)  # fmt: skip
AGAIN = "run again from notebook 01, or the whole course with `make run`."
STOPPED = f"The local AWS was stopped, and what it held is gone with it: start it with `make up`, then {AGAIN}"
ANEW = rf"^The local AWS was started anew at \d\d:\d\d:\d\d and is empty: {AGAIN}$"


@pytest.fixture
def build_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A build folder with a local AWS of its own, which `connect` finds."""
    for name in CHANGED_BY_CONNECT:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LAB_BUILD_DIR", str(tmp_path))
    monkeypatch.delenv("LAB_TARGET", raising=False)
    process.start(tmp_path)
    yield tmp_path
    process.stop(tmp_path)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def lab(build_dir: Path) -> Lab:
    """A connection with a bucket and two streams."""
    lab = connect()
    lab.client("s3").create_bucket(Bucket=lab.settings.bucket)
    lab.client("kinesis").create_stream(StreamName=lab.settings.events_stream, ShardCount=2)
    return lab


def free_port() -> int:
    """Return a port that no other checkout takes for its own, as it may the default one."""
    with ports.listen(0) as free:
        return int(free.getsockname()[1])


def kill(build_dir: Path) -> None:
    server = psutil.Process(json.loads((build_dir / "local" / "aws.json").read_text(encoding="utf-8"))["pid"])
    server.kill()
    psutil.wait_procs([server], timeout=10)


def stop(build_dir: Path) -> None:
    process.stop(build_dir)


def start_anew(build_dir: Path) -> None:
    kill(build_dir)
    process.start(build_dir)


def once(action: Callable[[Path], None], build_dir: Path) -> Callable[..., None]:
    """Return a callback that acts when it is called first."""
    left = [action]

    def act(*_: object) -> None:
        if left:
            left.pop()(build_dir)

    return act


STRAYING: dict[str, Callable[[Any], Any]] = {
    "s3": lambda s3: s3.create_bucket(Bucket="astray"),
    "kinesis": lambda kinesis: kinesis.create_stream(StreamName="astray", ShardCount=1),
    "sqs": lambda sqs: sqs.create_queue(QueueName="astray"),
    "cloudwatch": lambda cloudwatch: cloudwatch.list_metrics(),
    "sns": lambda sns: sns.create_topic(Name="astray"),
    "lambda": lambda functions: functions.list_functions(),
}


@pytest.fixture(scope="module")
def both_at_one_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Make clients of a local AWS that was stopped, at whose port another checkout's now is; nothing strays there."""
    here, other = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("other")
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGED_BY_CONNECT:
            patch.setenv(name, "")
        patch.setenv("LAB_BUILD_DIR", str(here))
        patch.delenv("LAB_TARGET", raising=False)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        port = free_port()
        process.start(here, port)
        before = connect()
        process.stop(here)
        process.start(other, port)
        yield before.client
        patch.setenv("LAB_BUILD_DIR", str(other))
        found = connect()
        assert found.client("s3").list_buckets()["Buckets"] == []
        assert found.client("kinesis").list_streams()["StreamNames"] == []
        assert found.client("sqs").list_queues().get("QueueUrls", []) == []
        assert found.client("sns").list_topics()["Topics"] == []
        process.stop(other)


FAULTS = [(stop, LocalAwsGoneError), (kill, LocalAwsGoneError), (start_anew, LocalAwsAnewError)]
IN_THE_MIDST = pytest.mark.parametrize(("fault", "error"), FAULTS[1:], ids=["killed", "started anew"])
ALL_FAULTS = pytest.mark.parametrize(("fault", "error"), FAULTS, ids=["stopped", "killed", "started anew"])


@ALL_FAULTS
def test_the_next_call_says_what_happened_and_what_to_do(
    lab: Lab, build_dir: Path, fault: Callable[[Path], None], error: type[Exception]
) -> None:
    s3 = lab.client("s3")
    fault(build_dir)
    began = time.monotonic()
    with pytest.raises(error) as told:
        s3.head_bucket(Bucket=lab.settings.bucket)
    assert time.monotonic() - began < AT_ONCE_SECONDS
    log = build_dir / "local" / "aws.log"
    expected = {
        stop: STOPPED,
        kill: f"The local AWS ended by itself (its log {log} ends with: (nothing)), {STOPPED.partition(', ')[2]}",
    }
    if fault in expected:
        assert str(told.value) == expected[fault]
    else:
        assert told.match(ANEW)


def test_clients_without_the_lab_say_it_as_well(lab: Lab, build_dir: Path) -> None:
    stop(build_dir)
    with pytest.raises(LocalAwsGoneError):
        boto3.client("glue").get_databases()


@pytest.mark.parametrize("service", ["s3", "kinesis", "sqs", "cloudwatch", "sns", "lambda"])
def test_no_call_strays_into_another_checkouts_local_aws_at_the_same_port(
    both_at_one_port: Callable[[str], Any], service: str
) -> None:
    client = both_at_one_port(service)
    with pytest.raises(LocalAwsGoneError, match=r"^The local AWS was stopped, and what it held is gone with it"):
        STRAYING[service](client)


def test_a_call_that_would_work_in_an_empty_local_aws_says_that_it_is_another_one(build_dir: Path) -> None:
    port = free_port()
    process.stop(build_dir)
    process.start(build_dir, port)
    kinesis = connect().client("kinesis")
    kill(build_dir)
    process.start(build_dir, port)
    with pytest.raises(LocalAwsAnewError, match=ANEW):
        kinesis.create_stream(StreamName="astray", ShardCount=1)
    assert connect().client("kinesis").list_streams()["StreamNames"] == []


def test_a_refusal_by_the_same_local_aws_stays_what_it_is_after_a_restart_too(lab: Lab, build_dir: Path) -> None:
    for one in (lab, None):
        dynamodb = (one or connect()).client("dynamodb")
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.describe_table(TableName="nowhere")
        start_anew(build_dir)


def test_a_cut_to_s3_ends_with_the_sentence(lab: Lab, build_dir: Path) -> None:
    with pytest.raises(LocalAwsGoneError):
        cut_to_s3(
            inspect(sample_path()), None, lab.client("s3"), lab.settings.bucket, "raw/cut.csv",
            build_dir / "rejects.csv", once(kill, build_dir),
        )  # fmt: skip


@IN_THE_MIDST
def test_a_replay_ends_with_the_sentence(
    lab: Lab, build_dir: Path, fault: Callable[[Path], None], error: type[Exception]
) -> None:
    s3, bucket, stream = lab.client("s3"), lab.settings.bucket, lab.settings.events_stream
    cut_to_s3(inspect(sample_path()), 5_000, s3, bucket, "raw/cut.csv", build_dir / "rejects.csv")
    with pytest.raises(error):
        replay(s3, lab.client("kinesis"), bucket, "raw/cut.csv", stream, progress=once(fault, build_dir))


def test_waiting_for_a_crawler_ends_with_the_sentence(lab: Lab, build_dir: Path) -> None:
    glue = lab.client("glue")
    glue.create_crawler(
        Name="raw",
        Role="crawler",
        DatabaseName="shop",
        Targets={"S3Targets": [{"Path": f"s3://{lab.settings.bucket}/"}]},
    )
    begin = once(start_anew, build_dir)

    def ready() -> bool:
        begin()
        return bool(glue.get_crawler(Name="raw")["Crawler"]["State"] == "NEVER")

    with pytest.raises(LocalAwsAnewError):
        until(ready, "the crawler", 60)


CELLS = (
    "from helpers.lab import connect\nlab = connect()\ns3 = lab.client('s3')\n"
    "s3.create_bucket(Bucket='cells')\ns3.put_object(Bucket='cells', Key='k', Body=bytes(50_000_000))\n"
    "body = s3.get_object(Bucket='cells', Key='k')['Body']\nassert len(body.read(1000)) == 1000",
    "from pathlib import Path\nfrom helpers.local import process\nimport psutil, json\n"
    "build_dir = lab.settings.build_dir\n"
    "server = psutil.Process(json.loads((build_dir / 'local' / 'aws.json').read_text())['pid'])\n"
    # Its parent, which runs the tests, does not wait for it: a zombie stays.
    "server.kill()\npsutil.wait_procs([server], timeout=0.5)",
)


@pytest.mark.parametrize(
    "cell", ["s3.list_objects_v2(Bucket='cells')", "body.read()"], ids=["a call", "an answer begun"]
)
def test_a_notebook_fails_in_three_lines(build_dir: Path, tmp_path: Path, cell: str) -> None:
    notebook = write_lab_notebook(tmp_path / "01_cells.ipynb", *CELLS, cell)
    with pytest.raises(NotebookFailedError) as failure:
        run_all([notebook], tmp_path / "copies", {}, lambda run: None)
    first, second, third = str(failure.value).splitlines()
    assert first == "Notebook 01_cells.ipynb failed in cell 5:"
    assert second.startswith("LocalAwsGoneError: The local AWS ended by itself (its log ")
    assert second.endswith(AGAIN)
    assert third == f"The executed copy is {tmp_path / 'copies' / '01_cells.ipynb'}"
    assert "Traceback" not in (tmp_path / "copies" / "01_cells.ipynb").read_text(encoding="utf-8")


def test_a_run_of_the_course_notices_it_between_two_notebooks(
    build_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUN_INSTANCE, Watch(build_dir).instance)
    books = [
        write_lab_notebook(tmp_path / name, "from helpers.lab import connect\nlab = connect()")
        for name in ("01_a.ipynb", "02_b.ipynb")
    ]
    with pytest.raises(NotebookFailedError, match=r"02_b\.ipynb failed in cell 3:\nLocalAwsAnewError: The"):
        run_all(books, tmp_path / "copies", {}, once(start_anew, build_dir))


def test_a_run_of_the_course_is_told_once_it_is_gone(build_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_INSTANCE, Watch(build_dir).instance)
    stop(build_dir)
    with pytest.raises(LocalAwsGoneError):
        connect()


def test_a_notebook_opened_without_the_local_aws_is_told_to_start_it(build_dir: Path) -> None:
    kill(build_dir)
    with pytest.raises(ProgramCrashedError):
        connect()
    stop(build_dir)
    with pytest.raises(LocalAwsDownError):
        connect()
