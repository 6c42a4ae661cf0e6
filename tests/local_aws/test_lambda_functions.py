"""Python functions on the local Lambda: created, called, changed, ended when they fail.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from event_sources import until, zipped
from lambda_functions import Functions


def test_a_function_gets_its_event_and_its_answer_comes_back(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return {'got': event, 'é': None}\n")
    payload, answer = functions.call(name, {"n": [1, 2.5, "ü"]})
    assert payload == {"got": {"n": [1, 2.5, "ü"]}, "é": None}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer


def test_a_new_function_becomes_active(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return 1\n")
    functions.aws.get_waiter("function_active_v2").wait(FunctionName=name)
    found = functions.aws.get_function_configuration(FunctionName=name)
    assert (found["State"], found["LastUpdateStatus"], found["Runtime"]) == ("Active", "Successful", "python3.13")


@pytest.mark.parametrize(("setting", "most"), [("Timeout", 900), ("MemorySize", 10_240)])
def test_time_and_memory_have_limits(functions: Functions, setting: str, most: int) -> None:
    source = "def handler(event, context):\n    return 1\n"
    name = functions.make(source, **{setting: most})
    message = (
        f"1 validation error detected: Value '{most + 1}' at '{setting[0].lower()}{setting[1:]}' failed to satisfy "
        f"constraint: Member must have value less than or equal to {most}"
    )
    with pytest.raises(ClientError) as refused:
        functions.make(source, **{setting: most + 1})
    assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": message}
    with pytest.raises(ClientError) as refused:
        functions.aws.update_function_configuration(FunctionName=name, **{setting: most + 1})
    assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": message}


def test_new_code_and_new_settings_hold_from_the_next_call(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return 1\n")
    assert functions.call(name)[0] == 1
    source = "import os\ndef handler(event, context):\n    return os.environ.get('WHAT', 2)\n"
    functions.aws.update_function_code(FunctionName=name, ZipFile=zipped({"index.py": source}))
    functions.aws.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert functions.call(name)[0] == 2
    functions.aws.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHAT": "three"}})
    assert functions.call(name)[0] == "three"


def test_a_payload_must_be_json_of_at_most_6_mb(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return len(event)\n")
    limit = 6 * 2**20
    with pytest.raises(ClientError) as refused:
        functions.aws.invoke(FunctionName=name, Payload=b"{no json")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    assert refused.value.response["Error"]["Message"].startswith("Could not parse request body into json: ")
    assert functions.call(name, "x" * (limit - 2))[0] == limit - 2
    with pytest.raises(ClientError) as refused:
        functions.call(name, "x" * (limit - 1))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refused.value.response["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
    }


def test_an_environment_stays_warm_between_calls(functions: Functions) -> None:
    source = """
import os
CALLS = []
def handler(event, context):
    CALLS.append(1)
    return [os.getpid(), len(CALLS)]
"""
    name = functions.make(source)
    (first, _), (second, calls) = functions.call(name)[0], functions.call(name)[0]
    assert (first, calls) == (second, 2)


def test_calls_at_the_same_time_have_environments_of_their_own(functions: Functions) -> None:
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.4)\n    return os.getpid()\n"
    name = functions.make(source)
    with ThreadPoolExecutor(3) as threads:
        pids = list(threads.map(lambda _: functions.call(name)[0], range(3)))
    assert len(set(pids)) == 3


def test_an_environment_stays_warm_after_an_exception(functions: Functions) -> None:
    source = """
import os
def handler(event, context):
    if event:
        raise KeyError(event)
    return os.getpid()
"""
    name = functions.make(source)
    before = functions.call(name)[0]
    functions.call(name, "bad")
    assert functions.call(name)[0] == before


def test_the_context_tells_about_the_call(functions: Functions) -> None:
    source = """
