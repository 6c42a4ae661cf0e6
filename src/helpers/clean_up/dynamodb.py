"""DynamoDB: tables and their backups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers import costs
from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import await_end, delete, if_allowed


def find(search: Search) -> Iterator[Found]:
    """Yield tables and then backups, which outlive their tables."""
    dynamodb, settings = search.client("dynamodb"), search.settings
    known = {settings.activity_table, settings.watch_table}
    ours = set(known)
    for name in search.pages("dynamodb", "list_tables", "TableNames"):
        arn = settings.arn("dynamodb", f"table/{name}")
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(dynamodb.list_tags_of_resource, "Tags", ResourceArn=arn)
        if search.is_ours("DynamoDB", "table", name, arn, known, tagged):
            ours.add(name)
            table = if_allowed(dynamodb.describe_table, TableName=name).get("Table", {})
            size = table.get("TableSizeBytes", 0)
            hourly = costs.table_hourly_usd(size)
            yield Found("DynamoDB", "table", name, arn, partial(_remove, dynamodb, name), hourly, f"{size:,} bytes")
        else:
            ours.discard(name)
    for backup in search.pages("dynamodb", "list_backups", "BackupSummaries"):
        # A system backup, of a deleted table with point-in-time recovery, ends by itself and costs nothing.
        if backup["TableName"] in ours and backup["BackupType"] == "USER":
            arn = backup["BackupArn"]
            yield Found("DynamoDB", "backup", backup["BackupName"], arn, partial(_remove_backup, dynamodb, arn))


def _remove(dynamodb: Any, name: str) -> None:
    delete(dynamodb.delete_table, TableName=name)
    await_end(dynamodb.describe_table, f"table {name}", TableName=name)


def _remove_backup(dynamodb: Any, arn: str) -> None:
    delete(dynamodb.delete_backup, BackupArn=arn)
