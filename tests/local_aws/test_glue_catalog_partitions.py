"""Partitions of the Data Catalog: what is refused, and what an Expression selects."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

KEYS = [{"Name": "day", "Type": "date"}, {"Name": "shop", "Type": "string"}, {"Name": "n", "Type": "int"}]
VALUES = [["2019-10-01", "a", "2"], ["2019-10-02", "b", "10"], ["2019-11-01", "ab", "30"], ["2019-11-02", "c", "4"]]


@pytest.fixture(scope="module")
def glue(client: Callable[[str], Any]) -> Any:
    return client("glue")


@pytest.fixture(scope="module")
def table(glue: Any) -> Iterator[dict[str, str]]:
    database = f"db_{uuid.uuid4().hex[:10]}"
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput={"Name": "events", "PartitionKeys": KEYS})
    where = {"DatabaseName": database, "TableName": "events"}
    made = [{"Values": values, "StorageDescriptor": {"Location": f"s3://b/{values[0]}"}} for values in VALUES]
    assert glue.batch_create_partition(**where, PartitionInputList=made)["Errors"] == []
    yield where
    glue.delete_database(Name=database)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("day = '2019-10-02'", [1]),
        ("day >= '2019-11-01'", [2, 3]),
        ("day > DATE '2019-11-01'", [3]),
        ("n > 9", [1, 2]),
        ("n = '2'", [0]),
        ("n <> 2", [1, 2, 3]),
        ("n IN (2, 4)", [0, 3]),
        ("shop NOT IN ('a', 'b')", [2, 3]),
        ("n BETWEEN 4 AND 10", [1, 3]),
        ("shop LIKE 'a%'", [0, 2]),
        ("NOT (shop = 'a' OR n = 4)", [1, 2]),
        ("shop = 'a' AND n = 2 OR shop = 'c'", [0, 3]),
        ("shop IS NULL", []),
        ("n > -1", [0, 1, 2, 3]),
        ("N = 2", [0]),
        ("", [0, 1, 2, 3]),
    ],
)
def test_an_expression_selects_by_the_type_of_the_key(
    glue: Any, table: dict[str, str], expression: str, expected: list[int]
) -> None:
    found = glue.get_partitions(**table, Expression=expression)["Partitions"]
    assert [partition["Values"] for partition in found] == [VALUES[place] for place in expected]


@pytest.mark.parametrize("expression", ["nope = 1", "n +", "lower(shop) = 'a'", "n = 'x'"])
def test_an_expression_that_glue_does_not_understand_is_refused(
    glue: Any, table: dict[str, str], expression: str
) -> None:
    assert refusal(glue.get_partitions, **table, Expression=expression)[0] == "InvalidInputException"


def test_partitions_come_in_pages(glue: Any, table: dict[str, str]) -> None:
    pages = glue.get_paginator("get_partitions").paginate(**table, PaginationConfig={"PageSize": 3})
    assert [len(page["Partitions"]) for page in pages] == [3, 1]


def test_segments_together_are_all_partitions(glue: Any, table: dict[str, str]) -> None:
    found = [
        partition["Values"]
        for number in range(3)
        for partition in glue.get_partitions(**table, Segment={"SegmentNumber": number, "TotalSegments": 3})[
            "Partitions"
        ]
    ]
    assert sorted(found) == sorted(VALUES)


def test_a_partition_must_have_a_value_for_each_key(glue: Any, table: dict[str, str]) -> None:
    assert refusal(glue.create_partition, **table, PartitionInput={"Values": ["2019-10-01"]}) == (
        "InvalidInputException",
        "The number of partition keys do not match the number of partition values",
    )


def test_a_partition_that_is_there_is_refused(glue: Any, table: dict[str, str]) -> None:
    assert refusal(glue.create_partition, **table, PartitionInput={"Values": VALUES[0]}) == (
        "AlreadyExistsException",
        "Partition already exists.",
    )
    errors = glue.batch_create_partition(**table, PartitionInputList=[{"Values": VALUES[0]}])["Errors"]
    assert [(error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        (VALUES[0], "AlreadyExistsException")
    ]


def test_a_table_that_does_not_exist_has_no_partitions(glue: Any, table: dict[str, str]) -> None:
    where = {**table, "TableName": "nope"}
    assert refusal(glue.get_partitions, **where) == ("EntityNotFoundException", "Table nope not found.")
    assert refusal(glue.create_partition, **where, PartitionInput={"Values": VALUES[0]})[0] == (
        "EntityNotFoundException"
    )


def test_a_partition_moves_and_goes(glue: Any, table: dict[str, str]) -> None:
    first, second = ["2020-01-01", "x", "1"], ["2020-01-02", "x", "1"]
    glue.create_partition(**table, PartitionInput={"Values": first})
    glue.update_partition(
        **table,
        PartitionValueList=first,
        PartitionInput={"Values": second, "StorageDescriptor": {"Location": "s3://b/moved"}},
    )
    assert refusal(glue.get_partition, **table, PartitionValues=first)[0] == "EntityNotFoundException"
    moved = glue.get_partition(**table, PartitionValues=second)["Partition"]
    assert moved["StorageDescriptor"]["Location"] == "s3://b/moved"
    gone = glue.batch_delete_partition(**table, PartitionsToDelete=[{"Values": second}, {"Values": first}])
    assert [error["PartitionValues"] for error in gone["Errors"]] == [first]
    assert refusal(glue.delete_partition, **table, PartitionValues=second)[0] == "EntityNotFoundException"


def test_a_batch_get_leaves_out_what_is_missing(glue: Any, table: dict[str, str]) -> None:
    wanted = [{"Values": VALUES[2]}, {"Values": ["1999-01-01", "z", "0"]}]
    answer = glue.batch_get_partition(**table, PartitionsToGet=wanted)
    assert [partition["Values"] for partition in answer["Partitions"]] == [VALUES[2]]


def test_columns_can_be_left_out(glue: Any, table: dict[str, str]) -> None:
    values = ["2021-01-01", "x", "1"]
    storage = {"Location": "s3://b/x", "Columns": [{"Name": "a", "Type": "int"}]}
    glue.create_partition(**table, PartitionInput={"Values": values, "StorageDescriptor": storage})
    found = glue.get_partitions(**table, Expression="day = '2021-01-01'", ExcludeColumnSchema=True)["Partitions"]
    glue.delete_partition(**table, PartitionValues=values)
    assert found[0]["StorageDescriptor"] == {"Location": "s3://b/x"}
