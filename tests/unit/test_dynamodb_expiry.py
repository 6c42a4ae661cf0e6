"""Items that time to live deletes, and those that AWS leaves alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ministack.services import dynamodb as emulator

from helpers.local.dynamodb import expiry

NOW = 1_700_000_000.0
FIVE_YEARS = 157_788_000


@pytest.mark.parametrize(
    ("item", "due"),
    [
        ({"ttl": {"N": "1700000000"}}, True),
        ({"ttl": {"N": "1700000001"}}, False),
        ({"ttl": {"N": str(1_700_000_000 - FIVE_YEARS)}}, True),
        ({"ttl": {"N": str(1_700_000_000 - FIVE_YEARS - 1)}}, False),
        ({"ttl": {"S": "1600000000"}}, False),
        ({}, False),
    ],
)
def test_a_number_of_the_last_five_years_is_due(item: dict[str, Any], due: bool) -> None:
    assert expiry.is_due(item, "ttl", NOW) is due


def test_only_the_sweeper_spares_items() -> None:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/sweeping"
    items = {"old": {"-": {"ttl": {"N": "1"}}}, "due": {"-": {"ttl": {"N": str(int(time.time()) - 1)}}}}
    table = {"TableName": "sweeping", "TableArn": arn, "items": items}
    settings = {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    emulator._ttl_settings.set_scoped("000000000000", "us-east-1", "sweeping", settings)
    removed: list[Any] = []
    remove = expiry.sparing(lambda _table, partition_key, _sort_key: removed.append(partition_key))
    for name in (expiry.SWEEPER, "request"):
        thread = threading.Thread(target=lambda: [remove(table, key, "-") for key in items], name=name)
        thread.start()
        thread.join()
    assert removed == ["due", "old", "due"]


def test_the_emulator_sweeps_under_that_name() -> None:
    assert expiry.SWEEPER in [thread.name for thread in threading.enumerate()]
