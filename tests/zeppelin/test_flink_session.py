"""A session on real Flink: rows as frames, bounds, changing results, and every failure as one line."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from helpers.flink import FlinkDownError, FlinkRefusedError, FlinkSession, StatementFailedError
from helpers.local.ports import HOST, listen

ENDLESS = "SELECT n FROM numbers"
BROKEN_AT_RUN_TIME = [
    ("SELECT 1 / zero FROM numbers", "ArithmeticException: / by zero"),
    ("SELECT CAST(letters AS INT) FROM numbers", "NumberFormatException: For input string: "),
]


@pytest.fixture
def numbers(flink: FlinkSession) -> None:
    """A table without an end in sight: 0, 1, 2 and so on, with a zero and some letters in each row."""
    flink.execute(
        """CREATE TABLE numbers (n BIGINT, zero INT, letters VARCHAR) WITH (
          'connector' = 'datagen', 'rows-per-second' = '20',
          'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '10000',
          'fields.zero.min' = '0', 'fields.zero.max' = '0', 'fields.letters.length' = '40')"""
    )


def running(session: FlinkSession) -> list[str]:
    return [job.job_id for job in session.jobs() if job.state in ("CREATED", "RUNNING", "RESTARTING")]


def nothing_runs(session: FlinkSession) -> bool:
    """Say whether no job runs, or none after a moment: a query's end cancels its job, which takes its time."""
    deadline = time.monotonic() + 10
    while running(session) and time.monotonic() < deadline:
        time.sleep(0.1)
    return running(session) == []


def one_line(error: pytest.ExceptionInfo[StatementFailedError]) -> str:
    message = str(error.value)
    assert len(message.splitlines()) == 1
    assert "\tat " not in message
    return message


def test_a_statement_that_starts_no_job_has_no_job_id(flink: FlinkSession) -> None:
    assert flink.execute("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole')") is None
    assert flink.execute("SET 'parallelism.default' = '1'") is None


def test_values_come_with_their_names_and_types(flink: FlinkSession) -> None:
    found = flink.query(
        "SELECT 1 AS whole, 2.5E0 AS broken, 'text' AS word, TRUE AS yes, CAST(NULL AS INT) AS nothing, "
        "TIMESTAMP '2019-10-01 00:00:10.123' AS moment"
    )
    assert found.columns.tolist() == ["whole", "broken", "word", "yes", "nothing", "moment"]
    assert found.iloc[0].tolist() == [1, 2.5, "text", True, None, "2019-10-01T00:00:10.123"]


def test_a_result_without_rows_has_its_columns(flink: FlinkSession) -> None:
    found = flink.query("SELECT a FROM (VALUES (1), (2)) AS t (a) WHERE a > 2")
    assert found.columns.tolist() == ["a"]
    assert found.empty


def test_tables_are_a_sessions_own(flink: FlinkSession, numbers: None, flink_urls: tuple[str, str]) -> None:
    other = FlinkSession(*flink_urls)
    try:
        assert flink.query("SHOW TABLES").iloc[:, 0].tolist() == ["numbers"]
        assert other.query("SHOW TABLES").empty
    finally:
        other.close()


@pytest.mark.parametrize("rows", [1, 7])
def test_an_endless_query_ends_with_the_rows_wanted_and_leaves_no_job(
    flink: FlinkSession, numbers: None, rows: int
) -> None:
    assert len(flink.query(ENDLESS, rows=rows)) == rows
    assert nothing_runs(flink)


def test_an_endless_query_ends_with_the_seconds_given(flink: FlinkSession, numbers: None) -> None:
    began = time.monotonic()
    found = flink.query(ENDLESS, seconds=3)
    assert 3 <= time.monotonic() - began < 10
    assert found["n"].tolist() == list(range(len(found)))
    assert len(found) > 0
    assert nothing_runs(flink)


def test_a_query_that_has_become_quiet_ends_with_all_it_gave(flink: FlinkSession, numbers: None) -> None:
    began = time.monotonic()
    found = flink.query("SELECT n FROM numbers WHERE n < 3", seconds=60, quiet_seconds=2)
    assert found["n"].tolist() == [0, 1, 2]
    assert time.monotonic() - began < 30
    assert nothing_runs(flink)


def test_a_result_that_changes_ends_as_the_table_that_it_is(flink: FlinkSession) -> None:
    found = flink.query(
        "SELECT k, COUNT(*) AS times, SUM(v) AS total FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t (k, v) GROUP BY k"
    )
    assert sorted(found.itertuples(index=False, name=None)) == [("a", 2, 4), ("b", 1, 2)]


