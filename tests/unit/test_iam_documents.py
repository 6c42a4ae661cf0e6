"""The policies in `iam/`: filled in for any region, named down to the resource, small enough for IAM, and linted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import policy_lint
import pytest
from policy_engine import decide, may_take

from helpers.iam import documents
from helpers.settings import Settings

ACCOUNT = "123456789012"
FILES = sorted(path.stem for path in documents.folder().glob("*.json"))
POLICIES = [name for name in FILES if not name.endswith("-trust")]

# Both quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_CHARACTERS_MANAGED, MOST_CHARACTERS_OF_A_ROLE, MOST_CHARACTERS_OF_A_TRUST, MOST_ATTACHED = 6_144, 10_240, 2_048, 10

SERVICES = {
    "crawler": "glue.amazonaws.com",
    "delivery": "firehose.amazonaws.com",
    "etl": "glue.amazonaws.com",
    "functions": "lambda.amazonaws.com",
    "flink": "kinesisanalytics.amazonaws.com",
}

# Actions that AWS has and the linter's copy of the reference does not.
NEWER = {
    "quicksight:DescribeDashboardDefinition",
    "kinesis:ListTagsForResource",
    "kinesis:UntagResource",
    "s3:GetBucketAbac",
    "lambda:GetFunctionScalingConfig",
    "billing:GetBillingViewData",
}

# Parliament's findings that stand, by their beginning, each with its reason.
STANDING = {
    'UNKNOWN_ACTION: "': "the linter's copy of the reference is older, see NEWER",
    'RESOURCE_MISMATCH: [{"action": "athena:ListTagsForResource"': "of its three kinds of resources the lab has one",
    'RESOURCE_MISMATCH: [{"action": "athena:TagResource"': "the same",
    'RESOURCE_MISMATCH: [{"action": "dynamodb:GetResourcePolicy"': "on the table, not on its stream",
    "PERMISSIONS_MANAGEMENT_ACTIONS": "the learner makes and drops the lab's roles and the bucket's policy",
    "PRIVILEGE_ESCALATION": "who makes a function and its role could give it more; iam/README.md says who should not",
}


def settings(region: str = "eu-west-1", prefix: str = "ecommerce-lab") -> Settings:
    return Settings(prefix, ACCOUNT, region, "aws", None, Path("build"))


def statements(name: str, region: str = "eu-west-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = documents.policy(settings(region), name)["Statement"]
    return found


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_every_arn_has_the_partition_of_the_region(name: str, region: str, partition: str) -> None:
    text = json.dumps(documents.policy(settings(region), name))
    assert "${" not in text
    assert set(re.findall(r"arn:([^:]*):", text)) <= {partition}
    assert set(re.findall(r"\b[a-z]{2}(?:-[a-z]+)+-\d\b", text)) <= {region}


@pytest.mark.parametrize("name", POLICIES)
def test_no_action_has_a_wildcard_and_all_exist(name: str) -> None:
    actions = [action for each in statements(name) for action in many(each["Action"])]
    assert [action for action in actions if "*" in action or "?" in action] == []
    unknown = [action for action in actions if action.lower() not in policy_lint.reference()]
    assert [action for action in unknown if action not in NEWER] == []


@pytest.mark.parametrize("name", POLICIES)
def test_a_wildcard_resource_is_for_actions_without_resources_alone(name: str) -> None:
    everywhere = [each for each in statements(name) if "*" in many(each["Resource"])]
    actions = [action for each in everywhere for action in many(each["Action"])]
    assert [action for action in actions if policy_lint.has_resource_types(action)] == []
    readme = (documents.folder() / "README.md").read_text(encoding="utf-8")
    assert [action for action in actions if f"`{action}`" not in readme] == []


@pytest.mark.parametrize("name", FILES)
def test_statements_are_named_and_each_name_is_used_once(name: str) -> None:
    document = documents.policy(settings(), name)
    names = [each["Sid"] for each in document["Statement"]]
    assert document["Version"] == "2012-10-17"
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9]+", each) for each in names), names


def test_the_longest_names_fit_into_the_quotas() -> None:
    longest = settings("ap-southeast-1", "a" * 24)
    lengths = {name: len(json.dumps(documents.policy(longest, name), separators=(",", ":"))) for name in FILES}
    learner = documents.learner_policies()
    managed = [*learner, "stack", "stack-caller"]
    assert all(lengths[name] <= MOST_CHARACTERS_MANAGED for name in managed), lengths
    assert all(lengths[role] <= MOST_CHARACTERS_OF_A_ROLE for role in documents.ROLES), lengths
    assert all(lengths[f"{role}-trust"] <= MOST_CHARACTERS_OF_A_TRUST for role in documents.ROLES), lengths
    # CloudFormation's role takes the learner's and its own.
    assert 0 < len(learner) + 1 <= MOST_ATTACHED


@pytest.mark.parametrize("role", documents.ROLES)
def test_a_role_is_taken_by_its_service_for_this_account_alone(role: str) -> None:
    trust = documents.trust(settings(), role)
    [statement] = trust["Statement"]
    assert statement["Principal"] == {"Service": SERVICES[role]}
    sources = many(statement["Condition"].get("ArnLike", {}).get("aws:SourceArn", []))
    source = sources[0].replace("*", "x") if sources else "arn:aws:lambda:eu-west-1:123456789012:function:x"
    context = {"aws:SourceAccount": ACCOUNT, "sts:ExternalId": ACCOUNT, "aws:SourceArn": source}
    assert may_take(trust, SERVICES[role], context)
    others = {key: value.replace(ACCOUNT, "210987654321") for key, value in context.items()}
    assert not may_take(trust, SERVICES[role], others)
    assert not may_take(trust, SERVICES[role], {})
    assert not may_take(trust, "ec2.amazonaws.com", context)


@pytest.mark.parametrize("name", POLICIES)
def test_a_role_is_handed_to_the_service_that_it_trusts_alone(name: str) -> None:
    for each in (each for each in statements(name) if "iam:PassRole" in many(each["Action"])):
        assert many(each["Action"]) == ["iam:PassRole"]
        for arn in many(each["Resource"]):
            role = arn.removeprefix(f"arn:aws:iam::{ACCOUNT}:role/ecommerce-lab-")
            service = SERVICES.get(role, "cloudformation.amazonaws.com")
            assert each["Condition"] == {"StringEquals": {"iam:PassedToService": service}}


@pytest.mark.parametrize("name", FILES)
def test_the_linter_finds_nothing_that_has_no_reason(name: str) -> None:
    document = documents.policy(settings(), name)
    if name.endswith("-trust"):
        # The linter knows identity policies: a trust policy becomes one by the role in the place of the service.
        role = {"Resource": f"arn:aws:iam::{ACCOUNT}:role/ecommerce-lab-crawler"}
        own = [{key: value for key, value in each.items() if key != "Principal"} for each in document["Statement"]]
        document["Statement"] = [each | role for each in own]
        reasons = STANDING | {"CREDENTIALS_EXPOSURE": "to hand out credentials is what a trust policy is for"}
    else:
        reasons = STANDING
    assert [found for found in policy_lint.findings(document) if not found.startswith(tuple(reasons))] == []


def test_the_linter_would_find_a_misspelt_action_and_a_wrong_resource() -> None:
    bad = {"Effect": "Allow", "Action": ["kinesis:PutRecrods"], "Resource": "*"}
    worse = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop"}
    found = policy_lint.findings({"Version": "2012-10-17", "Statement": [bad]})
    assert [each.partition(":")[0] for each in found] == ["UNKNOWN_ACTION"]
    found = policy_lint.findings({"Version": "2012-10-17", "Statement": [worse]})
    assert [each.partition(":")[0] for each in found] == ["RESOURCE_MISMATCH"]


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_of_another_lab_in_the_account_is_touched(name: str) -> None:
    others = settings(prefix="other-lab")
    own = [documents.policy(others, name)]
    shared = {
        "budgets:ViewBudget",
        "glue:GetDatabases",
        "lambda:GetEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
    }
    for each in (each for each in statements(name) if each["Resource"] != "*"):
        named = [arn for arn in many(each["Resource"]) if re.search("ecommerce[-_]lab", arn)]
        for action in set(many(each["Action"])) - shared:
            assert [arn for arn in named if decide(own, action, arn.replace("*", "x")) == "Allow"] == [], action


def test_an_unknown_policy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(documents.NoPolicyError, match=r"There is no policy 'learners' in iam/; there are crawler, "):
        documents.policy(settings(), "learners")


def test_a_name_that_is_no_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.json").write_text('{"Resource": "${bukket}"}', encoding="utf-8")
    monkeypatch.setattr(documents, "folder", lambda: tmp_path)
    with pytest.raises(documents.UnknownNameError, match=r"iam/own.json has \$\{bukket\}, which is no setting"):
        documents.policy(settings(), "own")


def test_all_are_written_out_for_the_command_line(tmp_path: Path) -> None:
    written = documents.write_all(settings(), tmp_path / "iam")
    assert sorted(path.stem for path in written) == FILES
    assert json.loads((tmp_path / "iam" / "etl.json").read_text(encoding="utf-8")) == documents.policy(
        settings(), "etl"
    )


def test_the_readme_says_what_each_is_for() -> None:
    readme = (documents.folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"{name}.json" not in readme] == []
