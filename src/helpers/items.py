"""Items of a DynamoDB table as a data frame."""

from __future__ import annotations

from typing import Any

import pandas as pd


def read_items(dynamodb: Any, table: str, **scan: Any) -> pd.DataFrame:
    """Read a table, or what a filter lets through, with every page of it.

    Parameters
    ----------
    dynamodb
        boto3 client.
    table
        Name of the table.
    scan
        Arguments of Scan, such as `FilterExpression`.

    Returns
    -------
    DataFrame
        A column for each attribute: numbers as int64 where every item has one, texts as str; sorted by
        `user_id` and `window_start`. Empty, with these two columns, if there is no item.
    """
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **scan)
    rows = [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    frame = pd.DataFrame(rows, columns=None if rows else ["user_id", "window_start"])
    return frame.sort_values(["user_id", "window_start"], ignore_index=True)


def _plain(value: dict[str, Any]) -> int | str:
    return int(value["N"]) if "N" in value else str(value["S"])
