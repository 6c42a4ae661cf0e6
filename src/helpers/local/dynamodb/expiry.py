"""Which items expire: what AWS leaves alone, and the emulator's time to live would delete.

The attribute must be a number, and no more than five years in the past.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import dynamodb as emulator

# The thread of the emulator that deletes expired items; it asks for no more than a time that is past.
SWEEPER = "dynamodb-ttl-reaper"
OLDEST_SECONDS = 5 * 365.25 * 24 * 3600


def is_due(item: Mapping[str, Any], attribute: str, now: float) -> bool:
    """Return whether an item is deleted at `now`, in seconds since 1970."""
    value = item.get(attribute, {}).get("N")
    return value is not None and now - OLDEST_SECONDS <= float(value) <= now


def sparing(remove: Callable[..., None]) -> Callable[..., None]:
    """Return the emulator's removal of an item, without those of its sweeper that AWS would not do."""

    def removed(table: dict[str, Any], partition_key: Any, sort_key: Any) -> None:
        if threading.current_thread().name == SWEEPER:
            region, account = table["TableArn"].split(":")[3:5]
            setting = emulator._ttl_settings.get_scoped(account, region, table["TableName"]) or {}
            item = table["items"][partition_key][sort_key]
            if not is_due(item, setting.get("AttributeName", ""), time.time()):
                return
        remove(table, partition_key, sort_key)

    return removed
