"""JSON records to Parquet with the columns of a table of the Data Catalog, by the emulator's own converter.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ministack.services import firehose as emulator

from helpers.local.firehose.records import Record

EXTENSION = ".parquet"


@dataclass(frozen=True)
class Misfit:
    """A record that does not fit the table."""

    record: Record
    code: str
    message: str


def converted(configuration: dict[str, Any], records: list[Record]) -> tuple[bytes | None, list[Misfit]]:
    """Return a Parquet file of the records that fit, None if none does, and the others.

    Parameters
    ----------
    configuration
        `DataFormatConversionConfiguration` of the destination.
    """
    misfits = _misfits(configuration, records)
    if misfits:
        gone = {id(misfit.record) for misfit in misfits}
        records = [record for record in records if id(record) not in gone]
    if not records:
        return None, misfits
    return emulator._convert_to_parquet(configuration, _joined(records)), misfits


def _misfits(configuration: dict[str, Any], records: list[Record]) -> list[Misfit]:
    """Find the records that fail, by halves: a batch without any is converted once."""
    try:
        emulator._convert_to_parquet(configuration, _joined(records))
    except emulator._DeliveryError as error:
        if len(records) == 1:
            return [Misfit(records[0], error.code, error.message)]
        middle = len(records) // 2
        return _misfits(configuration, records[:middle]) + _misfits(configuration, records[middle:])
    return []


def _joined(records: list[Record]) -> bytes:
    return b"\n".join(record.data for record in records)
