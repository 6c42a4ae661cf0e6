"""What a crawler finds in a file: format, columns and types, and how two of them go together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from helpers.local.athena.formats import FORMATS, JSON_SERDE, LAZY_SIMPLE, OPEN_CSV, FileFormat
from helpers.local.athena.type_texts import UnknownTypeError, parse_type
from helpers.local.athena.types import DataType

# Share of the smaller schema's columns that the larger must have as well: files that gained columns over time
# stay one table. AWS calls schemas similar "when the majority" agrees and names 70 % in its support articles.
SIMILAR_SHARE = 0.7
_NUMBERS = ("int", "bigint", "double")


@dataclass(frozen=True)
class FoundSchema:
    """One file, or several that go together.

    Parameters
    ----------
    classification
        `avro`, `csv`, `json`, `orc`, `parquet`, what a grok classifier says, or `UNKNOWN`.
    columns
        Hive types by name, in order.
    compression
        `none`, `gzip`, `bzip2` or `zstd`.
    serde
        The SerDe of a CSV or of lines that a grok classifier knows, else None.
    delimiter, quote
        Of a CSV.
    header
        The first line of each file is one.
    record_bytes
        Mean size of a record.
    paths
        The top-level keys of a JSON, as they are written.
    avro_schema
        The schema that an Avro file carries, as JSON.
    records
        How many there are, or are thought to be by the size.
    grok
        The pattern of a grok classifier, and its custom patterns.
    """

    classification: str
    columns: Mapping[str, str]
    compression: str = "none"
    serde: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    quoted: bool = False
    header: bool = False
    record_bytes: float = 0.0
    paths: frozenset[str] = frozenset()
    avro_schema: str | None = None
    records: int = 0
    grok: tuple[str, str] | None = None

    @property
    def file_format(self) -> FileFormat:
        if self.classification in ("avro", "orc", "parquet"):
            return FORMATS[self.classification.upper()]
        text = FORMATS["TEXTFILE"]
        serde = self.serde or {"csv": LAZY_SIMPLE, "json": JSON_SERDE}.get(self.classification, "")
        return FileFormat(serde, text.input_format, text.output_format)

    def serde_parameters(self) -> dict[str, str]:
        """Return the SerDe's parameters as Glue writes them."""
        if self.grok is not None:
            pattern, custom_patterns = self.grok
            return {
                "input.format": pattern,
                **({"input.grokCustomPatterns": custom_patterns} if custom_patterns else {}),
            }
        if self.classification == "csv" and self.file_format.serde == OPEN_CSV:
            return {"quoteChar": self.quote, "separatorChar": str(self.delimiter), "serialization.format": "1"}
        if self.classification == "csv":
            return {"field.delim": str(self.delimiter)}
        if self.classification == "json":
            return {"paths": ",".join(sorted(self.paths))}
        avro = {} if self.avro_schema is None else {"avro.schema.literal": self.avro_schema}
        return {**avro, "serialization.format": "1"}


def similar(one: FoundSchema, other: FoundSchema, *, share_of: Callable[[Iterable[int]], int] = min) -> bool:
    """Return whether two schemas belong to one table.

    Parameters
    ----------
    one, other
        What is compared.
    share_of
        `min` if the columns of one may be a part of the other's, because columns are added over time;
        `max` if each must have most of the other's.
    """
    same = compatible(one, other)
    if not same or one.classification == "UNKNOWN":
        return same
    agreeing = sum(_agreement(one.columns[name], other.columns[name]) for name in set(one.columns) & set(other.columns))
    return agreeing >= SIMILAR_SHARE * max(share_of((len(one.columns), len(other.columns))), 1)


def compatible(one: FoundSchema, other: FoundSchema) -> bool:
    """Return whether two files can be read as one table, whatever their columns are."""
    return (one.classification, one.compression, one.delimiter) == (
        other.classification,
        other.compression,
        other.delimiter,
    )


def merged(one: FoundSchema, other: FoundSchema) -> FoundSchema:
    """Return the schema of both: columns of either, in the wider type."""
    columns = dict(one.columns)
    for name, kind in other.columns.items():
        columns[name] = wider(columns[name], kind) if name in columns else kind
    return replace(
        one,
        columns=columns,
        quoted=one.quoted or other.quoted,
        record_bytes=_mean_bytes(one, other),
        paths=one.paths | other.paths,
        records=one.records + other.records,
    )


def _mean_bytes(one: FoundSchema, other: FoundSchema) -> float:
    records = one.records + other.records
    whole = one.record_bytes * one.records + other.record_bytes * other.records
    return whole / records if records else max(one.record_bytes, other.record_bytes)


def wider(one: str, other: str) -> str:
    """Return the type that holds the values of both."""
    if one == other:
        return one
    if one in _NUMBERS and other in _NUMBERS:
        return max(one, other, key=_NUMBERS.index)
    if any(one.startswith(kind) and other.startswith(kind) for kind in ("struct<", "array<")):
        try:
            return _wider_nested(parse_type(one), parse_type(other)).hive
        except UnknownTypeError:
            # A key of a JSON object may be no name of a field.
            return "string"
    return "string"


def _wider_nested(one: DataType, other: DataType) -> DataType:
    if one.name != other.name or one.name not in ("array", "row"):
        return parse_type(wider(one.hive, other.hive))
    if one.name == "array":
        return DataType("array", children=(_wider_nested(one.children[0], other.children[0]),))
    fields = dict(zip(one.fields, one.children, strict=True))
    for name, kind in zip(other.fields, other.children, strict=True):
        fields[name] = _wider_nested(fields[name], kind) if name in fields else kind
    return DataType("row", children=tuple(fields.values()), fields=tuple(fields))


def _agreement(one: str, other: str) -> float:
    """Return how much a column of the same name in both counts: whole if the types go together, else half."""
    nested = any(one.startswith(kind) and other.startswith(kind) for kind in ("struct<", "array<"))
    return 1.0 if one == other or nested or (one in _NUMBERS and other in _NUMBERS) else 0.5
