"""A clean-up goes on after a failure, names what it could not do, and is safe after a half-failed run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from whole_lab import clients_of, lab_of, make_bucket, names, seen

from helpers.clean_up import CleanUpIncompleteError, run, survey, sweep, trouble
from helpers.clean_up.command import NotConfirmedError, clean_up
from helpers.lab import Lab

pytestmark = pytest.mark.faults

DENIED = "User: arn:aws:iam::000000000000:user/me is not authorized to perform: sqs:ListQueues"


class RefusingLab(Lab):
    """A lab in which AWS refuses some calls, so often, with a code and a message."""

    def __init__(self, lab: Lab, operation: str, code: str, message: str = "refused", times: int = 10_000) -> None:
        super().__init__(lab.settings, lab.session)
        object.__setattr__(self, "refusal", (operation, code, message))
        object.__setattr__(self, "left", [times])

    def client(self, service: str) -> Any:
        made, (operation, code, message), left = super().client(service), self.refusal, self.left  # type: ignore[attr-defined]

        def refuse(model: Any, **_: Any) -> Any:
            if model.name != operation or left[0] == 0:
                return None
            left[0] -= 1
            response = type("Response", (), {"status_code": 400})()
            return response, {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}

        made.meta.events.register("before-call", refuse)
        return made


@pytest.fixture(autouse=True)
def few_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search just the services that these tests use."""
    few = ("QuickSight", "Kinesis", "DynamoDB", "SNS and SQS", "S3", "IAM")
    monkeypatch.setattr(run, "FINDERS", tuple(each for each in run.FINDERS if each[0] in few))


@pytest.fixture
def lab(local_aws: str, tmp_path: Path) -> Iterator[Lab]:
    """A lab with a queue, a bucket and a role."""
    with clients_of(local_aws):
        made = lab_of("fault-lab", local_aws, tmp_path)
        made.client("sqs").create_queue(QueueName=made.settings.failed_queue)
        make_bucket(made)
        trust = '{"Version": "2012-10-17", "Statement": []}'
        made.client("iam").create_role(RoleName=made.settings.etl_role, AssumeRolePolicyDocument=trust)
        yield made
        sweep(made, survey(made), lambda line: None)


def test_a_failed_deletion_is_named_with_its_reason_and_the_rest_is_gone(lab: Lab) -> None:
    refusing = RefusingLab(lab, "DeleteQueue", "InvalidSecurity", "not today")
    with pytest.raises(CleanUpIncompleteError, match=r"SQS queue fault-lab-failed is still there: .*not today"):
        sweep(refusing, survey(refusing), lambda line: None)
    assert seen(lab) == ["SQS queue fault-lab-failed"]


def test_the_next_run_takes_what_a_half_failed_one_has_left(lab: Lab) -> None:
    refusing = RefusingLab(lab, "DeleteBucket", "InternalFailure")
    with pytest.raises(CleanUpIncompleteError, match="S3 bucket fault-lab-000000000000-us-east-1"):
        sweep(refusing, survey(refusing), lambda line: None)
    assert sweep(lab, survey(lab), lambda line: None).is_clean


def test_without_the_right_to_one_service_the_others_are_cleaned_and_it_is_named(lab: Lab) -> None:
    refusing = RefusingLab(lab, "ListQueues", "AccessDenied", DENIED)
    with pytest.raises(CleanUpIncompleteError, match=r"SNS and SQS could not be searched: .*sqs:ListQueues"):
        sweep(refusing, survey(refusing), lambda line: None)
    assert seen(lab) == ["SQS queue fault-lab-failed"]


def test_without_the_tagging_api_exact_names_are_found_all_the_same(lab: Lab) -> None:
    found = survey(RefusingLab(lab, "GetResources", "AccessDeniedException"))
    assert names(found) == seen(lab)
    assert [each.service for each in found.unseen] == ["The tagging API"]


@pytest.mark.parametrize("code", ["DeleteConflict", "ConcurrentModification", "Throttling"])
def test_what_passes_is_tried_again(lab: Lab, code: str) -> None:
    refusing = RefusingLab(lab, "DeleteRole", code, times=3)
    assert sweep(refusing, survey(refusing), lambda line: None).is_clean


