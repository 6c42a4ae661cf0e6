"""How large the live arm must be for a traffic, and what it costs by the hour on AWS."""

from __future__ import annotations

import math
from dataclasses import dataclass

from helpers import costs
from helpers.errors import LabError

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
SHARD_RECORDS_PER_SECOND = 1_000
SHARD_BYTES_IN_PER_SECOND = 1_000_000
SHARD_BYTES_OUT_PER_SECOND = 2_000_000
LARGEST_RECORD_BYTES = 10 * 1024 * 1024
# Flink and Firehose read stream 1.
READERS = 2
# https://docs.aws.amazon.com/managed-flink/latest/java/how-scaling.html: a KPU has one processor and 4 GB;
# 4 parallel tasks in one are what AWS's own tutorial takes.
TASKS_PER_KPU = 4
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html: a write of
# up to 1 KB is one unit, and a window is smaller.
WRITES_PER_WINDOW, WRITES_PER_ALERT = 1, 2
# The lab's own figures: 52 windows and 22 alerts of 50,000 events in the sample, and 280 windows a second
# through one environment of the function.
WINDOWS_PER_EVENT = 52 / 50_000
ALERTS_PER_EVENT = 22 / 50_000
WINDOWS_PER_SECOND_OF_LAMBDA = 280
WINDOW_BYTES = 130
# What an account has in us-east-1 until it asks for more: shards at
# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html, tasks and KPUs of an application at
# https://docs.aws.amazon.com/managed-flink/latest/java/how-scaling.html, environments at
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, writes a second of a table at
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
QUOTAS = {"shards": 20_000, "Flink tasks": 256, "KPUs": 64, "Lambda concurrency": 1_000, "DynamoDB writes/s": 40_000}


class InvalidTrafficError(LabError):
    """A traffic that nobody can have."""

    def __init__(self, name: str, value: float, remedy: str) -> None:
        super().__init__(f"The traffic's {name} is {value:,.15g}: {remedy}.")


@dataclass(frozen=True)
class Size:
    """What a traffic needs.

    Attributes
    ----------
    shards
        Of stream 1: the larger of records, bytes in and bytes out, each divided by what a shard takes.
    activity_shards
        Of stream 2.
    tasks
        Parallelism of the Flink job: one for each shard of stream 1.
    kpus
        KPUs of the application, without the one that AWS adds.
    lambda_concurrency
        Environments of the function at once: windows a second by what one of them works on, at most one a
        shard of stream 2 unless the parallelization factor is raised.
    write_units
        DynamoDB write request units a second.
    usd_per_hour
        By service; before free tiers.
    """

    shards: int
    activity_shards: int
    tasks: int
    kpus: int
    lambda_concurrency: int
    write_units: float
    usd_per_hour: dict[str, float]

    @property
    def usd_per_hour_in_all(self) -> float:
        return sum(self.usd_per_hour.values())

    @property
    def over_quota(self) -> dict[str, int]:
        """The quotas of `QUOTAS` that must be raised first."""
        needs = {
            "shards": self.shards + self.activity_shards,
            "Flink tasks": self.tasks,
            "KPUs": self.kpus,
            "Lambda concurrency": self.lambda_concurrency,
            "DynamoDB writes/s": self.write_units,
        }
        return {name: quota for name, quota in QUOTAS.items() if needs[name] > quota}


def size(events_per_second: float, event_bytes: int) -> Size:
    """Work out what the live arm needs.

    Parameters
    ----------
    events_per_second
        Of the busiest second, records/s.
    event_bytes
        Mean size of a record with its key.

    Raises
    ------
    InvalidTrafficError
        If there is no traffic, or a record is larger than Kinesis takes.
    """
    if not (math.isfinite(events_per_second) and events_per_second > 0):
        raise InvalidTrafficError("events per second", events_per_second, "use a number above 0")
    if not 1 <= event_bytes <= LARGEST_RECORD_BYTES:
        raise InvalidTrafficError("event size in bytes", event_bytes, f"use 1 to {LARGEST_RECORD_BYTES:,}")
    shards = _shards(events_per_second, event_bytes, READERS)
    windows, alerts = events_per_second * WINDOWS_PER_EVENT, events_per_second * ALERTS_PER_EVENT
    activity_shards = _shards(windows, WINDOW_BYTES, 1)
    kpus = math.ceil(shards / TASKS_PER_KPU)
    hour = 3600
    usd = {
        "Kinesis shards": costs.streams_hourly_usd(1, shards) + costs.streams_hourly_usd(1, activity_shards),
        "Kinesis PUT units": costs.puts_usd(1, event_bytes) * events_per_second * hour,
        "Firehose": costs.delivery_usd(1, event_bytes) * events_per_second * hour,
        "Flink": costs.flink_hourly_usd(kpus, studio=False),
        "Lambda, DynamoDB, mails": costs.alerts_usd(round(windows * hour), round(alerts * hour)),
    }
    return Size(
        shards=shards,
        activity_shards=activity_shards,
        tasks=shards,
        kpus=kpus,
        lambda_concurrency=math.ceil(windows / WINDOWS_PER_SECOND_OF_LAMBDA),
        write_units=windows * WRITES_PER_WINDOW + alerts * WRITES_PER_ALERT,
        usd_per_hour=usd,
    )


def explained(events_per_second: float, event_bytes: int) -> str:
    """Return the size as a text: each figure, its formula and its source."""
    found = size(events_per_second, event_bytes)
    over = found.over_quota
    lines = [
        (
            "shards of stream 1",
            f"{found.shards:,}",
            "the most of events / 1,000, MB in / 1, MB out / 2; two readers",
        ),
        ("shards of stream 2", f"{found.activity_shards:,}", "one event in 962 becomes a window, as in the sample"),
        ("Flink tasks", f"{found.tasks:,}", "one for each shard of stream 1"),
        ("KPUs", f"{found.kpus:,}", f"{TASKS_PER_KPU} tasks in each; AWS adds one"),
        ("Lambda concurrency", f"{found.lambda_concurrency:,}", f"{WINDOWS_PER_SECOND_OF_LAMBDA} windows/s in each"),
        ("DynamoDB writes/s", f"{found.write_units:,.1f}", "a unit a window, two more an alert, each under 1 KB"),
        *((f"$ per hour, {name}", f"{usd:,.3f}", "") for name, usd in found.usd_per_hour.items()),
        ("$ per hour, in all", f"{found.usd_per_hour_in_all:,.3f}", f"us-east-1, prices read {costs.read_on()}"),
        *((f"beyond the quota of {name}", f"{quota:,}", "ask AWS for more first") for name, quota in over.items()),
    ]
    return "\n".join(f"{name:<36}{value:>14}  {why}".rstrip() for name, value, why in lines)


def _shards(records_per_second: float, record_bytes: int, readers: int) -> int:
    bytes_per_second = records_per_second * record_bytes
    needs = (
        records_per_second / SHARD_RECORDS_PER_SECOND,
        bytes_per_second / SHARD_BYTES_IN_PER_SECOND,
        bytes_per_second * readers / SHARD_BYTES_OUT_PER_SECOND,
    )
    return max(1, math.ceil(max(needs)))
