"""S3 as the query engine reads it: straight from the emulator's memory, every byte counted.

A file is shown to DuckDB under a path of its own making,
`lab://NUMBER/SIZE,MILLISECONDS/KEY=VALUE/…/_/BUCKET/OBJECT`: what the hidden columns need and the partition
values come first, Hive style, whatever the real key looks like. So DuckDB itself leaves out the files of other
partitions before it opens them, and size, time and real address can be read off the path.
"""

from __future__ import annotations

import io
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from fsspec import AbstractFileSystem

from helpers.local import in_process
from helpers.local.athena.model import AthenaQueryError
from helpers.local.in_process import StoredObject

PROTOCOL = "lab"
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

_MARK = "/_/"
# What must not appear in a path: it would be taken for a partition, a pattern or another protocol.
_SAFE = "/.-_ ()+,;@$!&'"
# Prepared files are kept while a query may read them again, up to this size.
_MOST_PREPARED_BYTES = 1 << 29
_PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class Content:
    """What DuckDB reads in the place of an object.

    Parameters
    ----------
    data
        The bytes: the object's own, or what was made of them.
    stored_bytes
        Bytes of the object that all of `data` stands for.
    first, end
        The part of `data` that counts as data.
    """

    data: memoryview
    stored_bytes: int
    first: int
    end: int


# From the path and the bytes of an object to what DuckDB reads of it: decompressed, mended, converted.
Preparation = Callable[[str, memoryview], Content]


def whole(data: memoryview, stored_bytes: int) -> Content:
    """Return the content of which every byte counts."""
    return Content(data, stored_bytes, 0, data.nbytes)


def virtual_path(number: int, partition: Mapping[str, str | None], stored: StoredObject) -> str:
    """Return the path under which DuckDB reads an object of reader `number`."""
    parts = [f"{key}={quote(NULL_PARTITION if value is None else value, safe='')}" for key, value in partition.items()]
    address = quote(f"{stored.bucket}/{stored.key}", safe=_SAFE)
    facts = f"{stored.size},{modified_milliseconds(stored)}"
    return "/".join([f"{PROTOCOL}://{number}", facts, *parts]) + _MARK + address


def real_address(path: str) -> tuple[str, str]:
    """Return bucket and key of a virtual path."""
    bucket, _, key = unquote(path.partition(_MARK)[2]).partition("/")
    return bucket, key


def modified_milliseconds(stored: StoredObject) -> int:
    """Return when an object was last modified, in milliseconds since 1970."""
    return round(datetime.fromisoformat(stored.last_modified.replace("Z", "+00:00")).timestamp() * 1000)


