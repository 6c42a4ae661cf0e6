"""The answer of SelectObjectContent: messages of the `application/vnd.amazon.eventstream` encoding.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html: each message has its
length, the length of its headers, a CRC of these two, headers, payload and a CRC of it all.
"""

from __future__ import annotations

import struct
import zlib

_STRING = 7  # type of a header value
_RECORDS_BYTES = 1 << 20  # payload of one Records message


def encode(records: bytes, scanned: int, processed: int) -> bytes:
    """Return the whole stream: records, statistics (bytes scanned, processed, returned), end."""
    statistics = (
        "<Stats>"
        f"<BytesScanned>{scanned}</BytesScanned><BytesProcessed>{processed}</BytesProcessed>"
        f"<BytesReturned>{len(records)}</BytesReturned></Stats>"
    )
    messages = [
        _message("Records", "application/octet-stream", records[start : start + _RECORDS_BYTES])
        for start in range(0, len(records), _RECORDS_BYTES)
    ]
    messages += [_message("Stats", "text/xml", statistics.encode()), _message("End", None, b"")]
    return b"".join(messages)


def _message(event: str, content_type: str | None, payload: bytes) -> bytes:
    headers = _header(":message-type", "event") + _header(":event-type", event)
    if content_type is not None:
        headers += _header(":content-type", content_type)
    total = 12 + len(headers) + len(payload) + 4
    prelude = struct.pack(">II", total, len(headers))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return body + struct.pack(">I", zlib.crc32(body))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + bytes([_STRING]) + struct.pack(">H", len(value)) + value.encode()
