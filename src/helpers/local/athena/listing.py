"""Objects of S3 as a query lists them, and the paths under which DuckDB reads them.

A file is shown to DuckDB under a path of its own making,
`lab://NUMBER/SIZE,MILLISECONDS/KEY=VALUE/…/_/BUCKET/OBJECT`: what the hidden columns need and the partition
values come first, Hive style, whatever the real key looks like. So DuckDB itself leaves out the files of other
partitions before it opens them, and size, time and real address can be read off the path.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from helpers.local import in_process
from helpers.local.in_process import StoredObject

PROTOCOL = "lab"
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_MARK = "/_/"
# What must not appear in a path: it would be taken for a partition, a pattern or another protocol.
_SAFE = "/.-_ ()+,;@$!&'"


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


def full_path(path: str) -> str:
    """Return a path with the protocol, which fsspec may have taken off."""
    return path if "://" in path else f"{PROTOCOL}://{path}"