class Listing:
    """The objects of buckets, listed once for a query: a table may have thousands of partitions."""

    def __init__(self) -> None:
        self._objects: dict[str, list[StoredObject]] = {}
        self._keys: dict[str, list[str]] = {}

    def data_files(self, location: str) -> list[StoredObject]:
        """Return the objects under a location that hold data: not empty, no name on the way with `_` or `.` first."""
        bucket, folder = split_location(location)
        if bucket not in self._objects:
            self._objects[bucket] = in_process.list_objects(bucket)
            self._keys[bucket] = [stored.key for stored in self._objects[bucket]]
        found = []
        for number in range(bisect_left(self._keys[bucket], folder), len(self._keys[bucket])):
            stored = self._objects[bucket][number]
            if not stored.key.startswith(folder):
                break
            names = stored.key[len(folder) :].split("/")
            if stored.size and names[-1] and not any(name.startswith(("_", ".")) for name in names):
                found.append(stored)
        return found


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and key prefix of a location; the prefix ends with `/` unless it is empty."""
    bucket, _, prefix = location.partition("://")[2].partition("/")
    return bucket, prefix if not prefix or prefix.endswith("/") else prefix + "/"


class CountingFileSystem(AbstractFileSystem):
    """The files of one query, and how many bytes it read of them.

    Of a Parquet file the footer does not count, as in Athena, where `count(*)` scans nothing; of a compressed
    text the compressed bytes count.

    Parameters
    ----------
    limit
        Bytes after which reading fails, None without a limit.

    Attributes
    ----------
    bytes_read, limit_exceeded
        Bytes read so far, and whether that is more than the limit.
    failure
        Why a file could not be prepared.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, limit: int | None = None) -> None:
        super().__init__(skip_instance_cache=True)
        self.limit = limit
        self.limit_exceeded = False
        self.failure: AthenaQueryError | None = None
        self.bytes_read = 0
        self._preparations: list[Preparation | None] = []
        self._contents: OrderedDict[str, Content] = OrderedDict()
        self._kept_bytes = 0
        self._read: dict[str, int] = {}
        self._lock = threading.RLock()

    def add_reader(self, preparation: Preparation | None) -> int:
        """Return the number for the paths of a reader whose objects go through `preparation`."""
        self._preparations.append(preparation)
        return len(self._preparations) - 1

    def count(self, path: str, content: Content, start: int, end: int) -> None:
        """Count that DuckDB read a part of a file; what it reads twice counts once.

        Raises
        ------
        OSError
            If the query has read more than its limit.
        """
        if end > content.end:
            # It reads the footer, and what lies before it again when it needs it.
            return
        length = end - max(start, content.first)
        if length <= 0:
            return
        with self._lock:
            before = self._read.get(path, 0)
            after = min(before + length, content.end - content.first)
            self._read[path] = after
            self.bytes_read += _share(after, content) - _share(before, content)
            self.limit_exceeded = self.limit is not None and self.bytes_read > self.limit
        if self.limit_exceeded:
            raise OSError("Bytes scanned limit was exceeded")

    def content(self, path: str) -> Content:
        """Return what a file holds.

        Raises
        ------
        OSError
            If it cannot be prepared; `failure` says why.
        """
        raw = in_process.read_object(*real_address(path))
        prepare = self._preparations[int(path.removeprefix(f"{PROTOCOL}://").partition("/")[0])]
        if prepare is not None:
            return self._prepared(path, prepare, raw)
        if raw.nbytes > 12 and raw[:4] == _PARQUET_MAGIC and raw[-4:] == _PARQUET_MAGIC:
            footer_bytes = int.from_bytes(raw[-8:-4], "little") + 8
            return Content(raw, raw.nbytes - footer_bytes - 4, 4, raw.nbytes - footer_bytes)
        return whole(raw, raw.nbytes)

    def _prepared(self, path: str, prepare: Preparation, raw: memoryview) -> Content:
        with self._lock:
            kept = self._contents.get(path)
            if kept is None:
                try:
                    kept = prepare(path, raw)
                except AthenaQueryError as error:
                    self.failure = error
                    raise OSError(error.reason) from error
                self._contents[path] = kept
                self._kept_bytes += kept.data.nbytes
                while len(self._contents) > 1 and self._kept_bytes > _MOST_PREPARED_BYTES:
                    self._kept_bytes -= self._contents.popitem(last=False)[1].data.nbytes
            self._contents.move_to_end(path)
            return kept

    def open(self, path: str, mode: str = "rb", **_: Any) -> CountedFile:
        return CountedFile(self, full_path(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        return {"name": path, "size": self.content(full_path(path)).data.nbytes, "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        return True

    def glob(self, path: str, maxdepth: int | None = None, **_: Any) -> list[str]:
        return [path]

    def created(self, path: str) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)

    def modified(self, path: str) -> datetime:
        return datetime(2000, 1, 1, tzinfo=UTC)


def full_path(path: str) -> str:
    """Return a path with the protocol, which fsspec may have taken off."""
    return path if "://" in path else f"{PROTOCOL}://{path}"


def _share(read: int, content: Content) -> int:
    counted = content.end - content.first
    return read if content.stored_bytes == counted else -(-content.stored_bytes * read // counted)


class CountedFile(io.RawIOBase):
    """One open file."""

    def __init__(self, filesystem: CountingFileSystem, path: str) -> None:
        self._filesystem = filesystem
        self._path = path
        self._content = filesystem.content(path)
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        length = self._content.data.nbytes
        end = length if size is None or size < 0 else min(length, self._position + size)
        self._filesystem.count(self._path, self._content, self._position, end)
        data = bytes(self._content.data[self._position : end])
        self._position = end
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._content.data.nbytes}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
