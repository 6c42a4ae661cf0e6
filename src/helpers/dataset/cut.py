"""Cut the first rows off a data set, streamed: to a file, or to S3 while it is being read."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from helpers.dataset.clean import RejectedRow, clean_blocks
from helpers.dataset.errors import NoEventsError, UnwritableCutError
from helpers.dataset.multipart import multipart_upload
from helpers.dataset.prefetch import prefetched
from helpers.dataset.source import Source
from helpers.dataset.tally import Tally
from helpers.events import HEADER

Progress = Callable[[int, int], None]


class Sink(Protocol):
    """Where the cut goes."""

    def write(self, data: bytes, /) -> Any: ...


@dataclass(frozen=True)
class Cut:
    """What was cut.

    Attributes
    ----------
    source
        Name of the file, with the CSV inside a zip file.
    rows
        Events kept, exact duplicates included.
    rejected
        Malformed rows set aside: rows read = `rows` + `rejected`.
    first_event, last_event
        Earliest and latest event_time of the events kept, as in the file.
    size_bytes
        Of the CSV written: header and events, UTF-8, LF.
    seconds
        How long it took.
    reasons
        How many malformed rows by class of problem, the most frequent first.
    preview
        The first `PREVIEW_ROWS` malformed rows; the rejects file has all.
    notes
        What else was mended or deserves a look, one sentence each.
    """

    source: str
    rows: int
    rejected: int
    first_event: str
    last_event: str
    size_bytes: int
    seconds: float
    reasons: dict[str, int] = field(default_factory=dict)
    preview: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Rows read."""
        return self.rows + self.rejected

    def as_record(self) -> dict[str, Any]:
        """Return the data set as `run.json` has it; times in ISO 8601, UTC."""
        return {
            "source": self.source,
            "rows": self.rows,
            "rejected": self.rejected,
            "first_event": _iso(self.first_event),
            "last_event": _iso(self.last_event),
        }


def cut_to_file(
    source: Source, rows: int | None, target: Path, rejects: Path, progress: Progress = lambda rows, size: None
) -> Cut:
    """Write the first `rows` rows of a data set to a file, which appears when it is whole.

    Parameters
    ----------
    source
        From `helpers.dataset.inspect`.
    rows
        How many rows to read, malformed ones included, blank lines not; None, or more than there
        are, is the whole file.
    target
        The CSV to write: header and well-formed rows, in the file's order.
    rejects
        The CSV to write malformed rows to: line, reason, text. Not written if there are none.
    progress
        Called now and then with the rows and bytes added since the last call.

    Raises
    ------
    DatasetError
        If the file turns out to be damaged, has no event among these rows, or `target` cannot be
        written; `target` does not appear then.
    """
    with whole_file(target) as file:
        return _cut(source, rows, file, rejects, progress)


def cut_to_s3(
    source: Source,
    rows: int | None,
    s3: Any,
    bucket: str,
    key: str,
    rejects: Path,
    progress: Progress = lambda rows, size: None,
) -> Cut:
    """Upload the first `rows` rows of a data set while they are being read, as a multipart upload.

    The object appears when it is whole. Parameters as in `cut_to_file`; `s3` is a boto3 client.

    Raises
    ------
    DatasetError
        As `cut_to_file`; the upload is aborted, so no part is left to be paid for.
    botocore.exceptions.ClientError
        If S3 refuses; the upload is aborted as well.
    """
    with multipart_upload(s3, bucket, key, content_type="text/csv") as upload:
        return _cut(source, rows, upload, rejects, progress)


def _cut(source: Source, rows: int | None, sink: Sink, rejects: Path, progress: Progress) -> Cut:
    began = time.monotonic()
    tally = Tally()
    sink.write(HEADER)
    with ExitStack() as stack:
        set_aside = stack.enter_context(_rejects_file(rejects))
        # One thread unpacks, one checks, this one writes: two cores are busy, whatever the file.
        chunks = stack.enter_context(prefetched(source.rows()))
        clean = clean_blocks(chunks, source.name, source.first_line_number, rows)
        for block in stack.enter_context(prefetched(clean)):
            sink.write(block.data)
            for row in block.rejected:
                set_aside(row)
            tally.add(block)
            progress(block.rows + len(block.rejected), len(block.data))
        if not tally.rows:
            raise NoEventsError(source.path, f"none of the {tally.rejected:,} rows read is well-formed")
    return Cut(
        source.name,
        tally.rows,
        tally.rejected,
        tally.first_event,
        tally.last_event,
        len(HEADER) + tally.size_bytes,
        time.monotonic() - began,
        dict(tally.reasons.most_common()),
        tuple(tally.preview),
        tuple(tally.notes(source)),
    )


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that takes its place when all is well, and vanishes otherwise."""
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableCutError(path, error.strerror or str(error)) from error


@contextmanager
def _rejects_file(path: Path) -> Iterator[Callable[[RejectedRow], None]]:
    """Write malformed rows as CSV (line, reason, text) if there are any; remove an earlier run's file."""
    path.unlink(missing_ok=True)
    with ExitStack() as stack:
        writer: Any = None

        def set_aside(row: RejectedRow) -> None:
            nonlocal writer
            try:
                if writer is None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerow(("line", "reason", "text"))
                writer.writerow((row.line_number, row.reason, row.text))
            except OSError as error:
                raise UnwritableCutError(path, error.strerror or str(error)) from error

        yield set_aside


def _iso(event_time: str) -> str:
    return event_time.removesuffix(" UTC").replace(" ", "T") + "Z"
