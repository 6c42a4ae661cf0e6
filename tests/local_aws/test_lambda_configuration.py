"""What Lambda shows of a function: at its creation, while it changes, in lists, by version and alias.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

import re

from event_sources import ROLE, zipped
from lambda_functions import Functions

SOURCE = "def handler(event, context):\n    return event\n"
ALWAYS = {
    "Architectures", "CodeSha256", "CodeSize", "Description", "EphemeralStorage", "FunctionArn", "FunctionName",
    "Handler", "LastModified", "LoggingConfig", "MemorySize", "PackageType", "RevisionId", "Role", "Runtime",
    "SnapStart", "Timeout", "TracingConfig", "Version",
}  # fmt: skip


def test_a_new_function_is_pending_and_then_active(functions: Functions) -> None:
    name = functions.make(SOURCE)
    functions.aws.delete_function(FunctionName=name)
    made = functions.aws.create_function(FunctionName=name, Role=ROLE, Runtime="python3.13", Handler="index.handler",
                                         Code={"ZipFile": zipped({"index.py": SOURCE})})  # fmt: skip
    assert made.pop("ResponseMetadata")["HTTPStatusCode"] == 201
    assert set(made) == ALWAYS | {"RuntimeVersionConfig", "State", "StateReason", "StateReasonCode"}
    assert (made["State"], made["StateReason"], made["StateReasonCode"]) == (
        "Pending",
        "The function is being created.",
        "Creating",
    )
    assert re.fullmatch(
        "arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}", made["RuntimeVersionConfig"]["RuntimeVersionArn"]
    )
    functions.aws.get_waiter("function_active_v2").wait(FunctionName=name)
    found = functions.aws.get_function(FunctionName=name)
    assert set(found) == {"Code", "Configuration", "ResponseMetadata"}
    assert set(found["Configuration"]) == ALWAYS | {"RuntimeVersionConfig", "State", "LastUpdateStatus"}
    assert (found["Configuration"]["State"], found["Configuration"]["LastUpdateStatus"]) == ("Active", "Successful")


def test_a_function_stays_active_while_it_changes(functions: Functions) -> None:
    name = functions.make(SOURCE)
    functions.aws.get_waiter("function_active_v2").wait(FunctionName=name)
    changed = functions.aws.update_function_configuration(FunctionName=name, Timeout=7)
    assert (changed["State"], changed["LastUpdateStatus"]) == ("Active", "InProgress")
    assert (changed["LastUpdateStatusReason"], changed["LastUpdateStatusReasonCode"]) == (
        "The function is being created.",
        "Creating",
    )
    assert "StateReason" not in changed
    functions.aws.get_waiter("function_updated_v2").wait(FunctionName=name)
    found = functions.aws.get_function_configuration(FunctionName=name)
    assert (found["LastUpdateStatus"], found["Timeout"]) == ("Successful", 7)
    assert "LastUpdateStatusReason" not in found


def test_lists_do_not_tell_about_states(functions: Functions) -> None:
    name = functions.make(SOURCE)
    pages = functions.aws.get_paginator("list_functions").paginate()
    (listed,) = (shown for page in pages for shown in page["Functions"] if shown["FunctionName"] == name)
    assert set(listed) == ALWAYS
    (version,) = functions.aws.list_versions_by_function(FunctionName=name)["Versions"]
    assert set(version) == ALWAYS


def test_the_arn_has_the_qualifier_that_was_asked_for(functions: Functions) -> None:
    name = functions.make(SOURCE)
    base = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    published = functions.aws.publish_version(FunctionName=name, Description="first")
    assert (published["FunctionArn"], published["Version"], published["Description"]) == (f"{base}:1", "1", "first")
    assert (published["State"], published["LastUpdateStatus"]) == ("Active", "Successful")
    functions.aws.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    for qualifier, version in (("$LATEST", "$LATEST"), ("1", "1"), ("live", "1")):
        found = functions.aws.get_function_configuration(FunctionName=name, Qualifier=qualifier)
        assert (found["FunctionArn"], found["Version"]) == (f"{base}:{qualifier}", version)
        shown = functions.aws.get_function(FunctionName=name, Qualifier=qualifier)["Configuration"]
        assert shown["FunctionArn"] == f"{base}:{qualifier}"
    assert functions.aws.get_function(FunctionName=name)["Configuration"]["FunctionArn"] == base
    source = zipped({"index.py": SOURCE + "\n"})
    updated = functions.aws.update_function_code(FunctionName=name, ZipFile=source, Publish=True)
    assert (updated["FunctionArn"], updated["Version"]) == (f"{base}:2", "2")


def test_tags_and_concurrency_are_shown_if_there_are_any(functions: Functions) -> None:
    name = functions.make(SOURCE, Tags={"owner": "lab"})
    functions.aws.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    found = functions.aws.get_function(FunctionName=name)
    assert found["Tags"] == {"owner": "lab"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
