"""SQL on Iceberg tables: rows changed, versions kept, metadata shown.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pyiceberg.catalog.glue import GlueCatalog


@pytest.fixture
def table(warehouse: Any) -> str:
    """A table of its own with three rows."""
    name = f"ice_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(
        f"CREATE TABLE {name} (id int COMMENT 'the id', name string, price decimal(10,2)) "
        f"LOCATION '{warehouse.location(name)}' TBLPROPERTIES ('table_type' = 'ICEBERG')"
    )
    warehouse.succeed(f"INSERT INTO {name} VALUES (1, 'a', DECIMAL '1.10'), (2, 'b', DECIMAL '2.20'), (3, NULL, NULL)")
    return name


def test_the_catalog_points_to_metadata_in_s3(warehouse: Any, table: str) -> None:
    entry = warehouse.table(table)
    assert entry["TableType"] == "EXTERNAL_TABLE"
    assert entry["Parameters"]["table_type"] == "ICEBERG"
    metadata = json.loads(warehouse.athena.body(entry["Parameters"]["metadata_location"]))
    assert metadata["format-version"] == 2
    assert len(metadata["snapshots"]) == 1
    assert entry["StorageDescriptor"]["Columns"][0] == {
        "Name": "id",
        "Type": "int",
        "Comment": "the id",
        "Parameters": {"iceberg.field.id": "1", "iceberg.field.optional": "true", "iceberg.field.current": "true"},
    }
    folders = {key.split("/")[-2] for key in warehouse.keys(table)}
    assert folders == {"data", "metadata"}


def test_an_update_changes_the_rows_that_match(warehouse: Any, table: str) -> None:
    answer = warehouse.succeed(
        f"UPDATE {table} SET price = CAST(price * 2 AS decimal(10,2)), name = upper(name) WHERE id < 3"
    )
    assert (answer["StatementType"], answer["SubstatementType"]) == ("DML", "UPDATE")
    assert warehouse.rows(f"SELECT * FROM {table} ORDER BY id") == [
        ["1", "A", "2.20"],
        ["2", "B", "4.40"],
        ["3", None, None],
    ]


def test_a_delete_takes_its_rows_by_subquery(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"DELETE FROM {table} WHERE id IN (SELECT max(id) FROM {table}) OR name = 'a'")
    assert warehouse.rows(f"SELECT id FROM {table}") == [["2"]]
    warehouse.succeed(f"DELETE FROM {table}")
    assert warehouse.rows(f"SELECT count(*) FROM {table}") == [["0"]]


def test_a_merge_takes_the_first_case_that_fits(warehouse: Any, table: str) -> None:
    warehouse.succeed(
        f"MERGE INTO {table} AS t USING (VALUES (1, 'x'), (2, 'gone'), (4, 'new'), (5, 'skipped')) AS s (id, name) "
        "ON t.id = s.id WHEN MATCHED AND s.name = 'gone' THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET name = s.name || t.name "
        "WHEN NOT MATCHED AND s.id < 5 THEN INSERT (id, name) VALUES (s.id, s.name)"
    )
    assert warehouse.rows(f"SELECT * FROM {table} ORDER BY id") == [
        ["1", "xa", "1.10"],
        ["3", None, None],
        ["4", "new", None],
    ]


def test_a_row_that_matches_twice_is_refused(warehouse: Any, table: str) -> None:
    reason, kind = warehouse.failure(
        f"MERGE INTO {table} t USING (VALUES 1, 1) s (id) ON t.id = s.id WHEN MATCHED THEN DELETE"
    )
    message = "One MERGE target table row matched more than one source row"
    assert (reason, kind) == (f"MERGE_TARGET_ROW_MULTIPLE_MATCHES: {message}", 1000)
    assert warehouse.rows(f"SELECT count(*) FROM {table}") == [["3"]]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE {t} SET id = 'x'", "TYPE_MISMATCH: line 1:1: UPDATE table column types don't match SET expressions: "),
        ("UPDATE {t} SET nothing = 1", "COLUMN_NOT_FOUND: line 1:1: UPDATE target column 'nothing' does not exist"),
        ("DELETE FROM {t} WHERE nothing = 1", "COLUMN_NOT_FOUND: line 1:"),
        ("INSERT INTO {t} VALUES (1, 2)", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "),
        (
            "ALTER TABLE {t} CHANGE COLUMN name name int",
            "NOT_SUPPORTED: Cannot change column type: name: string -> int",
        ),
        ("ALTER TABLE {t} ADD PARTITION (id = 1)", "FAILED: SemanticException ALTER TABLE ADD PARTITION is not"),
        ("ALTER TABLE {t} ADD COLUMNS (id int)", "FAILED: SemanticException [Error 10036]: Duplicate column name: id"),
        ("ALTER TABLE {t} DROP COLUMN x", "FAILED: SemanticException [Error 10002]: Invalid column reference x"),
        ("VACUUM nothing", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog."),
        ("MSCK REPAIR TABLE {t}", "FAILED: SemanticException MSCK REPAIR TABLE is not supported for Iceberg tables"),
        ("SELECT * FROM {t} FOR VERSION AS OF 1", "INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: 1"),
        (
            "SELECT * FROM {t} FOR TIMESTAMP AS OF TIMESTAMP '2001-01-01 00:00:00 UTC'",
            "INVALID_ARGUMENTS: No version history table ",
        ),
        ('SELECT * FROM "{t}$nothing"', "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog."),
    ],
)
def test_what_is_wrong_is_named(warehouse: Any, table: str, sql: str, reason: str) -> None:
    assert warehouse.failure(sql.format(t=table))[0].startswith(reason)


@pytest.mark.parametrize("sql", ["UPDATE {t} SET id = 1", "DELETE FROM {t}"])
def test_rows_of_hive_tables_cannot_be_changed(warehouse: Any, sql: str) -> None:
    name = f"hive_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(f"CREATE EXTERNAL TABLE {name} (id int) LOCATION '{warehouse.location(name)}'")
    message = "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
    assert warehouse.failure(sql.format(t=name)) == (message, 1200)


def test_tables_join_with_hive_tables_and_views(warehouse: Any, table: str) -> None:
    name = f"hive_{uuid.uuid4().hex[:8]}"
    warehouse.put(f"{name}/rows.csv", "1,one\n2,two\n")
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} (id int, word string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{warehouse.location(name)}'"
    )
    warehouse.succeed(f"CREATE VIEW {name}_view AS SELECT id, name AS letter FROM {table}")
    joined = f"SELECT letter, word FROM {name}_view JOIN {name} USING (id) ORDER BY id"
    assert warehouse.rows(joined) == [["a", "one"], ["b", "two"]]


def test_only_the_columns_of_the_query_are_scanned(warehouse: Any) -> None:
    name = f"ice_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(
        f"CREATE TABLE {name} WITH (table_type = 'ICEBERG', is_external = false, "
        f"location = '{warehouse.location(name)}') AS SELECT n AS id, cast(n AS varchar) || 'text' AS word "
        "FROM UNNEST(sequence(1, 10000)) AS s (n)"
    )
    whole, narrow = (warehouse.bytes_scanned(f"SELECT {c} FROM {name}") for c in ("*", "max(id)"))
    assert 0 < narrow < whole / 1.5
    assert warehouse.bytes_scanned(f"SELECT count(*) FROM {name}") == 0


def test_a_partitioned_table_out_of_a_query(warehouse: Any) -> None:
    name = f"ice_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(
        f"CREATE TABLE {name} WITH (table_type = 'ICEBERG', is_external = false, "
        f"location = '{warehouse.location(name)}', "
        "partitioning = ARRAY['month(at)', 'bucket(id, 4)', 'truncate(w, 1)']) "
        "AS SELECT * FROM (VALUES (1, TIMESTAMP '2020-01-05 10:00:00', 'ab'), "
        "(2, TIMESTAMP '2020-02-05 10:00:00', 'b')) "
        "AS s (id, at, w)"
    )
    assert warehouse.rows(f"SELECT * FROM {name} ORDER BY id") == [
        ["1", "2020-01-05 10:00:00.000000", "ab"],
        ["2", "2020-02-05 10:00:00.000000", "b"],
    ]
    partitions = warehouse.rows(
        f'SELECT partition.at_month, partition.w_trunc, file_count FROM "{name}$partitions" ORDER BY 1'
    )
    assert partitions == [["600", "a", "1"], ["601", "b", "1"]]


def test_earlier_versions_are_read_by_number_and_time(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"DELETE FROM {table} WHERE id = 1")
    warehouse.succeed(f"ALTER TABLE {table} DROP COLUMN price")
    snapshots = warehouse.rows(
        f'SELECT snapshot_id, committed_at, operation FROM "{table}$snapshots" ORDER BY committed_at'
    )
    assert [operation for _, _, operation in snapshots] == ["append", "overwrite"]
    number, moment, _ = snapshots[0]
    for version in (f"FOR VERSION AS OF {number}", f"FOR TIMESTAMP AS OF TIMESTAMP '{moment}'"):
        found = warehouse.rows(f"SELECT * FROM {table} {version} AS old ORDER BY id")
        assert found == [["1", "a", "1.10"], ["2", "b", "2.20"], ["3", None, None]]
    assert warehouse.rows(f"SELECT * FROM {table} ORDER BY id") == [["2", "b"], ["3", None]]
    newer = f"SELECT count(*) FROM {table} n JOIN {table} FOR VERSION AS OF {number} o ON n.id = o.id"
    assert warehouse.rows(newer) == [["2"]]


def test_metadata_tables(warehouse: Any, table: str) -> None:
    history = warehouse.rows(f'SELECT parent_id, is_current_ancestor FROM "{table}$history"')
    assert history == [[None, "true"]]
    files = warehouse.rows(f'SELECT record_count, file_format, lower_bounds[1], upper_bounds[1] FROM "{table}$files"')
    assert files == [["3", "PARQUET", "1", "3"]]
    assert warehouse.rows(f'SELECT added_data_files_count FROM "{table}$manifests"') == [["1"]]
    assert warehouse.rows(f'SELECT name, type FROM "{table}$refs"') == [["main", "BRANCH"]]
    assert warehouse.rows(f'SELECT record_count, file_count FROM "{table}$partitions"') == [["3", "1"]]


def test_columns_change_without_touching_files(warehouse: Any, table: str) -> None:
    before = [key for key in warehouse.keys(table) if "/data/" in key]
    warehouse.succeed(f"ALTER TABLE {table} CHANGE COLUMN name label string COMMENT 'was name' AFTER price")
    warehouse.succeed(f"ALTER TABLE {table} CHANGE id id bigint")
    warehouse.succeed(f"ALTER TABLE {table} ADD COLUMNS (tags array<string>, at map<string,struct<x:int>>)")
    assert [key for key in warehouse.keys(table) if "/data/" in key] == before
    warehouse.succeed(
        f"INSERT INTO {table} VALUES (9, DECIMAL '9.90', 'z', ARRAY['p', NULL], "
        "MAP(ARRAY['k'], ARRAY[CAST(ROW(7) AS ROW(x integer))]))"
    )
    assert warehouse.rows(f"SELECT id, price, label, tags, at['k'].x FROM {table} WHERE id IN (1, 9) ORDER BY id") == [
        ["1", "1.10", "a", None, None],
        ["9", "9.90", "z", "[p, null]", "7"],
    ]
    # A column that comes back under an old name is another one.
    warehouse.succeed(f"ALTER TABLE {table} DROP COLUMN label")
    warehouse.succeed(f"ALTER TABLE {table} ADD COLUMNS (label string)")
    assert warehouse.rows(f"SELECT DISTINCT label FROM {table}") == [[None]]


def test_small_files_are_packed_and_old_snapshots_let_go(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"INSERT INTO {table} VALUES (4, 'd', NULL)")
    warehouse.succeed(f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK WHERE id > 3")
    assert warehouse.rows(f'SELECT count(*) FROM "{table}$files"') == [["2"]]
    warehouse.succeed(f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK")
    assert warehouse.rows(f'SELECT record_count FROM "{table}$files"') == [["4"]]
    warehouse.succeed(f"VACUUM {table}")
    assert warehouse.rows(f'SELECT count(*) FROM "{table}$snapshots"') == [["3"]]
    warehouse.succeed(f"ALTER TABLE {table} SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds' = '0')")
    warehouse.succeed(f"VACUUM {table}")
    assert warehouse.rows(f'SELECT count(*) FROM "{table}$snapshots"') == [["1"]]
    assert len([key for key in warehouse.keys(table) if "/data/" in key]) == 1
    assert warehouse.rows(f"SELECT count(*), sum(id) FROM {table}") == [["4", "10"]]


def test_a_dropped_table_takes_its_files_along(warehouse: Any, table: str) -> None:
    assert warehouse.keys(table)
    warehouse.succeed(f"DROP TABLE {table}")
    assert warehouse.keys(table) == []
    assert warehouse.failure(f"SELECT * FROM {table}")[0].startswith("TABLE_NOT_FOUND")


def test_a_table_is_described_with_its_partitioning(warehouse: Any) -> None:
    name = f"ice_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(
        f"CREATE TABLE {name} (id bigint, category string, at timestamp) "
        f"PARTITIONED BY (category, bucket(16, id), day(at)) LOCATION '{warehouse.location(name)}' "
        "TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'snappy')"
    )
    assert warehouse.lines(f"SHOW CREATE TABLE {name}") == [
        f"CREATE TABLE {name} (",
        "  id bigint,",
        "  category string,",
        "  at timestamp)",
        "PARTITIONED BY (`category`, bucket(16, `id`), day(`at`))",
        f"LOCATION '{warehouse.location(name).rstrip('/')}'",
        "TBLPROPERTIES (",
        "  'table_type'='iceberg',",
        "  'format'='parquet',",
        "  'write_compression'='snappy'",
        ")",
    ]
    described = [[part.strip() for part in line.split("\t")] for line in warehouse.lines(f"DESCRIBE {name}")]
    assert described == [
        ["# Table schema:", "", ""],
        ["# col_name", "data_type", "comment"],
        ["id", "bigint", ""],
        ["category", "string", ""],
        ["at", "timestamp", ""],
        ["", "", ""],
        ["# Partition spec:", "", ""],
        ["# field_name", "field_transform", "column_name"],
        ["category", "identity", "category"],
        ["id_bucket", "bucket[16]", "id"],
        ["at_day", "day", "at"],
    ]


@pytest.mark.parametrize(
    ("clauses", "reason"),
    [
        ("(id smallint) LOCATION '{l}'", "NOT_SUPPORTED: line 1:1: Type not supported for Iceberg: smallint"),
        ("(id int) PARTITIONED BY (nothing) LOCATION '{l}'", "COLUMN_NOT_FOUND: line 1:1: Column 'nothing' cannot"),
        ("(id int) PARTITIONED BY (day(id)) LOCATION '{l}'", "INVALID_TABLE_PROPERTY: line 1:1: Unable to parse"),
        ("(id int)", "FAILED: SemanticException Table location is required for Iceberg tables"),
    ],
)
def test_a_table_that_cannot_be_is_refused(warehouse: Any, clauses: str, reason: str) -> None:
    location = warehouse.location(f"refused_{uuid.uuid4().hex[:8]}")
    sql = f"CREATE TABLE refused {clauses.format(l=location)} TBLPROPERTIES ('table_type' = 'ICEBERG')"
    assert warehouse.failure(sql)[0].startswith(reason)


def test_properties_are_set_and_unset(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"ALTER TABLE {table} SET TBLPROPERTIES ('write_compression' = 'GZIP')")
    assert "  'write_compression'='gzip'" in warehouse.lines(f"SHOW CREATE TABLE {table}")
    warehouse.succeed(f"ALTER TABLE {table} UNSET TBLPROPERTIES ('write_compression')")
    assert "  'write_compression'='gzip'" not in warehouse.lines(f"SHOW CREATE TABLE {table}")


def test_a_table_gets_another_name(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"ALTER TABLE {table} RENAME TO {table}_new")
    assert warehouse.rows(f"SELECT count(*) FROM {table}_new") == [["3"]]
    assert warehouse.failure(f"SELECT * FROM {table}")[0].startswith("TABLE_NOT_FOUND")


def test_inserts_at_once_are_all_kept(warehouse: Any, table: str) -> None:
    context = {"Database": warehouse.database}
    inserts = [f"INSERT INTO {table} (id) VALUES ({number})" for number in range(10, 14)]
    started = [warehouse.athena.start(sql, QueryExecutionContext=context) for sql in inserts]
    assert [warehouse.athena.wait(query)["Status"]["State"] for query in started] == ["SUCCEEDED"] * 4
    assert warehouse.rows(f"SELECT count(*) FROM {table}") == [["7"]]


def test_an_unknown_property_is_refused(warehouse: Any) -> None:
    reason, _ = warehouse.failure(
        f"CREATE TABLE refused (id int) LOCATION '{warehouse.location('refused')}' "
        "TBLPROPERTIES ('table_type' = 'ICEBERG', 'nothing' = '1')"
    )
    assert reason == "INVALID_TABLE_PROPERTY: line 1:1: Unsupported table property key: nothing"


def test_other_readers_of_iceberg_see_the_same_table(
    warehouse: Any, table: str, local_aws: str, client: Callable[[str], Any]
) -> None:
    keys = {
        "s3.endpoint": local_aws,
        "s3.access-key-id": "test",
        "s3.secret-access-key": "test",
        "s3.region": "us-east-1",
    }
    catalog = GlueCatalog("outside", client=client("glue"), **keys)
    outside = catalog.load_table((warehouse.database, table))
    assert sorted(outside.scan().to_arrow().column("id").to_pylist()) == [1, 2, 3]
    outside.delete("id = 1")
    assert warehouse.rows(f"SELECT id FROM {table} ORDER BY id") == [["2"], ["3"]]
