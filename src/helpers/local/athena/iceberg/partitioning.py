"""Partition transforms of Iceberg tables: `PARTITIONED BY (category, day(ts), bucket(16, id), truncate(10, name))`.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pyiceberg.exceptions import ValidationError
from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)

from helpers.local.athena.errors import AnalysisError

_BY_TIME: dict[str, Transform[Any, Any]] = {
    "year": YearTransform(),
    "month": MonthTransform(),
    "day": DayTransform(),
    "hour": HourTransform(),
}
_FIELD = re.compile(r'\s*(?:(?P<function>\w+)\s*\((?P<arguments>[^()]*)\)|[`"]?(?P<column>\w+)[`"]?)\s*')


def partition_spec(schema: Schema, fields: Iterable[str]) -> PartitionSpec:
    """Return how a table is partitioned.

    Parameters
    ----------
    schema
        The table's.
    fields
        A column or a transform of one each, as SQL text.

    Raises
    ------
    AnalysisError
        If one is no transform of a column of the table.
    """
    found = []
    for number, text in enumerate(fields):
        column, transform, suffix = _parsed(text)
        try:
            source = schema.find_field(column, case_sensitive=False)
        except (ValueError, ValidationError) as error:
            raise AnalysisError("COLUMN_NOT_FOUND", f"Column '{column}' cannot be resolved") from error
        if not transform.can_transform(source.field_type):
            message = f"Unable to parse partitioning value: Cannot use {transform} on a column of type"
            raise AnalysisError("INVALID_TABLE_PROPERTY", f"{message} {source.field_type}")
        name = f"{source.name}_{suffix}" if suffix else source.name
        found.append(PartitionField(source.field_id, PARTITION_FIELD_ID_START + number, transform, name))
    return PartitionSpec(*found)


def written(spec: PartitionSpec, schema: Schema) -> list[str]:
    """Return the fields of a table's partitioning as SQL text."""
    texts = []
    for field in spec.fields:
        column, transform = schema.find_column_name(field.source_id) or "", field.transform
        if isinstance(transform, IdentityTransform):
            texts.append(f"`{column}`")
        elif isinstance(transform, BucketTransform):
            texts.append(f"bucket({transform.num_buckets}, `{column}`)")
        elif isinstance(transform, TruncateTransform):
            texts.append(f"truncate({transform.width}, `{column}`)")
        else:
            texts.append(f"{transform}(`{column}`)")
    return texts


def _parsed(text: str) -> tuple[str, Transform[Any, Any], str]:
    """Return column, transform, and what its partition field is called after the column."""
    found = _FIELD.fullmatch(text)
    if found is None:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
    if found["column"]:
        return found["column"].lower(), IdentityTransform(), ""
    function = found["function"].lower().removesuffix("s")
    arguments = [argument.strip(' `"').lower() for argument in found["arguments"].split(",")]
    if function in _BY_TIME and len(arguments) == 1:
        return arguments[0], _BY_TIME[function], function
    # CREATE TABLE says bucket(16, id), CREATE TABLE AS says bucket(id, 16).
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    columns = [argument for argument in arguments if not argument.isdigit()]
    if function in ("bucket", "truncate") and len(numbers) == 1 and len(columns) == 1 and numbers[0] > 0:
        if function == "bucket":
            return columns[0], BucketTransform(numbers[0]), "bucket"
        return columns[0], TruncateTransform(numbers[0]), "trunc"
    raise AnalysisError("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
