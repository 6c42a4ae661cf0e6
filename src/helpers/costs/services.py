"""What each service bills for, by AWS's own rules of rounding and of least amounts."""

from __future__ import annotations

import math

from helpers.costs.price_list import price_usd

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
PUT_UNIT_BYTES = 25 * 1024
# https://aws.amazon.com/firehose/pricing/: each record is billed in steps of 5 KB.
DELIVERY_STEP_BYTES = 5 * 1024
# https://aws.amazon.com/glue/pricing/: a Python shell job is billed by the second, a minute at least.
SHELL_DPU = 0.0625
# https://aws.amazon.com/athena/pricing/: every query is billed for at least 10 MB.
ATHENA_LEAST_BYTES = 10_000_000
# https://aws.amazon.com/quick/quicksight/pricing/
SPICE_GB_AN_AUTHOR = 10
# Memory of the lab's functions
LAMBDA_MEMORY_MB = 256
_TB = 1e12
_GB = 1e9
HOURS_A_MONTH = 730


def streams_hourly_usd(streams: int, shards: int) -> float:
    """Return the hourly price of provisioned streams with `shards` shards each."""
    return streams * shards * price_usd("kinesis_shard_hour")


def consumers_hourly_usd(consumers: int, shards: int) -> float:
    """Return the hourly price of registered consumers (enhanced fan-out) of a stream with `shards` shards."""
    return consumers * shards * price_usd("kinesis_consumer_shard_hour")


def puts_usd(records: int, record_bytes: int) -> float:
    """Return the price of writing `records` records of `record_bytes` bytes to provisioned shards."""
    units = records * math.ceil(record_bytes / PUT_UNIT_BYTES)
    return units / 1e6 * price_usd("kinesis_put_units_million")


def provisioned_hourly_usd(records_per_second: float, record_bytes: int, shards: int) -> float:
    """Return the hourly price of one provisioned stream at a mean traffic; reading is free."""
    return streams_hourly_usd(1, shards) + puts_usd(1, record_bytes) * records_per_second * 3600


def on_demand_hourly_usd(records_per_second: float, record_bytes: int, readers: int = 1) -> float:
    """Return the hourly price of one on-demand stream at a mean traffic, read by `readers`."""
    billed_bytes = math.ceil(record_bytes / 1024) * 1024
    gb_in = records_per_second * 3600 * billed_bytes / _GB
    gb_out = records_per_second * 3600 * record_bytes * readers / _GB
    return (
        price_usd("kinesis_on_demand_stream_hour")
        + gb_in * price_usd("kinesis_on_demand_gb_in")
        + gb_out * price_usd("kinesis_on_demand_gb_out")
    )


def flink_hourly_usd(kpus: int, studio: bool) -> float:
    """Return the hourly price of a Flink application of `kpus` KPUs, or of Flink Studio.

    AWS adds one KPU to an application, two to Studio, and 50 GB of storage for each KPU that runs jobs:
    https://docs.aws.amazon.com/managed-flink/latest/java/how-pricing.html
    """
    storage_gb = 50 * kpus
    hourly_storage = storage_gb * price_usd("flink_storage_gb_month") / HOURS_A_MONTH
    return (kpus + (2 if studio else 1)) * price_usd("flink_kpu_hour") + hourly_storage


def alerts_usd(windows: int, alerts: int) -> float:
    """Return the price of the function on stream 2: Lambda, DynamoDB, and a mail for each alert.

    At most one invocation for each window, a tenth of a second each; a write for a window, one more for
    an alert.
    """
    return lambda_usd(windows, windows * 0.1) + writes_usd(windows + alerts) + mails_usd(alerts)


def writes_usd(writes: float) -> float:
    """Return the price of writes of up to 1 KB to on-demand tables of DynamoDB."""
    return writes / 1e6 * price_usd("dynamodb_write_million")


def mails_usd(mails: float) -> float:
    """Return the price of mails that SNS sends."""
    return mails / 1e5 * price_usd("sns_email_hundred_thousand")


def monitoring_hourly_usd(metrics: int, alarms: int = 1, dashboards: int = 1) -> float:
    """Return the hourly price of CloudWatch's metrics, alarms and dashboards, which are billed by the month."""
    monthly = (
        metrics * price_usd("cloudwatch_metric_month")
        + alarms * price_usd("cloudwatch_alarm_month")
        + dashboards * price_usd("cloudwatch_dashboard_month")
    )
    return monthly / HOURS_A_MONTH


def watch_hourly_usd(events_per_second: float, shards: int = 2) -> float:
    """Return the hourly price of finding bots without Flink, by the function on stream 1.

    Lambda asks each shard once a second; an invocation takes some 20 ms and 2 ms for each event. Each
    event is a write of under 1 KB at most: events of one user and window in one batch are one write.
    """
    events = events_per_second * 3600
    invocations = min(events, shards * 3600)
    return lambda_usd(invocations, invocations * 0.02 + events * 0.002) + writes_usd(events)


def lambda_usd(invocations: float, seconds: float) -> float:
    """Return the price of invocations that take `seconds` in all, with the memory of the lab's functions."""
    gb_seconds = seconds * LAMBDA_MEMORY_MB / 1024
    return invocations / 1e6 * price_usd("lambda_request_million") + gb_seconds * price_usd("lambda_gb_second")


def delivery_usd(records: int, record_bytes: int) -> float:
    """Return the price of delivering `records` records of `record_bytes` bytes each by Firehose."""
    billed_bytes = math.ceil(record_bytes / DELIVERY_STEP_BYTES) * DELIVERY_STEP_BYTES
    return records * billed_bytes / _GB * price_usd("firehose_gb")


def python_shell_usd(seconds: float) -> float:
    """Return the price of one run of a Glue Python shell job on the least capacity."""
    return max(seconds, 60) / 3600 * SHELL_DPU * price_usd("glue_dpu_hour")


def quick_sight_monthly_usd(authors: int, readers: int, spice_gb: float = 0.0) -> float:
    """Return what Quick Sight costs in a month; 10 GB of SPICE come with each author.

    https://aws.amazon.com/quick/quicksight/pricing/
    """
    return (
        authors * price_usd("quicksight_author_month")
        + readers * price_usd("quicksight_reader_month")
        + max(spice_gb - SPICE_GB_AN_AUTHOR * authors, 0) * price_usd("quicksight_spice_gb_month")
    )


def athena_usd(bytes_scanned: int) -> float:
    """Return the price of one Athena query."""
    return max(bytes_scanned, ATHENA_LEAST_BYTES) / _TB * price_usd("athena_tb_scanned")


def s3_usd(size_bytes: int, puts: int = 0, gets: int = 0) -> float:
    """Return the price of keeping `size_bytes` for a month, and of the requests."""
    return (
        size_bytes / _GB * price_usd("s3_gb_month")
        + puts / 1000 * price_usd("s3_put_thousand")
        + gets / 1000 * price_usd("s3_get_thousand")
    )


def kept_hourly_usd(size_bytes: int) -> float:
    """Return the hourly price of keeping `size_bytes` in S3."""
    return size_bytes / _GB * price_usd("s3_gb_month") / HOURS_A_MONTH


def table_hourly_usd(size_bytes: int) -> float:
    """Return the hourly price of keeping `size_bytes` in DynamoDB."""
    return size_bytes / _GB * price_usd("dynamodb_gb_month") / HOURS_A_MONTH


def logs_hourly_usd(size_bytes: int) -> float:
    """Return the hourly price of keeping `size_bytes` in CloudWatch Logs."""
    return size_bytes / _GB * price_usd("logs_gb_month") / HOURS_A_MONTH
