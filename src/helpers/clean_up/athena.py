"""Athena: the workgroup with its named queries, prepared statements and history."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete


def find(search: Search) -> Iterator[Found]:
    """Yield named queries, prepared statements, then the workgroup that holds them."""
    athena, settings = search.client("athena"), search.settings
    # Athena has no paginators for workgroups and prepared statements.
    for name in _names(athena.list_work_groups, "WorkGroups", "Name"):
        arn = settings.arn("athena", f"workgroup/{name}")
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(athena.list_tags_for_resource, "Tags", ResourceARN=arn)
        if not search.is_ours("Athena", "workgroup", name, arn, {settings.workgroup}, tagged):
            continue
        for query in search.pages("athena", "list_named_queries", "NamedQueryIds", WorkGroup=name):
            remove = partial(delete, athena.delete_named_query, NamedQueryId=query)
            yield Found("Athena", "named query", query, "", remove)
        for statement in _names(athena.list_prepared_statements, "PreparedStatements", "StatementName", WorkGroup=name):
            remove = partial(delete, athena.delete_prepared_statement, StatementName=statement, WorkGroup=name)
            yield Found("Athena", "prepared statement", statement, "", remove)
        remove = partial(delete, athena.delete_work_group, WorkGroup=name, RecursiveDeleteOption=True)
        yield Found("Athena", "workgroup", name, arn, remove)


def _names(call, key: str, member: str, **arguments: str) -> Iterator[str]:  # type: ignore[no-untyped-def]
    token: dict[str, str] = {}
    while True:
        page = call(**arguments, **token)
        yield from [each[member] for each in page[key]]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
