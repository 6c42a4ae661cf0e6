"""Run a note on the laptop's Flink, paragraph by paragraph, as Studio does.

The statements are those of the `.zpln` file. Two things are added to the tables on the laptop: where the
local AWS is (`aws.endpoint`), since its address is not the region's, and a shorter pause between two reads
of a shard. AWS answers five reads a second for each shard, which is the connector's own pace; the local
Kinesis has no such limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.errors import LabError
from helpers.flink import FlinkSession
from helpers.zeppelin.lint import deploy_problems, interpreter
from helpers.zeppelin.note import read_note
from helpers.zeppelin.source import Paragraph
from helpers.zeppelin.statements import split_statements

_QUERY = re.compile(r"(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|VALUES)\b", re.IGNORECASE)
_RESUME = "execution.state-recovery.path"
# 25 reads a second cost an idle shard a few percent of one processor, and an event a fifth of the wait.
_LOCAL_READ_MILLISECONDS = 40
_START_OPTION = re.compile(r"'scan\.stream\.initpos'\s*=\s*'[^']*'")
_REGION_OPTION = re.compile(r"'aws\.region'\s*=\s*'[^']*'")


class NotDeployableError(LabError):
    """A note breaks the rules of deploying."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__(f"{path.name} cannot be deployed: {'; '.join(problems)}.")


@dataclass(frozen=True)
class Outcome:
    """What one paragraph did: the rows of its query, or the id of the job it started."""

    paragraph: Paragraph
    rows: pd.DataFrame | None = None
    job_id: str | None = None


def run_note(
    path: Path, session: FlinkSession, endpoint: str | None, *, rows: int = 20, seconds: float = 20
) -> Iterator[Outcome]:
    """Run the enabled paragraphs of a note in order; a streaming query is bounded by rows and seconds.

    Raises
    ------
    helpers.zeppelin.note.UnreadableNoteError
        If the file is no note.
    helpers.flink.StatementFailedError
        At the first statement that fails.
    """
    for paragraph in read_note(path):
        if paragraph.enabled and interpreter(paragraph) == "%flink.ssql":
            yield run_paragraph(paragraph, session, endpoint, rows=rows, seconds=seconds)


def run_paragraph(
    paragraph: Paragraph, session: FlinkSession, endpoint: str | None, *, rows: int = 20, seconds: float = 20
) -> Outcome:
    """Run the statements of one paragraph; its last query's rows are the outcome.

    Raises
    ------
    helpers.flink.StatementFailedError
        If one fails.
    """
    outcome = Outcome(paragraph)
    for statement in split_statements(at_endpoint(paragraph.text, endpoint)):
        if is_query(statement):
            outcome = Outcome(paragraph, rows=session.query(statement, rows=rows, seconds=seconds))
        else:
            job_id = session.execute(statement)
            outcome = Outcome(paragraph, outcome.rows, job_id or outcome.job_id)
    return outcome


def deploy_note(
    path: Path, session: FlinkSession, endpoint: str | None, parallelism: int, checkpoint: str | None = None
) -> str:
    """Start the one job of a note as a detached job, as "build and deploy" does, and return its id.

    Parameters
    ----------
    path
        The `.zpln` file.
    session
        Where its statements run.
    endpoint
        Endpoint URL of the local AWS, None for AWS itself.
    parallelism
        As many tasks as stream 1 has shards.
    checkpoint
        Where to resume a stopped job, as `FlinkSession.checkpoint` tells; None begins anew.

    Raises
    ------
    NotDeployableError
        If the note breaks a rule of deploying.
    """
    paragraphs = read_note(path)
    problems = deploy_problems(path.stem, paragraphs)
    if problems:
        raise NotDeployableError(path, problems)
    session.execute(f"SET 'parallelism.default' = '{parallelism}'")
    session.execute(f"SET '{_RESUME}' = '{checkpoint}'" if checkpoint else f"RESET '{_RESUME}'")
    job_id = None
    for paragraph in paragraphs:
        if paragraph.enabled and interpreter(paragraph) == "%flink.ssql":
            job_id = run_paragraph(paragraph, session, endpoint).job_id or job_id
    if job_id is None:
        raise NotDeployableError(path, ["its INSERT started no job"])
    return job_id


def is_query(statement: str) -> bool:
    """Say whether a statement answers with rows."""
    return _QUERY.match(statement) is not None


def at_endpoint(text: str, endpoint: str | None) -> str:
    """Return the text with `aws.endpoint` beside each table's region, and a quicker read where one reads.

    Unchanged without an endpoint.
    """
    if endpoint is None:
        return text
    interval = f"'scan.shard.getrecords.intervalmillis' = '{_LOCAL_READ_MILLISECONDS}'"
    text = _START_OPTION.sub(lambda found: f"{found[0]},\n  {interval}", text)
    return _REGION_OPTION.sub(lambda found: f"{found[0]},\n  'aws.endpoint' = '{endpoint}'", text)
