"""The rows of a cut as records, and for each event the place in the file where a later run can go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from helpers.dataset.clean import MAX_LINE_BYTES, RejectedRow, clean_blocks, whole_lines
from helpers.dataset.errors import LineTooLongError
from helpers.dataset.prefetch import prefetched
from helpers.events import HEADER
from helpers.replay.batches import MAX_RECORD_BYTES
from helpers.replay.objects import SourceObject, object_chunks
from helpers.replay.records import Outgoing, outgoing

PREVIEW_ROWS = 20


@dataclass(frozen=True)
class Place:
    """A line's start in the file, and what lies before it.

    Attributes
    ----------
    byte
        Of the object, from 0.
    line_number
        Of the line, from 1.
    events, rejected
        Events and rows set aside before it.
    """

    byte: int = 0
    line_number: int = 1
    events: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class _Block:
    start: Place
    records: list[Outgoing]
    rejected: list[RejectedRow] = field(default_factory=list)


class Rows:
    """The rows of an object from a place on.

    Parameters
    ----------
    s3
        boto3 client.
    source
        The object.
    key_column
        Column whose value is the partition key.
    start
        Where to begin reading.
    skip
        Events from there on that are left out.

    Attributes
    ----------
    rejected
        Rows set aside, those before `start` included.
    preview
        The first `PREVIEW_ROWS` of them that were read here.
    """

    def __init__(self, s3: Any, source: SourceObject, key_column: str, start: Place = Place(), skip: int = 0) -> None:
        self.rejected = start.rejected
        self.preview: list[RejectedRow] = []
        self._s3, self._source, self._key_column = s3, source, key_column
        self._start, self._skip = start, skip
        self._places: deque[Place] = deque([start])

    def place_before(self, event: int) -> Place:
        """Return the latest place known that has no more than `event` events before it.

        Places before it are forgotten: ask with numbers that grow.
        """
        places = self._places
        while len(places) > 1 and places[1].events <= event:
            places.popleft()
        return places[0]

    def records(self) -> Iterator[Outgoing]:
        """Yield the events, in the file's order; the others are set aside.

        Raises
        ------
        ObjectChangedError
            If the object is replaced meanwhile.
        helpers.dataset.errors.LineTooLongError
            If the file is of another kind.
        """
        skip = self._skip
        with prefetched(self._blocks()) as blocks:
            for block in blocks:
                self._places.append(block.start)
                for row in block.rejected:
                    self._set_aside(row)
                yield from block.records[skip:] if skip else block.records
                skip = max(0, skip - len(block.records))

    def _blocks(self) -> Iterator[_Block]:
        chunks = object_chunks(self._s3, self._source, self._start.byte)
        first, place = next(chunks, b""), self._start
        if place.byte == 0 and first.startswith(HEADER):
            first = first.removeprefix(HEADER)
            place = replace(place, byte=len(HEADER), line_number=place.line_number + 1)

        def rows() -> Iterator[bytes]:
            yield first
            yield from chunks

        for lines in whole_lines(rows()):
            if lines is None:
                raise LineTooLongError(self._source.uri, place.line_number, MAX_LINE_BYTES)
            for clean in clean_blocks([lines], self._source.uri, place.line_number):
                records, rejected = outgoing(clean.data, self._key_column), clean.rejected
                if any(record[2] > MAX_RECORD_BYTES for record in records):
                    rejected = rejected + [_oversize(record) for record in records if record[2] > MAX_RECORD_BYTES]
                    records = [record for record in records if record[2] <= MAX_RECORD_BYTES]
                yield _Block(place, records, rejected)
                place = Place(
                    place.byte + len(lines),
                    place.line_number + clean.rows + len(clean.rejected) + clean.blank_lines,
                    place.events + len(records),
                    place.rejected + len(rejected),
                )

    def _set_aside(self, row: RejectedRow) -> None:
        self.rejected += 1
        if len(self.preview) < PREVIEW_ROWS:
            self.preview.append(row)


def _oversize(record: Outgoing) -> RejectedRow:
    _, head, size_bytes = record
    reason = f"a record of {size_bytes:,} bytes with its key; Kinesis takes {MAX_RECORD_BYTES:,}"
    return RejectedRow(0, "record size", reason, head)
