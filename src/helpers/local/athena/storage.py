"""S3 as the query engine reads it: straight from the emulator's memory, every byte counted.

A file is shown to DuckDB under a path of its own making, `lab://NUMBER/KEY=VALUE/…/_/BUCKET/OBJECT`: the
partition values come first, Hive style, whatever the real key looks like. So DuckDB itself leaves out
the files of other partitions before it opens them, and the real address can be read off the path.
"""

from __future__ import annotations

import bz2
import io
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from fsspec import AbstractFileSystem

from helpers.local import in_process
from helpers.local.in_process import StoredObject

PROTOCOL = "lab"
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_MARK = "/_/"
# What must not appear in a path: it would be taken for a partition, a pattern or another protocol.
_SAFE = "/.-_ ()+,;@$!&'"


def virtual_path(number: int, partition: Mapping[str, str | None], stored: StoredObject) -> str:
    """Return the path under which DuckDB reads an object of table `number`."""
    parts = [f"{key}={quote(NULL_PARTITION if value is None else value, safe='')}" for key, value in partition.items()]
    address = quote(f"{stored.bucket}/{stored.key}", safe=_SAFE)
    return "/".join([f"{PROTOCOL}://{number}", *parts]) + _MARK + address


def real_address(path: str) -> tuple[str, str]:
    """Return bucket and key of a virtual path."""
    bucket, _, key = unquote(path.partition(_MARK)[2]).partition("/")
    return bucket, key


class CountingFileSystem(AbstractFileSystem):
    """The files of one query, and how many bytes it read of them.

    Parameters
    ----------
    limit
        Bytes after which reading fails, None without a limit.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, limit: int | None = None) -> None:
        super().__init__(skip_instance_cache=True)
        self.limit = limit
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._unpacked: dict[str, bytes] = {}
        self.limit_exceeded = False

    @property
    def bytes_read(self) -> int:
        """Bytes read so far; what was read twice of one file counts once."""
        return sum(min(read, self._sizes[path]) for path, read in self._read.items())

    def count(self, path: str, size: int, read: int) -> None:
        """Add bytes read of a file.

        Raises
        ------
        OSError
            If the query has read more than its limit.
        """
        with self._lock:
            self._sizes[path] = size
            self._read[path] = self._read.get(path, 0) + read
            self.limit_exceeded = self.limit is not None and self.bytes_read > self.limit
        if self.limit_exceeded:
            raise OSError("Bytes scanned limit was exceeded")

    def open(self, path: str, mode: str = "rb", **_: Any) -> _CountedFile:
        return _CountedFile(self, self._full(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        return {"name": path, "size": len(self._plain(path)), "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        return True

    def glob(self, path: str, maxdepth: int | None = None, **_: Any) -> list[str]:
        return [path]

    def created(self, path: str) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)

    def modified(self, path: str) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)

    def _full(self, path: str) -> str:
        return path if "://" in path else f"{PROTOCOL}://{path}"

    def _stored(self, path: str) -> memoryview:
        return in_process.read_object(*real_address(path))

    def _plain(self, path: str) -> memoryview:
        """Return an object's bytes as DuckDB can read them: it has no reader for bzip2."""
        stored = self._stored(path)
        if not path.endswith(".bz2"):
            return stored
        with self._lock:
            if path not in self._unpacked:
                self._unpacked[path] = bz2.decompress(stored)
            return memoryview(self._unpacked[path])


class _CountedFile(io.RawIOBase):
    """One open object."""

    def __init__(self, filesystem: CountingFileSystem, path: str) -> None:
        self._filesystem = filesystem
        self._path = path
        self._content = filesystem._plain(path)
        self._stored_size = len(filesystem._stored(path))
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._content) if size is None or size < 0 else min(len(self._content), self._position + size)
        self._filesystem.count(self._path, self._stored_size, end - self._position)
        data = bytes(self._content[self._position : end])
        self._position = end
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._content)}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
