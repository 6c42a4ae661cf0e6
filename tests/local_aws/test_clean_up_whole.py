"""Two labs side by side in one account: one is cleaned up whole, and the other is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from whole_lab import clients_of, lab_of, make_everything, names, seen

from helpers.clean_up import Survey, survey, sweep

# The second begins as names of the first do, its stream 2 even as the first one's stream 1.
FIRST, SECOND = "sweep-lab", "sweep-lab-events"


@pytest.fixture(scope="module")
def two_labs(local_aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Two labs, of which the first was swept."""
    folder = tmp_path_factory.mktemp("labs")
    with clients_of(local_aws):
        first, second = (lab_of(prefix, local_aws, folder) for prefix in (FIRST, SECOND))
        make_everything(first)
        make_everything(second)
        before, others = survey(first), seen(second)
        said: list[str] = []
        after = sweep(first, before, said.append)
        yield SimpleNamespace(first=first, second=second, before=before, others=others, after=after, said=said)
        sweep(second, survey(second), said.append)


def test_one_of_everything_is_found_in_an_order_that_can_be_deleted(two_labs: SimpleNamespace) -> None:
    kinds = [f"{each.service} {each.kind}" for each in two_labs.before.found]
    order = [
        "QuickSight data source", "Flink application",
        "Lambda event source mapping", "Lambda function", "Firehose delivery stream", "Glue job",
        "Glue crawler", "Glue table", "Glue database", "Glue classifier", "Kinesis consumer", "Kinesis stream",
        "DynamoDB table", "DynamoDB backup", "SNS subscription", "SNS topic", "SQS queue", "CloudWatch alarm",
        "CloudWatch dashboard", "Athena named query", "Athena prepared statement", "Athena workgroup", "S3 bucket",
        "CloudWatch Logs log group", "IAM role", "Budgets budget",
    ]  # fmt: skip
    assert list(dict.fromkeys(kinds)) == order
    assert not two_labs.before.unseen


def test_tables_of_notes_and_what_studio_deployed_are_found(two_labs: SimpleNamespace) -> None:
    found = names(two_labs.before)
    settings = two_labs.first.settings
    assert f"Glue table {settings.database}.made_by_a_note" in found
    assert f"Flink application {settings.studio_application}-2_detect_bots" in found


def test_the_bucket_says_what_versions_markers_and_uploads_it_holds(two_labs: SimpleNamespace) -> None:
    (bucket,) = [each for each in two_labs.before.found if each.service == "S3"]
    assert bucket.detail == "3 objects and versions, 0.0 MB, 1 uploads"


def test_what_burns_is_streams_consumer_alarm_and_dashboard(two_labs: SimpleNamespace) -> None:
    # Two streams of two shards at $0.015, a consumer of two shards at $0.015, and $3.10 a month of 730 hours.
    expected = 4 * 0.015 + 2 * 0.015 + 3.10 / 730
    assert two_labs.before.hourly_usd == pytest.approx(expected, abs=1e-6)


def test_afterwards_a_fresh_search_finds_nothing_and_nothing_burns(two_labs: SimpleNamespace) -> None:
    fresh: Survey = survey(two_labs.first)
    assert fresh.is_clean
    assert fresh.hourly_usd == 0
    assert [each.strip().split()[0] for each in two_labs.said] == ["deleted"] * len(two_labs.before.found)


def test_the_other_lab_is_as_it_was(two_labs: SimpleNamespace) -> None:
    assert seen(two_labs.second) == two_labs.others


def test_what_looks_similar_is_named_and_left_alone(two_labs: SimpleNamespace) -> None:
    left = {str(each) for each in two_labs.after.left_alone}
    settings = two_labs.second.settings
    assert f"S3 bucket {settings.bucket} looks similar and is left alone: it has no tag `project`" in left
    assert (
        f"Kinesis stream {settings.events_stream} looks similar and is left alone: its tag `project` is {SECOND}"
        in left
    )


def test_what_cannot_be_deleted_is_said(two_labs: SimpleNamespace) -> None:
    pending, metrics = sorted(two_labs.before.notes)
    assert "never confirmed" in pending or "never confirmed" in metrics
    assert "15 months" in pending or "15 months" in metrics


def test_a_second_sweep_has_nothing_to_do(two_labs: SimpleNamespace) -> None:
    said: list[str] = []
    assert sweep(two_labs.first, survey(two_labs.first), said.append).is_clean
    assert said == []
