"""The compression formats of delivered objects.

Snappy objects are framed as snappy-java's streams, Hadoop's as its block streams; both formats compress in blocks.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from dataclasses import dataclass

_XERIAL_HEAD = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
_XERIAL_BLOCK_BYTES = 32 * 1024
_HADOOP_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Compressed:
    """An object's body, the end of its name, and its Content-Encoding if it has one."""

    body: bytes
    extension: str
    encoding: str | None


def compressed(body: bytes, compression: str, name: str) -> Compressed:
    """Return `body` in one of the API's compression formats.

    Parameters
    ----------
    compression
        `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    name
        Name of the one file in a ZIP archive.
    """
    if compression == "GZIP":
        return Compressed(gzip.compress(body, compresslevel=6), ".gz", "gzip")
    if compression == "ZIP":
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr(name, body)
        return Compressed(archive.getvalue(), ".zip", "zip")
    if compression == "Snappy":
        blocks = _snappy_blocks(body, _XERIAL_BLOCK_BYTES)
        framed = b"".join(struct.pack(">i", len(packed)) + packed for _, packed in blocks)
        return Compressed(_XERIAL_HEAD + framed, ".snappy", "snappy-java")
    if compression == "HADOOP_SNAPPY":
        blocks = _snappy_blocks(body, _HADOOP_BLOCK_BYTES)
        framed = b"".join(struct.pack(">ii", size, len(packed)) + packed for size, packed in blocks)
        return Compressed(framed, ".snappy", "hadoop-snappy")
    return Compressed(body, "", None)


def _snappy_blocks(body: bytes, block_bytes: int) -> list[tuple[int, bytes]]:
    """Return (bytes before, compressed block) of each block."""
    # Here, because Arrow would slow down every start.
    import pyarrow as pa

    codec = pa.Codec("snappy")
    pieces = [body[at : at + block_bytes] for at in range(0, len(body), block_bytes)]
    return [(len(piece), codec.compress(piece, asbytes=True)) for piece in pieces]
