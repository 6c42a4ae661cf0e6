"""Search every service, delete in an order that works, and search again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from helpers.clean_up import (
    athena,
    budgets,
    cloudwatch,
    dynamodb,
    firehose,
    flink,
    functions,
    glue,
    kinesis,
    messages,
    quicksight,
    roles,
    s3,
    stacks,
)
from helpers.clean_up.found import Failure, Found, Survey, Unseen
from helpers.clean_up.search import Search, tagged_projects
from helpers.clean_up.trouble import in_words
from helpers.errors import LabError
from helpers.lab import Lab

Finder = Callable[[Search], Iterator[Found]]

# The order of deletion: owners first, then what reads and writes before what it reads and writes, what is logged to
# after who logs, roles after who has them.
FINDERS: tuple[tuple[str, Finder], ...] = (
    ("CloudFormation", stacks.find),
    ("QuickSight", quicksight.find),
    ("Flink", flink.find),
    ("Lambda", functions.find),
    ("Firehose", firehose.find),
    ("Glue", glue.find),
    ("Kinesis", kinesis.find),
    ("DynamoDB", dynamodb.find),
    ("SNS and SQS", messages.find),
    ("CloudWatch", cloudwatch.find),
    ("Athena", athena.find),
    ("S3", s3.find),
    ("CloudWatch Logs", cloudwatch.find_log_groups),
    ("IAM", roles.find),
    ("Budgets", budgets.find),
)
# Services that not every region or partition has.
_NOT_EVERYWHERE = ("QuickSight", "Budgets", "Flink")
_MOST_ROUNDS = 3


class CleanUpIncompleteError(LabError):
    """Something is left, or could not be looked for."""

    def __init__(self, failures: Iterable[Failure], left: Iterable[Found], unseen: Iterable[Unseen]) -> None:
        reasons = [str(failure) for failure in failures]
        known = {failure.found for failure in failures}
        reasons += [f"{found} is still there." for found in left if found not in known]
        reasons += [str(each) for each in unseen]
        super().__init__(
            "\n".join(["The clean-up is not complete; run it again when you have dealt with this:", *reasons])
        )


def survey(lab: Lab) -> Survey:
    """Search every service for what the lab made; a service that refuses is noted, and the search goes on."""
    result = Survey()
    projects: dict[str, str] = {}
    try:
        projects = tagged_projects(lab)
    except (ClientError, BotoCoreError) as error:
        result.unseen.append(Unseen("The tagging API", in_words(error)))
    search = Search(lab, projects)
    for service, find in FINDERS:
        try:
            # One by one: what was found before a refusal counts.
            for found in find(search):
                result.found.append(found)
        except EndpointConnectionError as error:
            if service not in _NOT_EVERYWHERE:
                result.unseen.append(Unseen(service, in_words(error)))
        except (ClientError, BotoCoreError) as error:
            result.unseen.append(Unseen(service, in_words(error)))
    result.left_alone, result.notes = search.left_alone, search.notes
    return result


def delete_found(found: Iterable[Found], say: Callable[[str], None]) -> list[Failure]:
    """Delete things in the order given, go on after a failure, and return the failures."""
    failures = []
    for each in found:
        try:
            each.delete()
        except (ClientError, BotoCoreError, LabError) as error:
            failures.append(Failure(each, in_words(error)))
            say(f"  failed   {each}: {in_words(error)}")
        else:
            say(f"  deleted  {each}")
    return failures


def sweep(lab: Lab, first: Survey, say: Callable[[str], None]) -> Survey:
    """Delete what a survey found, and return a fresh one that shows nothing.

    A second and a third round take what only shows when something else is gone.

    Raises
    ------
    CleanUpIncompleteError
        If something is left, or a service could not be searched; with AWS's reasons.
    """
    now, failures = first, list[Failure]()
    for _ in range(_MOST_ROUNDS):
        if not now.found:
            break
        before = set(now.found)
        failures = delete_found(now.found, say)
        now = survey(lab)
        if set(now.found) == before:
            break
    left = set(now.found)
    still = [failure for failure in failures if failure.found in left]
    if not now.is_clean:
        raise CleanUpIncompleteError(still, now.found, now.unseen)
    return now
