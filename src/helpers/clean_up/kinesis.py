"""Kinesis: data streams and the consumers registered with them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers import costs
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import await_end, delete, if_allowed


def find(search: Search) -> Iterator[Found]:
    """Yield consumers, then streams."""
    kinesis, settings = search.client("kinesis"), search.settings
    known = {settings.events_stream, settings.activity_stream, settings.trial_stream}
    streams = []
    for name in search.pages("kinesis", "list_streams", "StreamNames"):
        arn = settings.arn("kinesis", f"stream/{name}")
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(kinesis.list_tags_for_stream, "Tags", StreamName=name)
        if search.is_ours("Kinesis", "stream", name, arn, known, tagged):
            streams.append((name, arn))
    for name, arn in streams:
        shards = _summary(kinesis, name).get("OpenShardCount", 1)
        for consumer in search.pages_if_allowed("kinesis", "list_stream_consumers", "Consumers", StreamARN=arn):
            yield _consumer(kinesis, consumer, shards)
    for name, arn in streams:
        yield _stream(kinesis, name, arn)


def _consumer(kinesis: Any, consumer: dict[str, Any], shards: int) -> Found:
    arn = consumer["ConsumerARN"]

    def remove() -> None:
        delete(kinesis.deregister_stream_consumer, ConsumerARN=arn)
        await_end(kinesis.describe_stream_consumer, "the consumer", ConsumerARN=arn)

    hourly = costs.consumers_hourly_usd(1, shards)
    return Found("Kinesis", "consumer", consumer["ConsumerName"], arn, remove, hourly, f"{shards} shards")


def _stream(kinesis: Any, name: str, arn: str) -> Found:
    summary = _summary(kinesis, name)
    shards = summary.get("OpenShardCount", 1)
    if not summary:
        hourly, detail = costs.streams_hourly_usd(1, shards), "you may not look into it; at least 1 shard"
    elif summary.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND":
        hourly, detail = costs.price_usd("kinesis_on_demand_stream_hour"), "on-demand"
    else:
        hourly, detail = costs.streams_hourly_usd(1, shards), f"{shards} shards"
    return Found("Kinesis", "stream", name, arn, partial(_remove_stream, kinesis, name), hourly, detail)


def _summary(kinesis: Any, name: str) -> dict[str, Any]:
    answer = if_allowed(kinesis.describe_stream_summary, StreamName=name)
    return dict(answer.get("StreamDescriptionSummary", {}))


def _remove_stream(kinesis: Any, name: str) -> None:
    delete(kinesis.delete_stream, StreamName=name, EnforceConsumerDeletion=True)
    await_end(kinesis.describe_stream_summary, f"stream {name}", StreamName=name)
