"""Times as they stand in records, items and alerts: UTC, ISO 8601, without offset."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time in UTC, without offset, as event times are."""
    return datetime.now(UTC).replace(tzinfo=None)


def seconds(moment: datetime) -> str:
    """Write a time to the second: `2019-10-01T00:00:10`."""
    return moment.isoformat(timespec="seconds")


def milliseconds(moment: datetime) -> str:
    """Write a time to the millisecond: `2019-10-01T00:00:10.000`."""
    return moment.isoformat(timespec="milliseconds")


def of_epoch(epoch_seconds: float) -> datetime:
    """Return the time of a Unix time stamp."""
    return datetime.fromtimestamp(epoch_seconds, UTC).replace(tzinfo=None)


def epoch(moment: datetime) -> float:
    """Return the Unix time stamp of a time, in seconds."""
    return moment.replace(tzinfo=UTC).timestamp()