def test_what_does_not_pass_is_given_up_with_awss_own_reason(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "PATIENCE_SECONDS", 0.2)
    refusing = RefusingLab(lab, "DeleteRole", "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    with pytest.raises(CleanUpIncompleteError, match="must detach all policies first"):
        sweep(refusing, survey(refusing), lambda line: None)


def test_an_account_without_quick_sight_is_no_trouble(lab: Lab) -> None:
    without = RefusingLab(lab, "ListAnalyses", "ResourceNotFoundException", "Directory information is not found.")
    assert survey(without).unseen == []


def test_a_thing_with_an_exact_name_and_another_projects_tag_is_left_alone(lab: Lab) -> None:
    sqs = lab.client("sqs")
    url = sqs.get_queue_url(QueueName=lab.settings.failed_queue)["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"project": "somebody-else"})
    last = sweep(lab, survey(lab), lambda line: None)
    assert [str(each) for each in last.left_alone] == [
        "SQS queue fault-lab-failed looks similar and is left alone: its tag `project` is somebody-else"
    ]
    assert sqs.get_queue_url(QueueName=lab.settings.failed_queue)["QueueUrl"] == url
    sqs.untag_queue(QueueUrl=url, TagKeys=["project"])


def test_a_right_that_ends_at_our_own_things_is_enough(lab: Lab) -> None:
    url = lab.client("sqs").create_queue(QueueName="fault-lab-of-a-friend")["QueueUrl"]
    found = survey(RefusingLab(lab, "ListQueueTags", "AccessDenied"))
    assert found.unseen == []
    assert "SQS queue fault-lab-failed" in names(found)
    assert [each.name for each in found.left_alone] == ["fault-lab-of-a-friend"]
    lab.client("sqs").delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    "operation",
    ["DescribeStreamSummary", "ListStreamConsumers", "DescribeTable", "ListSubscriptionsByTopic", "ListObjectVersions"],
)
def test_a_thing_that_bears_our_tag_and_may_not_be_looked_into_hides_no_other(lab: Lab, operation: str) -> None:
    lab.client("kinesis").create_stream(StreamName="by-hand", ShardCount=1, Tags=lab.settings.tags)
    keys = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    columns = [{"AttributeName": "k", "AttributeType": "S"}]
    tags = [{"Key": key, "Value": value} for key, value in lab.settings.tags.items()]
    lab.client("dynamodb").create_table(TableName="by-hand", AttributeDefinitions=columns, **keys, Tags=tags)
    try:
        all_of_them = seen(lab)
        found = survey(RefusingLab(lab, operation, "AccessDeniedException"))
        assert found.unseen == []
        assert {"Kinesis stream by-hand", "DynamoDB table by-hand"} <= set(names(found))
        assert [each for each in all_of_them if "subscription" not in each] == [
            each for each in names(found) if "subscription" not in each
        ]
    finally:
        lab.client("kinesis").delete_stream(StreamName="by-hand")
        lab.client("dynamodb").delete_table(TableName="by-hand")


def test_a_thing_with_another_name_and_our_tag_is_ours(lab: Lab) -> None:
    lab.client("sqs").create_queue(QueueName="made-by-hand", tags=lab.settings.tags)
    assert "SQS queue made-by-hand" in seen(lab)


@pytest.fixture
def told(lab: Lab) -> Callable[..., str]:
    """Run the command with an answer, and return what it said."""

    def tell(answer: str = "", **options: bool) -> str:
        lines: list[str] = []
        clean_up(lab, lines.append, lambda question: answer, **options)
        return "\n".join(lines)

    return tell


def test_a_dry_run_lists_and_deletes_nothing(lab: Lab, told: Callable[..., str]) -> None:
    before = seen(lab)
    text = told(dry_run=True)
    assert all(name in text for name in before)
    assert text.endswith("Nothing was deleted: this was a dry run.")
    assert seen(lab) == before


@pytest.mark.parametrize("answer", ["", "yes", "fault-lab-2"])
def test_only_the_prefix_is_an_answer(lab: Lab, told: Callable[..., str], answer: str) -> None:
    before = seen(lab)
    with pytest.raises(NotConfirmedError, match="Nothing was deleted: type fault-lab when asked, or add --yes"):
        told(answer)
    assert seen(lab) == before


@pytest.mark.parametrize(("answer", "options"), [("fault-lab", {}), ("", {"yes": True})])
def test_after_the_answer_all_is_gone_and_the_proof_is_said(
    lab: Lab, told: Callable[..., str], answer: str, options: dict[str, bool]
) -> None:
    assert told(answer, **options).endswith("Nothing of the lab is left: it costs $0.00 an hour.")
    assert seen(lab) == []
