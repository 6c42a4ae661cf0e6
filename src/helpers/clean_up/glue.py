"""Glue: jobs and crawlers with what they logged, the database with its tables, the classifier."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete, exists
from helpers.waiting import until

# Glue writes for everybody in the account to these; only the streams of our own runs are ours.
# https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
_CRAWLER_LOGS = "/aws-glue/crawlers"
_JOB_LOGS = ("/aws-glue/python-jobs/output", "/aws-glue/python-jobs/error")
_STOP_SECONDS = 300.0


def find(search: Search) -> Iterator[Found]:
    """Yield logs before jobs and crawlers, which know whose logs they are; tables before their database."""
    glue = search.client("glue")
    yield from _jobs(search, glue)
    yield from _crawlers(search, glue)
    yield from _catalog(search, glue)
    yield from _classifiers(search, glue)


def _jobs(search: Search, glue: Any) -> Iterator[Found]:
    settings = search.settings
    for job in search.pages("glue", "get_jobs", "Jobs"):
        name = job["Name"]
        arn = settings.arn("glue", f"job/{name}")
        if search.is_ours("Glue", "job", name, arn, {settings.etl_job}, _tagged(search, glue, name, arn)):
            runs = {run["Id"] for run in search.pages("glue", "get_job_runs", "JobRuns", JobName=name)}
            for group in _JOB_LOGS:
                yield from _logs(search, group, runs)
            yield Found("Glue", "job", name, arn, partial(_remove_job, glue, name))


def _remove_job(glue: Any, name: str) -> None:
    def running() -> list[str]:
        answer = exists(glue.get_job_runs, JobName=name) or {"JobRuns": []}
        return [run["Id"] for run in answer["JobRuns"] if run["JobRunState"] in ("STARTING", "RUNNING", "STOPPING")]

    if runs := running():
        glue.batch_stop_job_run(JobName=name, JobRunIds=runs)
        until(lambda: not running(), f"the end of job {name}", _STOP_SECONDS)
    delete(glue.delete_job, JobName=name)


def _crawlers(search: Search, glue: Any) -> Iterator[Found]:
    settings = search.settings
    for crawler in search.pages("glue", "get_crawlers", "Crawlers"):
        name = crawler["Name"]
        arn = settings.arn("glue", f"crawler/{name}")
        if search.is_ours("Glue", "crawler", name, arn, {settings.crawler}, _tagged(search, glue, name, arn)):
            yield from _logs(search, _CRAWLER_LOGS, {name})
            yield Found("Glue", "crawler", name, arn, partial(_remove_crawler, glue, name))


def _remove_crawler(glue: Any, name: str) -> None:
    crawler = exists(glue.get_crawler, Name=name)
    if crawler and crawler["Crawler"]["State"] == "RUNNING":
        delete(glue.stop_crawler, Name=name)
    delete(glue.delete_crawler, Name=name)


def _tagged(search: Search, glue: Any, name: str, arn: str) -> str | None:
    return project_asked(glue.get_tags, "Tags", ResourceArn=arn) if search.looks_similar(name) else None


def _logs(search: Search, group: str, streams: set[str]) -> Iterator[Found]:
    """Yield the log streams of our runs, and the group if it is as Glue made it and has no others."""
    logs = search.client("logs")
    if exists(logs.describe_log_streams, logGroupName=group, limit=1) is None:
        return
    listed = list(search.pages("logs", "describe_log_streams", "logStreams", logGroupName=group))
    ours = [each for each in listed if each["logStreamName"] in streams]
    for each in ours:
        name = each["logStreamName"]
        remove = partial(delete, logs.delete_log_stream, logGroupName=group, logStreamName=name)
        yield Found("CloudWatch Logs", "log stream", f"{group}/{name}", each["arn"], remove)
    described = next(iter(search.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)))
    if ours and len(ours) == len(listed) and "retentionInDays" not in described:
        arn = described["arn"].removesuffix(":*")
        yield Found("CloudWatch Logs", "log group", group, arn, partial(_remove_if_empty, logs, group))


def _remove_if_empty(logs: Any, group: str) -> None:
    listed = exists(logs.describe_log_streams, logGroupName=group, limit=1)
    if listed is not None and not listed["logStreams"]:
        delete(logs.delete_log_group, logGroupName=group)


def _catalog(search: Search, glue: Any) -> Iterator[Found]:
    settings = search.settings
    for database in search.pages("glue", "get_databases", "DatabaseList"):
        name = database["Name"]
        arn = settings.arn("glue", f"database/{name}")
        if not search.is_ours("Glue", "database", name, arn, {settings.database}):
            continue
        for table in search.pages("glue", "get_tables", "TableList", DatabaseName=name):
            of_table = settings.arn("glue", f"table/{name}/{table['Name']}")
            remove = partial(delete, glue.delete_table, DatabaseName=name, Name=table["Name"])
            yield Found("Glue", "table", f"{name}.{table['Name']}", of_table, remove)
        yield Found("Glue", "database", name, arn, partial(delete, glue.delete_database, Name=name))


def _classifiers(search: Search, glue: Any) -> Iterator[Found]:
    known = {search.settings.csv_classifier}
    for classifier in search.pages("glue", "get_classifiers", "Classifiers"):
        # One member, by its kind: CsvClassifier, GrokClassifier and others.
        for described in classifier.values():
            name = described["Name"]
            if search.is_ours("Glue", "classifier", name, "", known):
                yield Found("Glue", "classifier", name, "", partial(delete, glue.delete_classifier, Name=name))
