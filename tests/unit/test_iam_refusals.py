"""A refusal of AWS, in any of its forms, becomes one sentence: the action, and the policy file that grants it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from helpers.errors import LabError
from helpers.iam.refusals import MissingRightError, explain_refusals, sentence_for
from helpers.iam.sign_in import SessionExpiredError
from helpers.runner import NotebookFailedError, run_all
from helpers.settings import Settings

SETTINGS = Settings("shop-lab", "123456789012", "eu-west-1", "aws", None, Path("build"))
USER = "User: arn:aws:iam::123456789012:user/anna is not authorized to perform: "
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/shop-lab-events"


def said(message: str, signer: str, operation: str, **params: Any) -> str:
    return sentence_for({"Error": {"Code": "AccessDenied", "Message": message}}, signer, operation, params, SETTINGS)


def test_the_action_and_the_policy_that_grants_it_are_named() -> None:
    message = (
        f"{USER}kinesis:CreateStream on resource: {STREAM} because no identity-based policy allows the "
        "kinesis:CreateStream action"
    )
    assert said(message, "kinesis", "CreateStream", StreamName="shop-lab-events") == (
        f"AWS refuses kinesis:CreateStream on {STREAM}: attach the policy that grants it, iam/learner-stream.json."
    )


def test_without_a_resource_in_the_message_the_call_tells_it() -> None:
    message = f"{USER}lambda:UpdateFunctionCode"
    assert said(message, "lambda", "UpdateFunctionCode", FunctionName="shop-lab-alert") == (
        "AWS refuses lambda:UpdateFunctionCode on arn:aws:lambda:eu-west-1:123456789012:function:shop-lab-alert: "
        "attach the policy that grants it, iam/learner-alerts.json."
    )


@pytest.mark.parametrize(
    ("operation", "params", "action", "resource"),
    [
        ("HeadBucket", {}, "s3:ListBucket", ""),
        ("ListObjectsV2", {}, "s3:ListBucket", ""),
        ("HeadObject", {"Key": "raw/events/events.csv"}, "s3:GetObject", "/raw/events/events.csv"),
        ("CreateMultipartUpload", {"Key": "k"}, "s3:PutObject", "/k"),
    ],
)
def test_of_s3s_bare_refusal_the_operation_tells_the_action(
    operation: str, params: dict[str, str], action: str, resource: str
) -> None:
    where = f"arn:aws:s3:::{SETTINGS.bucket}{resource}"
    assert said("Access Denied", "s3", operation, Bucket=SETTINGS.bucket, **params) == (
        f"AWS refuses {action} on {where}: attach the policy that grants it, iam/learner-batch.json."
    )


def test_a_role_that_may_not_be_passed_is_found_by_its_name() -> None:
    role = "arn:aws:iam::123456789012:role/shop-lab-etl"
    message = f"{USER}iam:PassRole on resource: {role} because no identity-based policy allows the iam:PassRole action"
    assert said(message, "glue", "CreateJob", Name="j").endswith("grants it, iam/learner-stream.json.")


def test_a_service_role_without_a_right_leads_to_its_own_policy() -> None:
    message = (
        "User: arn:aws:sts::123456789012:assumed-role/shop-lab-functions/shop-lab-alert is not authorized to perform: "
        "dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/shop-lab-activity because no "
        "identity-based policy allows the dynamodb:PutItem action"
    )
    assert said(message, "dynamodb", "PutItem", TableName="x").endswith("grants it, iam/functions.json.")


@pytest.mark.parametrize(
    ("reason", "keeper"),
    [
        ("with an explicit deny in a service control policy", "service control policy forbids it"),
        ("with an explicit deny in an identity-based policy", "identity-based policy forbids it"),
        ("with an explicit deny in the role trust policy", "role trust policy forbids it"),
        ("with an explicit deny in a resource control policy: arn:aws:x", "the resource control policy forbids it"),
        ("with an explicit deny", "because a policy forbids it"),
        ("because no VPC endpoint policy allows the sqs:CreateQueue action", "no VPC endpoint policy allows it"),
        ("because public access is prevented by a setting", "public access is prevented by a setting: no policy"),
        ("because no permissions boundary allows the sqs:CreateQueue action", "no permissions boundary allows it"),
        ("because no service control policy allows the sqs:CreateQueue action", "no service control policy allows it"),
    ],
)
def test_what_no_policy_of_the_lab_can_help_is_said(reason: str, keeper: str) -> None:
    sentence = said(f"{USER}sqs:CreateQueue on resource: arn:aws:sqs:::q {reason}", "sqs", "CreateQueue", QueueName="q")
    assert keeper in sentence
    assert "attach" not in sentence


@pytest.mark.parametrize("message", ["", "Access Denied", "Encoded authorization failure message: 3V9x"])
def test_a_refusal_without_a_reason_is_taken_for_a_missing_right(message: str) -> None:
    sentence = said(message, "glue", "CreateDatabase", DatabaseInput={"Name": "shop_lab"})
    assert sentence.endswith("attach the policy that grants it, iam/learner-batch.json.")


def test_a_reason_that_is_no_missing_right_is_told_in_awss_words() -> None:
    message = "Insufficient Lake Formation permission(s): Required Create Database on Catalog"
    sentence = said(message, "glue", "CreateDatabase", DatabaseInput={"Name": "shop_lab"})
    assert message in sentence
    assert sentence.endswith("; glue:CreateDatabase itself is granted by iam/learner-batch.json.")


def test_another_ones_resource_and_an_action_without_a_policy_are_told_apart() -> None:
    message = f"{USER}kinesis:CreateStream on resource: {STREAM.replace('shop-lab', 'other')}"
    assert said(message, "kinesis", "CreateStream").endswith(
        "iam/learner-stream.json grants kinesis:CreateStream for the lab's own resources alone."
    )
    assert said(f"{USER}ec2:RunInstances", "ec2", "RunInstances").endswith(
        "no policy in iam/ grants it, for the lab does not need it."
    )


def answering(status: int, body: str, service: str = "kinesis") -> Any:
    """Return a client whose every call is answered so."""
    session = boto3.Session("key", "secret", region_name="eu-west-1")
    explain_refusals(session, SETTINGS)
    client = session.client(service)

    class Raw:
        def stream(self) -> list[bytes]:
            return [body.encode()]

        def read(self) -> bytes:
            return body.encode()

    headers = {"content-type": "application/x-amz-json-1.1"}
    client.meta.events.register("before-send", lambda **_: AWSResponse("https://x", status, headers, Raw()))
    return client


def test_a_clients_refusal_is_the_sentence_and_still_a_client_error() -> None:
    body = '{"__type": "AccessDeniedException", "message": "' + f'{USER}kinesis:ListStreams"}}'
    with pytest.raises(ClientError) as refusal:
        answering(400, body).list_streams()
    assert isinstance(refusal.value, LabError)
    assert str(refusal.value) == (
        "AWS refuses kinesis:ListStreams: attach the policy that grants it, iam/learner-start.json."
    )
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    copy = pickle.loads(pickle.dumps(refusal.value))
    assert (str(copy), type(copy)) == (str(refusal.value), MissingRightError)


def test_a_head_without_a_body_is_a_refusal_too() -> None:
    with pytest.raises(MissingRightError, match=r"AWS refuses s3:GetObject on \S+: .*iam/learner-batch.json"):
        answering(403, "", "s3").head_object(Bucket=SETTINGS.bucket, Key="k")


def test_a_session_that_has_run_out_is_no_missing_right() -> None:
    with pytest.raises(SessionExpiredError, match="run `aws sso login` or renew your keys"):
        answering(400, '{"__type": "ExpiredTokenException", "message": "expired"}').list_streams()


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(ClientError, match="Stream x not found") as error:
        answering(400, '{"__type": "ResourceNotFoundException", "message": "Stream x not found"}').list_streams()
    assert not isinstance(error.value, LabError)


def test_a_notebook_that_is_refused_ends_in_that_sentence(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    body = json.dumps(
        {"__type": "AccessDeniedException", "message": f"{USER}kinesis:CreateStream on resource: {STREAM}"}
    )
    notebook = write_notebook(
        "03_streams.ipynb",
        f"""
from test_iam_refusals import answering
answering(400, {body!r}).create_stream(StreamName="shop-lab-events")
""",
    )
    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotebookFailedError) as failure:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        run_all([notebook], tmp_path / "copies", {}, lambda run: None)
    assert str(failure.value).splitlines()[1] == (
        f"MissingRightError: AWS refuses kinesis:CreateStream on {STREAM}: "
        "attach the policy that grants it, iam/learner-stream.json."
    )
