"""Firehose: delivery streams."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import await_end, delete


def find(search: Search) -> Iterator[Found]:
    """Yield the delivery streams; they cost by what they deliver, not by the hour."""
    firehose, settings = search.client("firehose"), search.settings
    for name in list(_names(firehose)):
        arn = settings.arn("firehose", f"deliverystream/{name}")
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(firehose.list_tags_for_delivery_stream, "Tags", DeliveryStreamName=name)
        if search.is_ours("Firehose", "delivery stream", name, arn, {settings.delivery_stream}, tagged):
            yield Found("Firehose", "delivery stream", name, arn, partial(_remove, firehose, name))


def _names(firehose: Any) -> Iterator[str]:
    # The one listing here that botocore has no paginator for.
    after: dict[str, str] = {}
    while True:
        page = firehose.list_delivery_streams(Limit=100, **after)
        yield from page["DeliveryStreamNames"]
        if not page["HasMoreDeliveryStreams"]:
            return
        after = {"ExclusiveStartDeliveryStreamName": page["DeliveryStreamNames"][-1]}


def _remove(firehose: Any, name: str) -> None:
    # Its role may be gone already, after a half-failed run: that is what the force is for.
    delete(firehose.delete_delivery_stream, DeliveryStreamName=name, AllowForceDelete=True)
    await_end(firehose.describe_delivery_stream, f"delivery stream {name}", DeliveryStreamName=name)
