"""Avro object container files, to and from Arrow tables.

https://avro.apache.org/docs/1.12.0/specification/
"""

from __future__ import annotations

import bz2
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa

from helpers.local.athena.avro_decoding import Input, decoder
from helpers.local.athena.avro_encoding import encoder, number

_MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_BLOCK_BYTES = 64_000


class AvroError(ValueError):
    """The bytes are no Avro file, or one of a kind that Arrow has no type for."""


def read_schema(data: bytes | memoryview) -> pa.Schema:
    """Return the columns of a file.

    Raises
    ------
    AvroError
        If it is none.
    """
    with _complaints():
        return _columns(_header(Input(data))[0])[1]


def read_declaration(data: bytes | memoryview) -> tuple[str, float]:
    """Return a file's schema as compact JSON, and the mean size of a record of its first block in bytes.

    Raises
    ------
    AvroError
        If it is none.
    """
    with _complaints():
        source = Input(data)
        schema = json.dumps(_header(source)[0], separators=(",", ":"))
        if source.at_end:
            return schema, 0.0
        count = source.long()
        return schema, source.long() / max(count, 1)


def read_table(data: bytes | memoryview) -> pa.Table:
    """Return the rows of a file.

    Raises
    ------
    AvroError
        If it is none.
    """
    with _complaints():
        source = Input(data)
        schema, codec, sync = _header(source)
        decode, columns = _columns(schema)
        rows = []
        while not source.at_end:
            count = source.long()
            block = Input(_DECOMPRESS[codec](bytes(source.take(source.long()))))
            rows += [decode(block) for _ in range(count)]
            if source.take(_SYNC_BYTES) != sync:
                raise AvroError("Invalid sync!")
        return pa.table([pa.array([row[f.name] for row in rows], f.type) for f in columns], schema=columns)


def write_table(table: pa.Table, codec: str) -> bytes:
    """Return an Avro file of a table.

    Parameters
    ----------
    table
        Its rows; every column may be null.
    codec
        Avro's name of the compression: `null`, `deflate`, `snappy`, `zstandard` or `bzip2`.

    Raises
    ------
    AvroError
        If Avro has no type for a column.
    """
    with _complaints():
        schema, encode = encoder(pa.struct(list(table.schema)))
    sync = os.urandom(_SYNC_BYTES)
    written = bytearray(_MAGIC)
    metadata = {"avro.schema": json.dumps(schema).encode(), "avro.codec": codec.encode()}
    written += number(len(metadata))
    for name, value in metadata.items():
        written += number(len(name)) + name.encode() + number(len(value)) + value
    written += number(0) + sync
    block, rows = bytearray(), 0

    def close() -> None:
        packed = _COMPRESS[codec](bytes(block))
        written.extend(number(rows) + number(len(packed)) + packed + sync)
        block.clear()

    for batch in table.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            encode(row, block)
            rows += 1
            if len(block) >= _BLOCK_BYTES:
                close()
                rows = 0
    if rows:
        close()
    return bytes(written)


@contextmanager
def _complaints() -> Iterator[None]:
    """Turn whatever goes wrong with strange bytes into an AvroError."""
    try:
        yield
    except AvroError:
        raise
    except (ValueError, LookupError, TypeError, OSError, zlib.error, pa.ArrowException) as error:
        raise AvroError(str(error)) from error


def _header(source: Input) -> tuple[object, str, bytes]:
    if source.take(len(_MAGIC)) != _MAGIC:
        raise AvroError("Not an Avro data file")
    metadata = {name: bytes(value) for name, value in decoder({"type": "map", "values": "bytes"})[0](source)}
    codec = metadata.get("avro.codec", b"null").decode()
    if codec not in _DECOMPRESS:
        raise AvroError(f"Unrecognized codec: {codec}")
    return json.loads(metadata["avro.schema"]), codec, bytes(source.take(_SYNC_BYTES))


def _columns(schema: object) -> tuple[Callable[[Input], Mapping[str, object]], pa.Schema]:
    decode, kind = decoder(schema)
    if not pa.types.is_struct(kind):
        raise AvroError("The schema is no record")
    return decode, pa.schema(list(kind))


def _snappy(data: bytes) -> bytes:
    size = shift = 0
    for byte in data:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return bytes(pa.Codec("snappy").decompress(data[:-4], size, asbytes=True))


def _zstandard(data: bytes) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


_DECOMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "null": bytes,
    "deflate": lambda data: zlib.decompress(data, wbits=-15),
    "snappy": _snappy,
    "zstandard": _zstandard,
    "bzip2": bz2.decompress,
}
_COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "null": bytes,
    "deflate": _deflated,
    "snappy": lambda data: bytes(pa.Codec("snappy").compress(data, asbytes=True)) + zlib.crc32(data).to_bytes(4, "big"),
    "zstandard": lambda data: bytes(pa.Codec("zstd").compress(data, asbytes=True)),
    "bzip2": bz2.compress,
}
