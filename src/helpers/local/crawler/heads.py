"""The beginning of a file, unpacked: all that a crawler reads of it."""

from __future__ import annotations

import bz2
import gzip
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa

from helpers.local import in_process
from helpers.local.in_process import StoredObject

# AWS's crawler decides by the first megabyte of a file (https://repost.aws/knowledge-center/glue-crawler-detect-schema),
# so that gigabytes are crawled in seconds. If there is no valid record in it, it goes on up to ten.
HEAD_BYTES = 1024 * 1024
LONGEST_HEAD_BYTES = 10 * HEAD_BYTES


@dataclass(frozen=True)
class Head:
    """The beginning of a file, unpacked.

    Parameters
    ----------
    data
        Unpacked bytes.
    compression
        `none`, `gzip`, `bzip2`, `lz4`, `zip` or `zstd`.
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


def read_head(stored: StoredObject, size_bytes: int = HEAD_BYTES) -> Head:
    """Read the first `size_bytes` of an object; nothing if it looks packed and cannot be unpacked."""
    raw = in_process.read_object(stored.bucket, stored.key)
    for magic, (name, unpack) in _PACKED.items():
        if bytes(raw[: len(magic)]) != magic:
            continue
        try:
            with unpack(pa.BufferReader(raw)) as stream:
                data = bytes(stream.read(size_bytes + 1))
            return Head(data[:size_bytes], name, len(data) <= size_bytes)
        except (zlib.error, zipfile.BadZipFile, pa.ArrowException, OSError, EOFError):
            return Head(b"", "none", True)
    return Head(bytes(raw[:size_bytes]), "none", len(raw) <= size_bytes)


def _zip(source: pa.BufferReader) -> IO[bytes]:
    archive = zipfile.ZipFile(source)
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(files) != 1:
        raise zipfile.BadZipFile("Glue reads an archive of one file only")
    return archive.open(files[0])


# By the first bytes of a file.
_PACKED: Mapping[bytes, tuple[str, Callable[[pa.BufferReader], Any]]] = {
    b"\x1f\x8b": ("gzip", lambda source: gzip.GzipFile(fileobj=source)),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"PK\x03\x04": ("zip", _zip),
    b"\x04\x22\x4d\x18": ("lz4", lambda source: pa.CompressedInputStream(source, "lz4")),
    b"\x28\xb5\x2f\xfd": ("zstd", lambda source: pa.CompressedInputStream(source, "zstd")),
}
