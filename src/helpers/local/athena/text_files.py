"""Text files as Hive reads them: decompressed by their suffix, split into lines, every byte a character.

DuckDB skips empty lines, refuses bytes that are no UTF-8 and lets a quoted field go over several lines; Hive
does none of this. Files with such places are mended in memory before DuckDB sees them, all others are passed on
as they are.
"""

from __future__ import annotations

import bz2
import codecs
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from helpers.local.athena.errors import CursorError
from helpers.local.athena.listing import real_address
from helpers.local.athena.storage import Content, Preparation, whole

_CHUNK_BYTES = 1 << 24
COMPRESSED = (".gz", ".bz2", ".zst", ".snappy", ".lz4", ".deflate")


@dataclass(frozen=True)
class Findings:
    """What is special in a text.

    Parameters
    ----------
    longest_line
        Bytes of its longest line.
    empty_lines, carriage_returns, not_utf8
        Whether it has any.
    """

    longest_line: int
    empty_lines: bool
    carriage_returns: bool
    not_utf8: bool


def preparation(mend: Callable[[memoryview], memoryview]) -> Preparation:
    """Return the preparation of text files: decompress, then `mend`."""

    def prepare(path: str, raw: memoryview) -> Content:
        return whole(mend(decompressed(real_address(path)[1], raw)), raw.nbytes)

    return prepare


def decompressed(key: str, raw: memoryview) -> memoryview:
    """Return the text of an object, decompressed as the suffix of its key says.

    https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html

    Raises
    ------
    CursorError
        If the object is not what its suffix says.
    """
    suffix = next((suffix for suffix in COMPRESSED if key.lower().endswith(suffix)), None)
    if suffix is None:
        return raw
    try:
        return memoryview(_DECOMPRESS[suffix](raw))
    except (OSError, EOFError, ValueError, zlib.error, pa.ArrowException) as error:
        raise CursorError(f"{_first_line(error)} s3 key: {key}") from error


def inspected(text: memoryview) -> Findings:
    """Look for what DuckDB and Hive read differently."""
    longest = 0
    empty = carriage = bad = False
    decoder = codecs.getincrementaldecoder("utf-8")()
    line_start = 0
    for offset in range(0, text.nbytes, _CHUNK_BYTES):
        chunk = bytes(text[offset : offset + _CHUNK_BYTES])
        carriage = carriage or b"\r" in chunk
        if not bad:
            bad = not _is_utf8(decoder, chunk, last=offset + _CHUNK_BYTES >= text.nbytes)
        ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 10) + offset
        if len(ends):
            lengths = np.diff(ends, prepend=line_start - 1) - 1
            longest = max(longest, int(lengths.max()))
            empty = empty or bool((lengths == 0).any())
            line_start = int(ends[-1]) + 1
    longest = max(longest, text.nbytes - line_start)
    return Findings(longest, empty, carriage, bad)


def mended(text: memoryview, findings: Findings, empty_line: bytes) -> memoryview:
    """Return a text of UTF-8 whose lines end with a line feed, `empty_line` in the place of empty lines."""
    if not (findings.empty_lines or findings.carriage_returns or findings.not_utf8):
        return text
    data = bytes(text)
    if findings.not_utf8:
        data = data.decode("utf-8", "replace").encode()
    if findings.carriage_returns:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if empty_line:
        data = re.sub(rb"^(?=\n)", empty_line.replace(b"\\", b"\\\\"), data, flags=re.MULTILINE)
    return memoryview(data)


def _is_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, *, last: bool) -> bool:
    if chunk.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(chunk, last)
    except UnicodeDecodeError:
        return False
    return True


def _gunzip(raw: memoryview) -> bytes:
    parts = []
    data: bytes | memoryview = raw
    while data:
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(data))
        if not member.eof:
            raise EOFError("Unexpected end of input stream")
        data = member.unused_data
        if not data.strip(b"\0"):
            break
    return b"".join(parts)


def _arrow(name: str) -> Callable[[memoryview], bytes]:
    def decompress(raw: memoryview) -> bytes:
        with pa.input_stream(pa.BufferReader(raw), compression=name) as stream:
            text: bytes = stream.read()
        return text

    return decompress


def _hadoop_blocks(name: str) -> Callable[[memoryview], bytes]:
    """Hadoop's frame: for each block its plain size, then its chunks, each with its compressed size."""

    def decompress(raw: memoryview) -> bytes:
        codec = pa.Codec(name)
        parts, position = [], 0
        while position < raw.nbytes:
            left = int.from_bytes(raw[position : position + 4], "big")
            position += 4
            while left > 0:
                size = int.from_bytes(raw[position : position + 4], "big")
                block = raw[position + 4 : position + 4 + size]
                if not size or block.nbytes != size:
                    raise EOFError("Unexpected end of input stream")
                plain = codec.decompress(block, decompressed_size=_plain_size(block) if name == "snappy" else left)
                parts.append(plain.to_pybytes())
                left -= plain.size
                position += 4 + size
        return b"".join(parts)

    return decompress


def _plain_size(block: memoryview) -> int:
    """Read the size that a snappy block begins with, seven bits a byte."""
    size = 0
    for place, byte in enumerate(block[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return size


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


_DECOMPRESS: dict[str, Callable[[memoryview], bytes]] = {
    ".gz": _gunzip,
    ".bz2": bz2.decompress,
    ".zst": _arrow("zstd"),
    ".snappy": _hadoop_blocks("snappy"),
    ".lz4": _hadoop_blocks("lz4_raw"),
    ".deflate": zlib.decompress,
}
