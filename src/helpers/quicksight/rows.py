"""The rows of a data set, asked of Athena as Quick Sight asks for them."""

from __future__ import annotations

from typing import Any

import awswrangler as wr
import pandas as pd

from helpers.settings import Settings


def read_data_set(client: Any, settings: Settings, data_set_id: str) -> pd.DataFrame:
    """Run the query of a data set and return its rows.

    Parameters
    ----------
    client
        boto3 client of Quick Sight.
    data_set_id
        A data set with one physical table on Athena.

    Returns
    -------
    DataFrame
        The data set's columns: INTEGER and DECIMAL as float64, DATETIME as datetime64[ns], STRING as object.
    """
    described = client.describe_data_set(AwsAccountId=settings.account, DataSetId=data_set_id)["DataSet"]
    ((_, table),) = described["PhysicalTableMap"].items()
    rows = wr.athena.read_sql_query(
        _sql(table), database=settings.database, workgroup=settings.workgroup, ctas_approach=False
    )
    columns = {column["Name"]: column["Type"] for column in described["OutputColumns"]}
    return pd.DataFrame({name: _typed(rows[name], kind) for name, kind in columns.items()})


def _sql(table: dict[str, Any]) -> str:
    if "CustomSql" in table:
        return str(table["CustomSql"]["SqlQuery"])
    relational = table["RelationalTable"]
    columns = ", ".join(f'"{column["Name"]}"' for column in relational["InputColumns"])
    return f'SELECT {columns} FROM "{relational["Schema"]}"."{relational["Name"]}"'


def _typed(values: pd.Series, kind: str) -> pd.Series:
    if kind == "DATETIME":
        return pd.to_datetime(values).astype("datetime64[ns]")
    if kind in ("INTEGER", "DECIMAL"):
        return pd.to_numeric(values).astype("float64")
    return values.astype(object)
