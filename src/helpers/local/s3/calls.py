"""One call of S3: what is asked, of which object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ministack.services import s3 as emulator

Answer = tuple[int, dict[str, str], Any]


@dataclass(frozen=True)
class Call:
    """A request; `query` holds a list of values for each parameter, `headers` have names in lower case."""

    method: str
    bucket: str
    key: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, Any]

    def parameter(self, name: str) -> str | None:
        """Return the value of a parameter of the query, None if it is not there."""
        value = self.query.get(name)
        first = value[0] if isinstance(value, list) and value else value
        return None if first is None else str(first)

    @property
    def source_key(self) -> str | None:
        """Key of the object to copy from."""
        source = self.headers.get("x-amz-copy-source")
        return source.lstrip("/").partition("/")[2].partition("?versionId=")[0] if source else None

    @property
    def on_object(self) -> bool:
        """Whether it reads or writes an object itself, not one of its tags, versions, parts or rights."""
        return bool(self.key) and not (self.query.keys() - _OF_OBJECTS)

    def record(self) -> dict[str, Any] | None:
        """Return what the emulator holds of the object now."""
        bucket = emulator._buckets.get(self.bucket)
        record: dict[str, Any] | None = bucket["objects"].get(self.key) if bucket else None
        return record


# Parameters of GetObject, PutObject, HeadObject and DeleteObject.
_OF_OBJECTS = frozenset(
    {
        "partNumber",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "versionId",
        "x-id",
    }
)
