"""The learner's file as a stream of text, however it is packed."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from helpers.dataset.errors import BrokenArchiveError, UnreadableDatasetError, ZipContentError

# Small enough for the processor's cache, large enough that Python's share of the work vanishes.
CHUNK_BYTES = 1024 * 1024
UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """A file that holds events.

    Attributes
    ----------
    path
        The file.
    kind
        How it is packed.
    member
        The CSV inside a zip file, else None.
    size_bytes
        Size of the file, packed as it is.
    has_header
        False if line 1 is already an event; the cut then adds the header.
    has_bom
        The text starts with a byte order mark, which the cut leaves out.
    line_end
        `CRLF` is made `LF` by the cut.
    """

    path: Path
    kind: Literal["csv", "csv.gz", "zip"]
    member: str | None
    size_bytes: int
    has_header: bool = True
    has_bom: bool = False
    line_end: Literal["LF", "CRLF"] = "LF"

    @property
    def name(self) -> str:
        """The file for messages and the record of the run, with the CSV inside it."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    def chunks(self) -> Iterator[bytes]:
        """Read the unpacked text, at most `CHUNK_BYTES` at a time.

        Raises
        ------
        DatasetError
            If the file is cut off, damaged, encrypted or cannot be read.
        """
        try:
            with ExitStack() as stack:
                stream = self._open(stack)
                while chunk := stream.read(CHUNK_BYTES):
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise BrokenArchiveError(self.path, str(error)) from error
        except (RuntimeError, NotImplementedError) as error:
            # zipfile's words for a password and for an unknown compression
            raise ZipContentError(self.path, "cannot be unpacked", [str(error)], "Unpack it, give the CSV") from error
        except OSError as error:
            raise UnreadableDatasetError(self.path, error.strerror or str(error)) from error

    @property
    def first_line_number(self) -> int:
        """Number of the first row's line in the file."""
        return 2 if self.has_header else 1

    def rows(self) -> Iterator[bytes]:
        """Read what `chunks` reads, without byte order mark and header."""
        return without_first_line(self.chunks(), self)

    def _open(self, stack: ExitStack) -> IO[bytes]:
        file: IO[bytes] = stack.enter_context(self.path.open("rb"))
        if self.kind == "zip":
            archive = stack.enter_context(zipfile.ZipFile(file))
            file = stack.enter_context(archive.open(self.member or ""))
        if self.kind == "csv.gz" or (self.member or "").lower().endswith(".gz"):
            return cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=file)))
        return file


def without_first_line(chunks: Iterable[bytes], source: Source) -> Iterator[bytes]:
    """Leave out the byte order mark and the header of a stream of chunks."""
    start = iter(chunks)
    first = next(start, b"")
    if source.has_bom:
        first = first[len(UTF8_BOM) :]
    if source.has_header:
        first = first.partition(b"\n")[2]
    yield first
    yield from start