def test_rows_that_are_taken_back_are_gone(flink: FlinkSession) -> None:
    found = flink.query("SELECT k FROM (VALUES ('a'), ('b'), ('a')) AS t (k) GROUP BY k HAVING COUNT(*) = 1")
    assert found["k"].tolist() == ["b"]


def test_equal_rows_are_all_kept(flink: FlinkSession) -> None:
    assert flink.query("SELECT k FROM (VALUES ('a'), ('a'), ('b')) AS t (k)")["k"].tolist() == ["a", "a", "b"]


def test_updates_show_a_count_on_its_way(flink: FlinkSession, numbers: None) -> None:
    steps = flink.updates("SELECT COUNT(*) AS c FROM numbers", seconds=30)
    counts = [int(table["c"].iloc[0]) for table in itertools.islice((t for t in steps if len(t)), 3)]
    close(steps)
    assert counts == sorted(set(counts))
    assert nothing_runs(flink)


def close(steps: Iterator[object]) -> None:
    """End a query as leaving its loop does."""
    steps.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("SELEKT 1", "Non-query expression encountered in illegal context"),
        ("SELECT a FROM", 'Encountered "<EOF>"'),
        ("SELECT b FROM (VALUES (1)) AS t (a)", "Column 'b' not found in any table"),
        ("SELECT * FROM nowhere", "Object 'nowhere' not found"),
        ("SELECT NO_SUCH(1)", "No match found for function signature NO_SUCH"),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'x'); SELECT 1", "only single statement supported"),
    ],
)
def test_a_statement_that_flink_refuses_is_told_in_one_line(flink: FlinkSession, statement: str, cause: str) -> None:
    with pytest.raises(StatementFailedError) as error:
        flink.query(statement)
    assert one_line(error).startswith(f"Flink could not run `{statement[:80]}`: ")
    assert cause in str(error.value)


@pytest.mark.parametrize(("query", "cause"), BROKEN_AT_RUN_TIME)
def test_a_query_whose_job_fails_again_and_again_is_told_in_one_line(
    flink: FlinkSession, numbers: None, query: str, cause: str
) -> None:
    with pytest.raises(StatementFailedError) as error:
        flink.query(query, rows=5, seconds=60)
    assert one_line(error).startswith(f"Flink could not run `{query}`: {cause}")
    assert nothing_runs(flink)


def test_an_insert_whose_job_fails_again_and_again_says_why(flink: FlinkSession, numbers: None) -> None:
    flink.execute("CREATE TABLE nothing (a INT) WITH ('connector' = 'blackhole')")
    job_id = flink.execute(f"INSERT INTO nothing {BROKEN_AT_RUN_TIME[0][0]}")
    assert job_id is not None
    deadline = time.monotonic() + 30
    while (cause := flink.failure(job_id)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert cause == BROKEN_AT_RUN_TIME[0][1]


def test_a_stream_that_does_not_exist_is_named(flink: FlinkSession, local_aws: str) -> None:
    flink.execute(
        f"""CREATE TABLE missing (a INT) WITH ('connector' = 'kinesis', 'stream' = 'no-such-stream',
          'aws.region' = 'us-east-1', 'aws.endpoint' = '{local_aws}', 'scan.stream.initpos' = 'TRIM_HORIZON',
          'format' = 'json')"""
    )
    with pytest.raises(StatementFailedError, match="no-such-stream") as error:
        flink.query("SELECT * FROM missing", rows=1, seconds=60)
    assert "ResourceNotFoundException" in one_line(error)


def test_jobs_are_listed_the_newest_first_and_can_be_cancelled(flink: FlinkSession, numbers: None) -> None:
    flink.execute("CREATE TABLE nothing (n BIGINT) WITH ('connector' = 'blackhole')")
    first, second = (flink.execute(f"INSERT INTO nothing {ENDLESS}") for _ in range(2))
    assert first is not None and second is not None
    assert running(flink) == [second, first]
    flink.cancel(first)
    assert flink.state(first) == "CANCELED"
    assert running(flink) == [second]
    assert flink.failure(second) is None


def test_a_job_that_flink_does_not_know_is_refused_in_one_line(flink: FlinkSession) -> None:
    with pytest.raises(FlinkRefusedError, match="Flink refused the request: .*" + "0" * 32) as error:
        flink.state("0" * 32)
    assert len(str(error.value).splitlines()) == 1


def test_a_flink_that_is_not_up_is_one_sentence() -> None:
    with listen(0) as taken:
        url = f"http://{HOST}:{taken.getsockname()[1]}"
    with pytest.raises(FlinkDownError, match=f"^Flink does not answer at {url}/v3/sessions: start it with `make up`"):
        FlinkSession(url, url)
