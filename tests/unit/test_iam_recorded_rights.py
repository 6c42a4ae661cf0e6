"""What holds a recording to policies finds what they refuse, allow in vain and could do without."""

from __future__ import annotations

import json
from pathlib import Path

from recorded_rights import in_vain, read_calls, refused, rights_of_calls, without_each

from helpers.iam.rights import Right

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/shop"
PUT = Right("kinesis:PutRecords", STREAM)
READ = Right("kinesis:GetRecords", STREAM)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Send", "Effect": "Allow", "Action": ["kinesis:PutRecord", "kinesis:PutRecords"], "Resource": STREAM},
        {"Sid": "Read", "Effect": "Allow", "Action": "kinesis:GetRecords", "Resource": f"{STREAM}*"},
    ],
}


def test_a_recording_is_read_each_right_once(tmp_path: Path) -> None:
    right = {"action": PUT.action, "resource": STREAM, "context": {}}
    calls = [{"operation": operation, "rights": [right]} for operation in ("PutRecords", "PutRecords", "Other")]
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(json.dumps(call) + "\n" for call in calls), encoding="utf-8")
    assert len(read_calls(path)) == 2
    assert rights_of_calls(read_calls(path)) == [PUT]


def test_a_right_that_no_policy_gives_is_refused() -> None:
    assert refused([POLICY], [PUT, READ]) == []
    assert refused([POLICY], [Right("kinesis:PutRecords", f"{STREAM}2")]) == [f"kinesis:PutRecords on {STREAM}2"]


def test_an_action_that_no_call_uses_is_in_vain() -> None:
    assert in_vain({"own": POLICY}, [PUT, READ]) == {"own": ["kinesis:PutRecord"]}
    assert in_vain({"own": POLICY}, [PUT]) == {"own": ["kinesis:PutRecord", "kinesis:GetRecords"]}


def test_each_statement_is_left_out_in_turn() -> None:
    rests = dict(without_each(POLICY))
    assert list(rests) == ["Send", "Read"]
    assert refused([rests["Send"]], [PUT, READ]) == [f"kinesis:PutRecords on {STREAM}"]
    assert refused([rests["Read"]], [PUT, READ]) == [f"kinesis:GetRecords on {STREAM}"]


def test_a_condition_that_the_call_does_not_meet_refuses_it() -> None:
    mail = {"StringEquals": {"sns:Protocol": "email-json"}}
    policy = {
        "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "sns:Subscribe", "Resource": "*", "Condition": mail}]
    }
    assert refused([policy], [Right("sns:Subscribe", "t", {"sns:Protocol": "email-json"})]) == []
    assert refused([policy], [Right("sns:Subscribe", "t", {"sns:Protocol": "sms"})]) == ["sns:Subscribe on t"]
