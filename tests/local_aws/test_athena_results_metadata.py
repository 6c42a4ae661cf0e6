"""The `.metadata` file, against bytes of the layout that AWS's own files have."""

from __future__ import annotations

import pytest

from helpers.local.athena.model import Column
from helpers.local.athena.result_metadata import ResultMetadata, decode, encode, result_column


@pytest.mark.parametrize(
    ("type_", "shown", "precision", "scale", "case_sensitive"),
    [
        ("tinyint", "tinyint", 3, 0, False),
        ("smallint", "smallint", 5, 0, False),
        ("integer", "integer", 10, 0, False),
        ("bigint", "bigint", 19, 0, False),
        ("real", "float", 17, 0, False),
        ("double", "double", 17, 0, False),
        ("decimal(10,2)", "decimal", 10, 2, False),
        ("decimal(38, 0)", "decimal", 38, 0, False),
        ("boolean", "boolean", 0, 0, False),
        ("varchar", "varchar", 2147483647, 0, True),
        ("varchar(3)", "varchar", 3, 0, True),
        ("char(5)", "char", 5, 0, True),
        ("varbinary", "varbinary", 1073741824, 0, False),
        ("date", "date", 0, 0, False),
        ("time(3)", "time", 3, 0, False),
        ("timestamp(3)", "timestamp", 3, 0, False),
        ("timestamp(6)", "timestamp", 3, 0, False),
        ("timestamp", "timestamp", 3, 0, False),
        ("timestamp(3) with time zone", "timestamp with time zone", 3, 0, False),
        ("array(row(a integer, b varchar(3)))", "array", 0, 0, False),
        ("map(varchar, timestamp(3) with time zone)", "map", 0, 0, False),
        ("row(a integer)", "row", 0, 0, False),
        ("json", "json", 0, 0, False),
        ("interval day to second", "interval day to second", 0, 0, False),
        ("string", "string", 0, 0, False),
        ("unknown", "unknown", 0, 0, False),
    ],
)
def test_a_column_has_athenas_numbers_for_its_type(
    type_: str, shown: str, precision: int, scale: int, case_sensitive: bool
) -> None:
    assert result_column(Column("c", type_)).info() == {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": "c",
        "Label": "c",
        "Type": shown,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": case_sensitive,
    }


def test_a_select_is_written_as_athena_writes_it() -> None:
    columns = [result_column(Column("i", "integer")), result_column(Column("s", "varchar(3)"))]
    expected = (
        "0a027131"  # 1: the query's id
        "221d0a04686976652201692a01693207696e7465676572380a400048035000"
        "221d0a04686976652201732a0173320776617263686172380340004803"
        "5001"
    )
    assert encode(ResultMetadata("q1", columns)).hex() == expected


def test_precision_scale_and_case_depend_on_the_type_alone() -> None:
    def tail(type_: str) -> str:
        content = encode(ResultMetadata("q", [result_column(Column("c", type_))]))
        return content.hex().rpartition(type_.partition("(")[0].encode().hex())[2]

    assert tail("integer") == "380a400048035000"
    assert tail("date") == "400048035000"
    assert tail("boolean") == "48035000"
    assert tail("array(integer)") == "4803"


def test_rows_written_are_told_even_if_there_are_none() -> None:
    columns = [result_column(Column("rows", "bigint"))]
    expected = "0a0271311206494e53455254180022220a04686976652204726f77732a04726f7773"
    expected += "3206626967696e743813400048035000"
    assert encode(ResultMetadata("q1", columns, "INSERT", 0)).hex() == expected


def test_what_is_written_reads_back() -> None:
    columns = [result_column(Column("naïve 日本", "varchar")), result_column(Column("a" * 200, "decimal(38,9)"))]
    metadata = ResultMetadata("some-id", columns, "CREATE TABLE", 3_000_000_000)
    assert decode(encode(metadata)) == metadata
