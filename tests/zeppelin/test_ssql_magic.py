"""`%%ssql` in a notebook's shell, on real Flink."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

from helpers.flink import FlinkSession, StatementFailedError
from helpers.ssql import NoSessionError

LETTERS = "FROM (VALUES ('a'), ('b'), ('a'), ('c')) AS t (k)"
NUMBERS = """CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '10000');"""


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell in which the magic is loaded."""
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "helpers.ssql")
    yield made
    InteractiveShell.clear_instance()


@pytest.fixture
def with_flink(shell: InteractiveShell, flink: FlinkSession) -> InteractiveShell:
    shell.user_ns["flink"] = flink
    return shell


def outputs(shell: InteractiveShell, line: str, cell: str) -> list[RichOutput]:
    with capture_output() as captured:
        shell.run_cell_magic("ssql", line, cell)
    return list(captured.outputs)


def shown(shell: InteractiveShell, line: str, cell: str) -> list[str]:
    """Run a cell and return what it displayed, as HTML, the latest last."""
    return [output.data["text/html"] for output in outputs(shell, line, cell)]


def test_update_shows_the_table_from_its_top(with_flink: InteractiveShell) -> None:
    last = shown(with_flink, "--type update --show 2", f"SELECT k, k || '!' AS loud {LETTERS}")[-1]
    assert "4 rows, 2 shown · stopped" in last
    assert "<td>a!</td>" in last and "<td>b!</td>" in last
    assert "<td>c!</td>" not in last


def test_append_shows_the_latest_rows(with_flink: InteractiveShell) -> None:
    last = shown(with_flink, "--type append --show 2", f"SELECT k, k || '!' AS loud {LETTERS}")[-1]
    assert "4 rows, 2 shown · stopped" in last
    assert "<td>a!</td>" in last and "<td>c!</td>" in last
    assert "<td>b!</td>" not in last


def test_counts_stand_as_they_are_at_the_end(with_flink: InteractiveShell) -> None:
    shown(with_flink, "--out counts", f"SELECT k, COUNT(*) AS times {LETTERS} GROUP BY k")
    counts = with_flink.user_ns["counts"]
    assert isinstance(counts, pd.DataFrame)
    assert dict(counts.itertuples(index=False, name=None)) == {"a": 2, "b": 1, "c": 1}


def test_a_result_changes_in_place_while_it_runs(with_flink: InteractiveShell) -> None:
    shown(with_flink, "", NUMBERS.replace("'10000'", "'60'"))
    first, *later = outputs(with_flink, "--seconds 60", "SELECT COUNT(*) AS events FROM numbers")
    assert "waiting for the first rows" in first.data["text/html"]
    assert first.transient["display_id"]
    assert not first.update
    assert all(output.update and output.transient == first.transient for output in later)
    texts = [output.data["text/html"] for output in later]
    assert "1 rows · running for" in texts[0]
    assert "<td>60</td>" not in texts[0]
    assert "1 rows · stopped" in texts[-1]
    assert "<td>60</td>" in texts[-1]


def test_statements_before_the_query_are_run_and_show_nothing(with_flink: InteractiveShell) -> None:
    cell = f"-- a view; first\nCREATE TEMPORARY VIEW letters AS SELECT k {LETTERS};\n"
    assert shown(with_flink, "", cell) == []
    assert "4 rows" in shown(with_flink, "", "SELECT * FROM letters;")[-1]


@pytest.mark.parametrize("bound", ["--rows 3", "--rows 3 --seconds 60", "--quiet 1 --seconds 60"])
def test_an_endless_query_ends_at_its_bound(with_flink: InteractiveShell, bound: str) -> None:
    shown(with_flink, f"{bound} --out found", f"{NUMBERS} SELECT n FROM numbers WHERE n <= 3;")
    assert with_flink.user_ns["found"]["n"].tolist() == [1, 2, 3]


def test_a_table_on_a_stream_is_made_where_the_local_aws_is(
    with_flink: InteractiveShell, flink: FlinkSession, local_aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    cell = "CREATE TABLE s (a INT) WITH ('connector' = 'kinesis', 'stream' = 'x', 'aws.region' = 'us-east-1')"
    shown(with_flink, "", cell)
    assert f"'aws.endpoint' = '{local_aws}'" in flink.query("SHOW CREATE TABLE s").iloc[0, 0]


def test_a_query_that_flink_refuses_is_told_in_one_line(with_flink: InteractiveShell) -> None:
    with pytest.raises(
        StatementFailedError, match=r"^Flink could not run `SELECT nothing`: .*Column 'nothing' not found"
    ):
        shown(with_flink, "", "SELECT nothing;")


@pytest.mark.parametrize("found", [None, "a text"])
def test_without_a_session_the_cell_to_run_is_named(shell: InteractiveShell, found: object) -> None:
    shell.user_ns["flink"] = found
    with pytest.raises(NoSessionError, match=r"run `flink = lab\.flink\(\)` in a cell above"):
        shown(shell, "", "SELECT 1")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--tpye append", "unrecognized arguments: --tpye append"),
        ("--type single", "invalid choice: 'single'"),
        ("--rows many", "argument --rows: invalid int value: 'many'"),
        ("--seconds", "argument --seconds: expected one argument"),
    ],
)
def test_a_misspelt_option_is_named(shell: InteractiveShell, line: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        shown(shell, line, "SELECT 1")
