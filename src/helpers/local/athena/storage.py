"""S3 as the query engine reads it: straight from the emulator's memory, every byte counted."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fsspec import AbstractFileSystem

from helpers.local import in_process
from helpers.local.athena.listing import PROTOCOL, full_path, real_address
from helpers.local.athena.memory_file import MemoryFile
from helpers.local.athena.model import AthenaQueryError

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


def _share(read: int, content: Content) -> int:
    counted = content.end - content.first
    return read if content.stored_bytes == counted else -(-content.stored_bytes * read // counted)


class CountedFile(MemoryFile):
    """One open file."""

    def __init__(self, filesystem: CountingFileSystem, path: str) -> None:
        self._filesystem = filesystem
        self._path = path
        self._content = filesystem.content(path)
        super().__init__(self._content.data)

    def read(self, size: int = -1) -> bytes:
        length = self._data.nbytes
        end = length if size is None or size < 0 else min(length, self._position + size)
        self._filesystem.count(self._path, self._content, self._position, end)
        data = bytes(self._data[self._position : end])
        self._position = end
        return data
