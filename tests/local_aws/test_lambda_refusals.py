"""Requests that Lambda refuses, each with AWS's code and words.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import ROLE, zipped
from lambda_functions import Functions

SOURCE = "def handler(event, context):\n    return event\n"
INVALID = "InvalidParameterValueException"
ENVIRONMENT = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
)
ACCOUNT = "arn:aws:lambda:us-east-1:000000000000:function"


def refused(call: Any, **request: Any) -> dict[str, Any]:
    """Return the answer of a call that is refused."""
    with pytest.raises(ClientError) as error:
        call(**request)
    answer: dict[str, Any] = error.value.response
    return answer


def error_of(call: Any, **request: Any) -> tuple[int, str, str]:
    """Return status, code and message of a call that is refused."""
    answer = refused(call, **request)
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"Role": "r1"}, "ValidationException",
         "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
         r"expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
        ({"Architectures": ["x86_64", "arm64"]}, "ValidationException",
         "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member "
         "must have length less than or equal to 1"),
        ({"Architectures": ["X86_64"]}, "ValidationException",
         "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must "
         "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"),
        ({"Environment": {"Variables": {"1a": "x"}}}, "ValidationException",
         "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
         "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must "
         "not be null]"),
        ({"Environment": {"Variables": {"AWS_REGION": "x", "OWN": "y"}}}, INVALID,
         ENVIRONMENT + "contains reserved keys that are currently not supported for modification. Reserved keys used "
         "in this request: AWS_REGION"),
        ({"Code": {"ZipFile": b"no zip"}}, INVALID,
         "Could not unzip uploaded file. Please check your file, then try to upload again."),
        ({"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "k"}}, INVALID,
         "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not "
         "exist"),
    ],
)  # fmt: skip
def test_a_function_that_cannot_be_is_not_made(
    functions: Functions, settings: dict[str, Any], code: str, message: str
) -> None:
    request = {"Role": ROLE, "Runtime": "python3.13", "Handler": "i.h", "Code": {"ZipFile": zipped({"i.py": SOURCE})}}
    name = f"function-{uuid.uuid4().hex[:8]}"
    assert error_of(functions.aws.create_function, FunctionName=name, **{**request, **settings}) == (400, code, message)
    assert error_of(functions.aws.get_function, FunctionName=name)[1] == "ResourceNotFoundException"


def test_an_object_that_is_not_there_is_no_code(functions: Functions, shared_client: Any) -> None:
    bucket = f"code-{uuid.uuid4().hex[:8]}"
    shared_client("s3").create_bucket(Bucket=bucket)
    name = functions.make(SOURCE)
    request = {"FunctionName": name, "S3Bucket": bucket, "S3Key": "none.zip"}
    assert error_of(functions.aws.update_function_code, **request) == (
        400,
        INVALID,
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    )


def test_a_runtime_must_be_known(functions: Functions) -> None:
    name = functions.make(SOURCE)
    status, code, message = error_of(
        functions.aws.update_function_configuration, FunctionName=name, Runtime="PYTHON3.13"
    )
    assert (status, code) == (400, INVALID)
    assert message.startswith(
        "Value PYTHON3.13 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["
    )
    assert message.endswith("] or be a valid ARN")
    assert functions.aws.get_function_configuration(FunctionName=name)["Runtime"] == "python3.13"


def test_members_of_the_wrong_type_are_refused(functions: Functions, local_aws: str) -> None:
    url = f"{local_aws}/2015-03-31/functions/{functions.make(SOURCE)}/configuration"
    credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request"
    for settings in ({"Environment": ["x"]}, {"Timeout": "long"}, {"Runtime": 3}):
        headers = {"Authorization": credential, "Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(settings).encode(), headers, method="PUT")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 400
        assert refused.value.headers["x-amzn-errortype"] == "SerializationException"


def test_names_have_at_most_64_characters(functions: Functions) -> None:
    request = {"Role": ROLE, "Runtime": "python3.13", "Handler": "i.h", "Code": {"ZipFile": zipped({"i.py": SOURCE})}}
    name = uuid.uuid4().hex * 2
    functions.aws.create_function(FunctionName=name, **request)
    functions.aws.delete_function(FunctionName=name)
    assert error_of(functions.aws.create_function, FunctionName=name + "x", **request) == (
        400,
        "ValidationException",
        f"1 validation error detected: Value '{name}x' at 'functionName' failed to satisfy constraint: Member must "
        "have length less than or equal to 64",
    )


def test_the_environment_has_at_most_4_kb(functions: Functions) -> None:
    fits = {"SMALL": "é", "LARGE": "x" * (4096 - len('{"SMALL":"é","LARGE":""}'.encode()))}
    name = functions.make(SOURCE, Environment={"Variables": fits})
    more = {**fits, "LARGE": fits["LARGE"] + "x"}
    measured = f'{{"SMALL":"é","LARGE":"{more["LARGE"]}"}}'
    assert error_of(
        functions.aws.update_function_configuration, FunctionName=name, Environment={"Variables": more}
    ) == (400, INVALID, f"{ENVIRONMENT}exceeded the 4KB limit. String measured: {measured}")


def test_what_is_not_there_is_named_with_its_qualifier(functions: Functions) -> None:
    name = functions.make(SOURCE)
    missing = "ResourceNotFoundException"
    aws = functions.aws
    for call, request, arn in (
        (aws.get_function, {"FunctionName": "none"}, "none"),
        (aws.get_function_configuration, {"FunctionName": name, "Qualifier": "42"}, f"{name}:42"),
        (aws.get_function, {"FunctionName": name, "Qualifier": "no-alias"}, f"{name}:no-alias"),
        (aws.invoke, {"FunctionName": "none"}, "none:$LATEST"),
        (aws.invoke, {"FunctionName": name, "Qualifier": "no-alias"}, f"{name}:no-alias"),
        (aws.put_function_concurrency, {"FunctionName": "none", "ReservedConcurrentExecutions": 1}, "none:$LATEST"),
        (aws.delete_function, {"FunctionName": "none"}, "none"),
    ):
        assert error_of(call, **request) == (404, missing, f"Function not found: {ACCOUNT}:{arn}")


def test_errors_have_the_members_of_aws(functions: Functions) -> None:
    missing = refused(functions.aws.delete_function, FunctionName="none")
    assert {"Type": "User", "Message": missing["Error"]["Message"]}.items() <= missing.items()
    name = functions.make(SOURCE)
    again = refused(functions.aws.create_function, FunctionName=name, Role=ROLE, Runtime="python3.13",
                    Handler="i.h", Code={"ZipFile": zipped({"i.py": SOURCE})})  # fmt: skip
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert again["Error"] == {"Code": "ResourceConflictException", "Message": f"Function already exist: {name}"}
    assert {"Type": "User", "message": f"Function already exist: {name}"}.items() <= again.items()
    unknown = refused(functions.aws.invoke, FunctionName=name, InvocationType="Foo")
    assert unknown["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'Foo' at 'invocationType' failed to satisfy constraint: Member "
        "must satisfy enum value set: [Event, RequestResponse, DryRun]",
    }
    assert "Type" not in unknown


def test_a_qualifier_must_be_that_of_the_arn(functions: Functions) -> None:
    name = functions.make(SOURCE)
    assert error_of(functions.aws.get_function, FunctionName=f"{ACCOUNT}:{name}:$LATEST", Qualifier="1") == (
        400,
        INVALID,
        "The derived qualifier from the function name does not match the specified qualifier.",
    )


def test_a_revision_must_be_the_latest(functions: Functions) -> None:
    name = functions.make(SOURCE)
    revision = functions.aws.get_function_configuration(FunctionName=name)["RevisionId"]
    change = functions.aws.update_function_configuration
    assert error_of(change, FunctionName=name, Timeout=4, RevisionId="another") == (
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
        "the latest Revision Id",
    )
    assert change(FunctionName=name, Timeout=4, RevisionId=revision)["Timeout"] == 4


def test_latest_is_deleted_with_its_function_alone(functions: Functions) -> None:
    name = functions.make(SOURCE)
    assert error_of(functions.aws.delete_function, FunctionName=name, Qualifier="$LATEST") == (
        400,
        INVALID,
        "$LATEST version cannot be deleted without deleting the function.",
    )
    assert functions.call(name, 1)[0] == 1


def test_reserved_concurrency_is_of_a_function(functions: Functions) -> None:
    name = functions.make(SOURCE)
    functions.aws.publish_version(FunctionName=name)
    assert error_of(
        functions.aws.put_function_concurrency, FunctionName=f"{ACCOUNT}:{name}:1", ReservedConcurrentExecutions=1
    ) == (
        400,
        INVALID,
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.",
    )


def test_a_function_without_concurrency_is_throttled(functions: Functions) -> None:
    name = functions.make(SOURCE)
    functions.aws.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    answer = refused(functions.aws.invoke, FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert answer["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}
    assert (answer["Reason"], answer["Type"]) == ("ReservedFunctionConcurrentInvocationLimitExceeded", "User")


def test_tags_are_of_functions_and_at_most_50(functions: Functions) -> None:
    name = functions.make(SOURCE, Tags={"first": "1"})
    arn = f"{ACCOUNT}:{name}"
    tags = {f"key-{number}": "x" for number in range(49)}
    assert error_of(functions.aws.tag_resource, Resource=arn, Tags={**tags, "more": "x"}) == (
        400,
        INVALID,
        "Number of tags exceeds resource tag limit.",
    )
    functions.aws.tag_resource(Resource=arn, Tags=tags)
    assert len(functions.aws.list_tags(Resource=arn)["Tags"]) == 50
    assert error_of(functions.aws.tag_resource, Resource=f"{arn}:$LATEST", Tags={"a": "x"}) == (
        400,
        INVALID,
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    )


def test_aliases_point_at_versions_that_are_there(functions: Functions) -> None:
    name = functions.make(SOURCE)
    for number in range(2):
        source = zipped({"index.py": SOURCE + "\n" * number})
        functions.aws.update_function_code(FunctionName=name, ZipFile=source, Publish=True)
    make = functions.aws.create_alias
    base = f"{ACCOUNT}:{name}"

    def routed(version: str, **weights: float) -> tuple[int, str, str]:
        config = {"AdditionalVersionWeights": {key.removeprefix("v"): weight for key, weight in weights.items()}}
        return error_of(make, FunctionName=name, Name="a", FunctionVersion=version, RoutingConfig=config)

    missing = (404, "ResourceNotFoundException", f"Function not found: {base}:10")
    assert error_of(make, FunctionName=name, Name="a", FunctionVersion="10") == missing
    assert routed("1", v10=0.5) == missing
    assert routed("1", v1=0.5) == (
        400,
        INVALID,
        "Invalid function version 1. Function version 1 is already included in routing configuration.",
    )
    assert routed("1", v2=0.5, v3=0.1) == (
        400,
        INVALID,
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    )
    assert routed("$LATEST", v2=0.5) == (
        400,
        INVALID,
        "$LATEST is not supported for an alias pointing to more than 1 version",
    )
    assert routed("1", v2=2) == (
        400,
        "ValidationException",
        "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
        "constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
        "have value greater than or equal to 0.0, Member must not be null]",
    )
    made = make(FunctionName=name, Name="a", FunctionVersion="1")
    assert made["AliasArn"] == f"{base}:a"
    assert error_of(make, FunctionName=name, Name="a", FunctionVersion="2") == (
        409,
        "ResourceConflictException",
        f"Alias already exists: {base}:a",
    )
    for call in (functions.aws.get_alias, functions.aws.update_alias):
        assert error_of(call, FunctionName=name, Name="b") == (
            404,
            "ResourceNotFoundException",
            f"Cannot find alias arn: {base}:b",
        )


def test_policies_are_of_principals_and_of_what_is_there(functions: Functions) -> None:
    name = functions.make(SOURCE)
    allow = {"FunctionName": name, "Action": "lambda:InvokeFunction", "StatementId": "one"}
    add, remove, get = functions.aws.add_permission, functions.aws.remove_permission, functions.aws.get_policy
    gone = (404, "ResourceNotFoundException", "The resource you requested does not exist.")
    assert error_of(get, FunctionName=name) == gone
    assert error_of(add, **allow, Principal="nobody.example.com") == (
        400,
        INVALID,
        "The provided principal was invalid. Please check the principal and try again.",
    )
    assert error_of(add, **allow, Principal="s3.amazonaws.com", Qualifier="$LATEST") == (
        400,
        INVALID,
        "We currently do not support adding policies for $LATEST.",
    )
    assert error_of(remove, FunctionName=name, StatementId="one")[2] == (
        "No policy is associated with the given resource."
    )
    for principal, number in (("s3.amazonaws.com", "one"), ("000000000000", "two"), ("*", "three")):
        add(**{**allow, "StatementId": number}, Principal=principal)
    assert error_of(remove, FunctionName=name, StatementId="four")[2] == (
        "Statement four is not found in resource policy."
    )
    assert error_of(remove, FunctionName="none", StatementId="one")[2] == f"No policy found for: {ACCOUNT}:none"
    for number in ("one", "two", "three"):
        remove(FunctionName=name, StatementId=number)
    assert error_of(get, FunctionName=name) == gone
