"""What runs inside an execution environment: loads the function's handler and answers one event after another.

A script of its own, without imports from the lab: it is started with the function's environment variables
in the folder of its code. Requests come as lines of JSON on standard input, answers go as lines of JSON to
what was standard output; all that the function prints goes to standard error, closed by a mark after each
event. It does what AWS's runtime interface client for Python does:
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

from __future__ import annotations

import base64
import decimal
import importlib
import json
import logging
import os
import sys
import time
import traceback
from typing import Any

END_OF_LOG = "\x00end of log"
# Stands within an entry of the log for the end of a line, as an entry is one line on its way out.
LINE_BREAK = "\x00\\"
# Does not end with a line feed in CloudWatch, as other entries do.
ERROR_ENTRY = "\x00!"
_WARNING = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. However, in rare "
    "cases, a Lambda runtime update can cause unexpected function behavior. For functions using managed runtimes, "
    "runtime updates can be triggered by a function change, or can be applied automatically. To determine if the "
    "runtime has been updated, check the runtime version in the INIT_START log entry. If this error correlates with a "
    "change in the runtime version, you may be able to mitigate this error by temporarily rolling back to the previous "
    "runtime version. For more information, see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html"
)
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_RESPONSE_BYTES = 6 * 2**20 + 100

Error = dict[str, Any]


class Identity:
    """The caller's identity, of which there is none here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    """The application that calls, as it says of itself."""

    def __init__(self, told: dict[str, Any]) -> None:
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, told.get(name))


class ClientContext:
    """What the caller sent along: `custom` and `env` are its own, `client` tells about it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.custom = told.get("custom")
        self.env = told.get("env")
        self.client = Client(told["client"]) if told.get("client") else None


class Context:
    """The context object: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id = request["request_id"]
        self.invoked_function_arn = request["function_arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity()
        told = request.get("client_context")
        self.client_context = ClientContext(json.loads(base64.b64decode(told))) if told else None
        self._deadline = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class LogHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Formats the records of `logging` as AWS's runtime does, with the request's id."""

    request_id = ""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def format(self, record: logging.LogRecord) -> str:
        record.aws_request_id = LogHandler.request_id
        return super().format(record).replace("\n", LINE_BREAK)


class Encoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return float(o) if isinstance(o, decimal.Decimal) else super().default(o)


def load_handler(name: str) -> Any:
    """Return the handler, or the error that AWS answers if it cannot be loaded."""
    module_name, _, function_name = name.rpartition(".")
    if not module_name:
        return error("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack "
                     "(expected 2, got 1)")  # fmt: skip
    if module_name.partition(".")[0] in sys.builtin_module_names:
        return error("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as problem:
        return error("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {problem}")
    except SyntaxError as problem:
        place = [f'  File "{problem.filename}" Line {problem.lineno}\n    {problem.text}']
        return error("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {problem}", place)
    except Exception as problem:  # noqa: BLE001 - whatever the function's module raises is its answer
        return raised(problem)
    handler = getattr(module, function_name, None)
    if handler is None:
        return error("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return handler


def error(kind: str, message: str, stack_trace: list[str] | None = None) -> Error:
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": stack_trace or []}


def raised(problem: BaseException) -> Error:
    """Return an exception as AWS answers it, without the frames of this script."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename != __file__]
    return error(type(problem).__name__, str(problem), traceback.format_list(frames))


def log_error(failure: Error) -> None:
    """Write an error into the log as AWS's runtime does: one entry, its indentation made of no-break spaces."""
    what = ": ".join(part for part in (failure["errorType"], failure["errorMessage"]) if part)
    lines = [f"[ERROR] {what}", "Traceback (most recent call last):"]
    for line in "".join(failure["stackTrace"]).splitlines():
        text = line.lstrip(" ")
        lines.append("\u00a0" * (len(line) - len(text)) + text)
    entry = "\n".join(lines).replace("\n", LINE_BREAK)
    sys.stdout.write(f"{ERROR_ENTRY}{entry}\n")


def answer(handler: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Call the handler; return its result or its error."""
    if not callable(handler):
        return {"error": handler}
    try:
        context = Context(request)
    except ValueError as problem:
        return {
            "error": error("Runtime.LambdaContextUnmarshalError", f"Unable to parse Client Context JSON: {problem}")
        }
    try:
        result = handler(request["event"], context)
    except Exception as problem:  # noqa: BLE001 - whatever the function raises is its answer
        return {"error": raised(problem)}
    try:
        text = json.dumps(result, cls=Encoder)
    except (TypeError, ValueError) as problem:
        return {"error": error("Runtime.MarshalError", f"Unable to marshal response: {problem}")}
    if len(text) > MAX_RESPONSE_BYTES:
        # The platform's own error, not the runtime's: it has no request and no place.
        return {
            "refused": {
                "errorMessage": f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} "
                "bytes).",
                "errorType": "Function.ResponseSizeTooLarge",
            }
        }
    return {"result": json.loads(text)}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    # From here on file descriptor 1 is the log too, even for the function's own child processes.
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", newline="\n", buffering=1)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", newline="\n", buffering=1)
    requests = os.fdopen(os.dup(0), encoding="utf-8", newline="\n")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def reply(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()
        sys.stderr.flush()
        sys.stdout.flush()
        sys.stdout.write(END_OF_LOG + "\n")
        sys.stdout.flush()

    # In place of the folder of this script.
    sys.path[:1] = json.loads(requests.readline())["path"]
    logging.getLogger().addHandler(LogHandler())
    handler = load_handler(os.environ["_HANDLER"])
    if not callable(handler):
        logging.warning(_WARNING)
        log_error(handler)
    reply({"ready": callable(handler)})
    for line in requests:
        request = json.loads(line)
        LogHandler.request_id = request["request_id"]
        os.environ["_X_AMZN_TRACE_ID"] = request["trace_id"]
        outcome = answer(handler, request)
        if "error" in outcome and callable(handler):
            outcome["error"]["requestId"] = request["request_id"]
            log_error(outcome["error"])
        reply(outcome)


if __name__ == "__main__":
    main()