def handler(event, context):
    return [context.function_name, context.function_version, context.memory_limit_in_mb, context.aws_request_id,
            context.invoked_function_arn, context.log_group_name, context.log_stream_name,
            context.get_remaining_time_in_millis()]
"""
    name = functions.make(source, MemorySize=256, Timeout=7)
    payload, _ = functions.call(name)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert payload[:3] == [name, "$LATEST", "256"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", payload[3])
    assert payload[4:6] == [arn, f"/aws/lambda/{name}"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", payload[6])
    assert 6000 < payload[7] <= 7000


def test_the_context_has_what_the_caller_says_of_itself(functions: Functions) -> None:
    source = """
def handler(event, context):
    told = context.client_context
    return told and [told.custom, told.env, told.client and told.client.app_title]
"""
    name = functions.make(source)
    assert functions.call(name)[0] is None
    told = {"custom": {"a": 1}, "env": {"locale": "en"}, "client": {"app_title": "shop"}}
    encoded = base64.b64encode(json.dumps(told).encode()).decode()
    assert functions.call(name, ClientContext=encoded)[0] == [{"a": 1}, {"locale": "en"}, "shop"]
    payload, _ = functions.call(name, ClientContext=base64.b64encode(b"{").decode())
    assert payload["errorType"] == "Runtime.LambdaContextUnmarshalError"
    assert payload["errorMessage"].startswith("Unable to parse Client Context JSON: ")


def test_the_environment_is_that_of_lambda_and_not_of_the_machine(
    functions: Functions, local_aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
    name = functions.make(source, Environment={"Variables": {"OWN": "1"}})
    variables = functions.call(name)[0]
    assert variables["AWS_ENDPOINT_URL"] == local_aws.replace("localhost", "127.0.0.1")
    assert {key: variables[key] for key in ("OWN", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER")} == {
        "OWN": "1",
        "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "_HANDLER": "index.handler",
    }
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert (variables["TZ"], variables["AWS_LAMBDA_INITIALIZATION_TYPE"]) == (":UTC", "on-demand")
    assert "HOME" not in variables


def test_a_function_reaches_the_local_aws(functions: Functions) -> None:
    source = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Account"]
"""
    assert functions.call(functions.make(source, Timeout=30))[0] == "000000000000"


def test_an_exception_is_answered_with_its_type_and_place(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    raise KeyError('nothing')\n")
    payload, answer = functions.call(name)
    assert answer["FunctionError"] == "Unhandled"
    assert answer["StatusCode"] == 200
    assert (payload["errorType"], payload["errorMessage"]) == ("KeyError", "'nothing'")
    assert "in handler" in payload["stackTrace"][0]
    assert len(payload["stackTrace"]) == 1
    assert payload["requestId"]


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import nothing_like_it", "index.handler", "Runtime.ImportModuleError",
         "Unable to import module 'index': No module named 'nothing_like_it'"),
        ("x = 1", "index.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("x = 1", "other.handler", "Runtime.ImportModuleError",
         "Unable to import module 'other': No module named 'other'"),
        ("def handler(:", "index.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index': "),
        ("1 / 0", "index.handler", "ZeroDivisionError", "division by zero"),
        ("def handler(event, context):\n    return {1, 2}", "index.handler", "Runtime.MarshalError",
         "Unable to marshal response: Object of type set is not JSON serializable"),
        ("x = 1", "sys.handler", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName",
         "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"),
    ],
)  # fmt: skip
def test_what_the_runtime_cannot_do_is_named(
    functions: Functions, source: str, handler: str, kind: str, message: str
) -> None:
    payload, answer = functions.call(functions.make(source, Handler=handler))
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == kind
    assert payload["errorMessage"].startswith(message)


