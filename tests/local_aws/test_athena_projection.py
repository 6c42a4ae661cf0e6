"""Partition projection: partitions from table properties.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def projected(warehouse: Any, keys: str, properties: dict[str, str], folder: str | None = None) -> str:
    """Create a projected table and return its name."""
    name = f"projected_{uuid.uuid4().hex[:8]}"
    listed = ", ".join(f"'{key}'='{value}'" for key, value in {"projection.enabled": "true", **properties}.items())
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} (id int) PARTITIONED BY ({keys}) "
        f"LOCATION '{warehouse.location(folder or name)}' TBLPROPERTIES ({listed})"
    )
    return name


def test_enum_and_integer_with_digits_and_interval(warehouse: Any) -> None:
    for kind in ("a", "b", "c"):
        for number in ("01", "02", "03", "05"):
            warehouse.put(f"enums/kind={kind}/n={number}/x.csv", f"{int(number)}\n")
    properties = {
        "projection.kind.type": "enum",
        "projection.kind.values": "a,b",
        "projection.n.type": "integer",
        "projection.n.range": "1,5",
        "projection.n.interval": "2",
        "projection.n.digits": "2",
    }
    name = projected(warehouse, "kind string, n int", properties, "enums")
    assert warehouse.rows(f"SELECT kind, n, id FROM {name} ORDER BY 1, 2") == [
        [kind, number, number] for kind in ("a", "b") for number in ("1", "3", "5")
    ]
    assert warehouse.bytes_scanned(f"SELECT id FROM {name} WHERE kind = 'b' AND n > 3") == 2


def test_dates_of_a_range_that_ends_now(warehouse: Any) -> None:
    today = datetime.now(UTC)
    for days_ago in (0, 1, 5):
        warehouse.put(f"days/{today - timedelta(days=days_ago):%Y/%m/%d}/x.csv", f"{days_ago}\n")
    properties = {
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": "NOW-3DAYS,NOW+1DAYS",
        "storage.location.template": warehouse.location("days") + "${day}/",
    }
    name = projected(warehouse, "day string", properties)
    assert warehouse.rows(f"SELECT id, day FROM {name} ORDER BY id") == [
        [str(days_ago), f"{today - timedelta(days=days_ago):%Y/%m/%d}"] for days_ago in (0, 1)
    ]
    assert warehouse.bytes_scanned(f"SELECT id FROM {name} WHERE day >= '{today:%Y/%m/%d}'") == 2


def test_hours_need_an_interval_and_its_unit(warehouse: Any) -> None:
    warehouse.put("hours/2019-10-01-06/x.csv", "6\n")
    warehouse.put("hours/2019-10-01-07/x.csv", "7\n")
    properties = {
        "projection.hour.type": "date",
        "projection.hour.format": "yyyy-MM-dd-HH",
        "projection.hour.range": "2019-10-01-00,2019-10-02-00",
        "storage.location.template": warehouse.location("hours") + "${hour}",
    }
    name = projected(warehouse, "hour string", properties)
    reason, _ = warehouse.failure(f"SELECT * FROM {name}")
    assert reason.startswith("INVALID_TABLE_PROPERTY: projection.hour.interval")
    more = {"projection.hour.interval": "6", "projection.hour.interval.unit": "HOURS"}
    every_sixth = projected(warehouse, "hour string", properties | more)
    assert warehouse.rows(f"SELECT id FROM {every_sixth}") == [["6"]]


def test_a_projected_column_of_type_date(warehouse: Any) -> None:
    warehouse.put("months/2019/11/x.csv", "11\n")
    properties = {
        "projection.month.type": "date",
        "projection.month.format": "yyyy/MM",
        "projection.month.range": "2019/09,2019/12",
        "storage.location.template": warehouse.location("months") + "${month}/",
    }
    name = projected(warehouse, "month date", properties)
    assert warehouse.rows(f"SELECT id, month FROM {name} WHERE month >= DATE '2019-10-15'") == [["11", "2019-11-01"]]


@pytest.mark.parametrize(
    "condition", ["", "WHERE device > 'a'", "WHERE device LIKE 'a%'", "WHERE device = 'a' OR id = 1"]
)
def test_an_injected_key_needs_a_value(warehouse: Any, condition: str) -> None:
    name = projected(warehouse, "device string", {"projection.device.type": "injected"})
    reason, _ = warehouse.failure(f"SELECT * FROM {name} {condition}")
    assert reason == (
        "CONSTRAINT_VIOLATION: For the injected projected partition column device, the WHERE clause must contain only "
        "static equality conditions, and at least one such condition must be present."
    )


def test_injected_values_come_from_the_query(warehouse: Any) -> None:
    for device in ("a", "b", "c"):
        warehouse.put(f"devices/device={device}/x.csv", f"{ord(device)}\n")
    name = projected(warehouse, "device string", {"projection.device.type": "injected"}, "devices")
    assert warehouse.rows(f"SELECT id FROM {name} WHERE device = 'b'") == [["98"]]
    assert warehouse.rows(f"SELECT id FROM {name} WHERE device IN ('a', 'c', 'none') ORDER BY id") == [["97"], ["99"]]
    assert warehouse.rows(f"SELECT id FROM {name} WHERE device = ?", ExecutionParameters=["'c'"]) == [["99"]]


def test_partitions_of_the_catalog_are_ignored(warehouse: Any) -> None:
    warehouse.put("both/k=1/x.csv", "1\n")
    warehouse.put("both/k=9/x.csv", "9\n")
    properties = {"projection.k.type": "integer", "projection.k.range": "0,5"}
    name = projected(warehouse, "k int", properties, "both")
    warehouse.succeed("MSCK REPAIR TABLE " + name)
    assert warehouse.rows(f"SELECT id FROM {name}") == [["1"]]
    warehouse.succeed(f"ALTER TABLE {name} SET TBLPROPERTIES ('projection.enabled'='false')")
    assert warehouse.rows(f"SELECT id FROM {name} ORDER BY id") == [["1"], ["9"]]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "Table is missing the property projection.k.type"),
        ({"projection.k.type": "number"}, "projection.k.type has the unknown value number"),
        ({"projection.k.type": "enum"}, "projection.k.values must be set"),
        ({"projection.k.type": "integer"}, "projection.k.range must be set"),
        (
            {"projection.k.type": "integer", "projection.k.range": "1"},
            "projection.k.range must be two values with a comma between them",
        ),
        (
            {"projection.k.type": "integer", "projection.k.range": "a,b"},
            "projection.k.range must be two integers, not a,b",
        ),
        (
            {"projection.k.type": "date", "projection.k.format": "yyyy", "projection.k.range": "x,NOW"},
            "projection.k.range has x, which is no date of the format yyyy",
        ),
    ],
)
def test_properties_that_make_no_projection(warehouse: Any, properties: dict[str, str], message: str) -> None:
    name = projected(warehouse, "k string", properties)
    reason, _ = warehouse.failure(f"SELECT * FROM {name}")
    assert reason == f"INVALID_TABLE_PROPERTY: {message}"


def test_many_projected_partitions_cost_no_time_when_few_are_asked_for(warehouse: Any) -> None:
    properties = {
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "1990-01-01,2029-12-31",
        "projection.h.type": "integer",
        "projection.h.range": "0,23",
    }
    name = projected(warehouse, "day string, h int", properties)
    warehouse.put(f"{name}/day=2019-10-01/h=7/x.csv", "7\n")
    execution = warehouse.succeed(f"SELECT id FROM {name} WHERE day = '2019-10-01' AND h < 12")
    assert execution["Statistics"]["DataScannedInBytes"] == 2
    assert execution["Statistics"]["EngineExecutionTimeInMillis"] < 5000
