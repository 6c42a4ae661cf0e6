"""The beginning of a file, unpacked: all that a crawler reads of it."""

from __future__ import annotations

import bz2
import zlib
from dataclasses import dataclass

from helpers.local import in_process
from helpers.local.in_process import StoredObject

# AWS's crawler decides by the first megabyte of a file (https://repost.aws/knowledge-center/glue-crawler-detect-schema),
# so that gigabytes are crawled in seconds.
HEAD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Head:
    """The first `HEAD_BYTES` of a file, unpacked.

    Parameters
    ----------
    data
        Unpacked bytes.
    compression
        `none`, `gzip`, `bzip2` or `zstd`.
    whole
        Whether this is all of the file.
    """

    data: bytes
    compression: str
    whole: bool

    def lines(self) -> list[str]:
        """Return the complete lines, without their ends; empty lines left out."""
        text = self.data.decode("utf-8", errors="replace").removeprefix("\ufeff")
        lines = text.split("\n")
        if not self.whole:
            lines = lines[:-1]
        return [line.rstrip("\r") for line in lines if line.strip()]


def read_head(stored: StoredObject) -> Head:
    """Read the head of an object; what cannot be unpacked is taken as it is."""
    raw = in_process.read_object(stored.bucket, stored.key)
    start = bytes(raw[: HEAD_BYTES * 2])
    try:
        if start[:2] == b"\x1f\x8b":
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, HEAD_BYTES)
            return Head(data, "gzip", len(data) < HEAD_BYTES and len(start) == len(raw))
        if start[:3] == b"BZh":
            data = bz2.BZ2Decompressor().decompress(start, HEAD_BYTES)
            return Head(data, "bzip2", len(data) < HEAD_BYTES and len(start) == len(raw))
        if start[:4] == b"\x28\xb5\x2f\xfd":
            return Head(_unpack_zstd(start), "zstd", len(start) == len(raw))
    except (zlib.error, OSError, EOFError):
        return Head(start[:HEAD_BYTES], "none", False)
    return Head(start[:HEAD_BYTES], "none", len(raw) <= HEAD_BYTES)


def _unpack_zstd(data: bytes) -> bytes:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read(HEAD_BYTES))