def test_an_environment_that_does_not_start_has_no_request(functions: Functions) -> None:
    name = functions.make("raise OSError('not today')\n")
    payload, _ = functions.call(name)
    assert (payload["errorType"], payload["errorMessage"], payload["requestId"]) == ("OSError", "not today", "")
    assert payload["stackTrace"][-1].endswith("raise OSError('not today')\n")
    log = functions.log(name)
    assert log[0].startswith("INIT_START ")
    assert re.match(r"\[WARNING\]\t\S+Z\t\tLAMBDA_WARNING: Unhandled exception\. ", log[1])
    assert log[2].startswith("[ERROR] OSError: not today\nTraceback (most recent call last):\n")
    assert log[3].startswith("START RequestId: ")


def test_an_answer_too_large_is_refused_by_the_platform(functions: Functions) -> None:
    payload, _ = functions.call(functions.make("def handler(event, context):\n    return 'x' * 2**23\n"))
    assert payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_a_time_out_ends_the_environment(functions: Functions) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'\n"
    name = functions.make(source, Timeout=1)
    payload, answer = functions.call(name, 30)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(r"RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds", payload["errorMessage"])
    assert any(line.endswith("Task timed out after 1.00 seconds\n\n") for line in functions.log(name))
    assert functions.call(name, 0)[0] == "done"


def test_a_function_that_takes_more_than_its_memory_is_killed(functions: Functions) -> None:
    source = """
def handler(event, context):
    kept = [b"x" * 2**20 for _ in range(event)]
    import time; time.sleep(0.2 if event > 100 else 0)
    return len(kept)
"""
    name = functions.make(source, MemorySize=128)
    assert functions.call(name, 20)[0] == 20
    payload, answer = functions.call(name, 300)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert re.fullmatch(
        r"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed", payload["errorMessage"]
    )
    log = functions.log(name)
    assert log[-3].endswith(" Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n")
    assert log[-1].endswith("\tStatus: error\tError Type: Runtime.OutOfMemory\t\n")
    functions.aws.update_function_configuration(FunctionName=name, MemorySize=1024)
    assert functions.call(name, 300)[0] == 300


@pytest.mark.parametrize(
    ("status", "message"),
    [(3, "Runtime exited with error: exit status 3"), (0, "Runtime exited without providing a reason")],
)
def test_a_function_that_ends_its_process_hurts_itself_alone(functions: Functions, status: int, message: str) -> None:
    other = functions.make("import os\ndef handler(event, context):\n    return os.getpid()\n")
    before = functions.call(other)[0]
    name = functions.make("import os\ndef handler(event, context):\n    os._exit(event) if event is not None else 0\n")
    payload, answer = functions.call(name, status)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith(f"Error: {message}")
    assert "FunctionError" not in functions.call(name)[1]
    assert functions.call(other)[0] == before


def test_a_module_that_ends_the_process_is_named(functions: Functions) -> None:
    name = functions.make("import sys\nprint('before')\nsys.exit(2)\n")
    payload, answer = functions.call(name)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 2")
    assert "before\n" in functions.log(name)


def test_the_log_holds_what_the_function_prints_between_the_lines_of_the_platform(functions: Functions) -> None:
    source = """
import logging, sys, subprocess
logging.getLogger().setLevel("INFO")
def handler(event, context):
    print("printed", event)
    print("to stderr", file=sys.stderr)
    logging.info("logged")
    subprocess.run([sys.executable, "-c", "print('child')"])
"""
    name = functions.make(source)
    _, answer = functions.call(name, 7, LogType="Tail")
    lines = base64.b64decode(answer["LogResult"]).decode().split("\n")
    request_id = lines[0].removeprefix("START RequestId: ").removesuffix(" Version: $LATEST")
    assert lines[0] == f"START RequestId: {request_id} Version: $LATEST"
    assert lines[1:3] == ["printed 7", "to stderr"]
    assert re.fullmatch(rf"\[INFO\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request_id}\tlogged", lines[3])
    assert lines[4:6] == ["child", f"END RequestId: {request_id}"]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\t",
        lines[6],
    )
    log = functions.log(name)
    assert re.fullmatch(r"INIT_START Runtime Version: python:3.13.v\d+\tRuntime Version ARN: arn:\S+\n", log[0])
    # What the platform, the function's prints and `logging` write ends with a line feed.
    assert "".join(log[1:]) == "\n".join(lines)
    assert log[2] == "printed 7\n"
    functions.call(name, 8)
    streams = functions.logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert len(streams) == 1
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", streams[0]["logStreamName"])


