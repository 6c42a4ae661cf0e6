"""A shop's events in a Kinesis stream, and the windows that plain Python counts in them."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from helpers.events import COLUMNS, HEADER
from helpers.replay.read_back import read_shard
from helpers.replay.shards import list_shards

Windows = dict[tuple[str, str], int]

_EPOCH = datetime(2019, 10, 1)


def shop_events(count: int, *, seconds_between: float = 0.25, users: int = 40, seed: int = 1) -> list[dict[str, str]]:
    """Return events in the order of their time; a tenth of the users make more than half of them."""
    chance = random.Random(seed)
    events = []
    for number in range(count):
        moment = _EPOCH + timedelta(seconds=int(number * seconds_between))
        user = chance.randrange(users // 10) if chance.random() < 0.5 else chance.randrange(users)
        values = (f"{moment} UTC", "view", "1", "2", "", "brand", "1.00", str(500_000_000 + user), "session")
        events.append(dict(zip(COLUMNS, values, strict=True)))
    return events


def as_csv(events: Iterable[dict[str, str]]) -> bytes:
    """Return events as the Kaggle file has them."""
    return HEADER + b"".join(",".join(event.values()).encode() + b"\n" for event in events)


def windows_of(events: Iterable[dict[str, str]], seconds: int = 10, more_than: int = 5) -> Windows:
    """Count tumbling windows of event time: (window_start, user_id) to actions, where they exceed `more_than`."""
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        moment = datetime.fromisoformat(event["event_time"].removesuffix(" UTC"))
        start = moment - timedelta(seconds=(moment - _EPOCH).total_seconds() % seconds)
        counts[start.isoformat(), event["user_id"]] += 1
    return {key: actions for key, actions in counts.items() if actions > more_than}


def windows_in(kinesis: Any, stream: str, wanted: int, seconds: float = 120, *, once: bool = True) -> Windows:
    """Read windows from a stream until there are `wanted`, and whatever follows within a second.

    Raises
    ------
    AssertionError
        If a window is there twice, with another count or, if `once`, at all; or there are too few in time.
    """
    deadline = time.monotonic() + seconds
    complete_since = None
    while True:
        rows = [
            json.loads(record["Data"])
            for shard in list_shards(kinesis, stream)
            for record in read_shard(kinesis, stream, shard["ShardId"])
        ]
        found = {(row["window_start"].removesuffix(".000"), row["user_id"]): row["actions"] for row in rows}
        contents = {tuple(row.values()) for row in rows}
        assert len(found) == len(rows if once else contents), "a window came twice"
        if len(found) >= wanted:
            complete_since = complete_since or time.monotonic()
            if time.monotonic() - complete_since > 1:
                return found
        assert time.monotonic() < deadline, f"{len(found)} of {wanted} windows after {seconds:.0f} s"
        time.sleep(0.2)