def test_an_exception_is_in_the_log(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    raise ValueError('no') if event else IndexError\n")
    functions.call(name, 1)
    functions.call(name, 0)
    first, second = (line.split("\n") for line in functions.log(name) if line.startswith("[ERROR]"))
    assert first[:2] == ["[ERROR] ValueError: no", "Traceback (most recent call last):"]
    # Indented by no-break spaces, and without an end: one entry of the log.
    assert re.fullmatch('\u00a0\u00a0File ".+index.py", line 2, in handler', first[2])
    assert first[3] == "\u00a0" * 4 + "raise ValueError('no') if event else IndexError"
    assert len(first) == 4
    assert second[0] == "[ERROR] IndexError"


def test_a_record_of_several_lines_is_one_entry_of_the_log(functions: Functions) -> None:
    source = """
import logging
def handler(event, context):
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("not so")
    print("one\\ntwo")
"""
    name = functions.make(source)
    functions.call(name)
    log = functions.log(name)
    (entry,) = (line for line in log if line.startswith("[ERROR]"))
    assert entry.split("\n")[0].endswith("\tnot so")
    assert entry.endswith("ZeroDivisionError: division by zero\n")
    assert log[log.index("one\n") + 1] == "two\n"


def test_modules_beside_the_handler_and_in_folders_are_found(functions: Functions) -> None:
    files = {
        "app/main.py": "from app import part\ndef run(event, context):\n    return part.X\n",
        "app/part.py": "X = 5\n",
    }
    for handler in ("app.main.run", "app/main.run"):
        assert functions.call(functions.make("", files=files, Handler=handler))[0] == 5


def test_a_layer_is_on_the_path(functions: Functions) -> None:
    layer = functions.aws.publish_layer_version(
        LayerName=f"layer-{uuid.uuid4().hex[:8]}", Content={"ZipFile": zipped({"python/shared.py": "X = 6\n"})}
    )["LayerVersionArn"]
    name = functions.make("import shared\ndef handler(event, context):\n    return shared.X\n", Layers=[layer])
    assert functions.call(name)[0] == 6


def test_functions_that_call_each_other_without_end_are_stopped(functions: Functions) -> None:
    source = """
import boto3, json, os
aws = boto3.client("lambda")
def handler(event, context):
    try:
        answer = aws.invoke(FunctionName=os.environ["AWS_LAMBDA_FUNCTION_NAME"], Payload=json.dumps(event + 1))
    except aws.exceptions.RecursiveInvocationException:
        return event
    return json.loads(answer["Payload"].read())
"""
    name = functions.make(source, Timeout=60)
    assert functions.call(name, 1)[0] == 16


def test_a_warm_call_takes_a_few_milliseconds(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    return 1\n")
    functions.call(name)
    seconds = []
    for _ in range(10):
        began = time.monotonic()
        functions.call(name)
        seconds.append(time.monotonic() - began)
    assert sorted(seconds)[5] < 0.1


def test_an_asynchronous_call_is_repeated_after_an_error(functions: Functions) -> None:
    name = functions.make("def handler(event, context):\n    print('called', event)\n    raise ValueError\n")
    answer = functions.aws.invoke(FunctionName=name, InvocationType="Event", Payload=b"1")
    assert answer["StatusCode"] == 202
    until(
        lambda: functions.log(name) if functions.logs.describe_log_groups(
            logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"] else [],
        lambda log: log.count("called 1\n") == 3,
    )  # fmt: skip
