"""Named queries: made, listed by workgroup, changed, deleted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

QUERY = {"Name": "daily", "Database": "shop", "QueryString": "SELECT 1", "Description": "each day"}


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_named_query_reads_back(athena: Any) -> None:
    query_id = athena.api.create_named_query(**QUERY)["NamedQueryId"]
    held = athena.api.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    assert held == {**QUERY, "NamedQueryId": query_id, "WorkGroup": "primary"}


def test_a_named_query_is_changed_and_deleted(athena: Any) -> None:
    query_id = athena.api.create_named_query(**QUERY)["NamedQueryId"]
    athena.api.update_named_query(NamedQueryId=query_id, Name="hourly", QueryString="SELECT 2")
    held = athena.api.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    assert (held["Name"], held["QueryString"], held["Database"]) == ("hourly", "SELECT 2", "shop")
    athena.api.delete_named_query(NamedQueryId=query_id)
    assert refusal(athena.api.get_named_query, NamedQueryId=query_id) == (
        "InvalidRequestException",
        f"NamedQuery {query_id} was not found",
    )


def test_the_same_token_makes_one_query(athena: Any) -> None:
    token = uuid.uuid4().hex
    first = athena.api.create_named_query(**QUERY, ClientRequestToken=token)["NamedQueryId"]
    assert athena.api.create_named_query(**QUERY, ClientRequestToken=token)["NamedQueryId"] == first
    changed = {**QUERY, "Name": "other", "ClientRequestToken": token}
    assert refusal(athena.api.create_named_query, **changed)[1] == "Idempotent parameters do not match"


def test_named_queries_are_listed_by_workgroup(athena: Any) -> None:
    group = f"named-{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(Name=group)
    ids = [athena.api.create_named_query(**QUERY, WorkGroup=group)["NamedQueryId"] for _ in range(3)]
    pages = athena.api.get_paginator("list_named_queries").paginate(WorkGroup=group, PaginationConfig={"PageSize": 2})
    assert sorted(query_id for page in pages for query_id in page["NamedQueryIds"]) == sorted(ids)
    assert not set(ids) & set(athena.api.list_named_queries()["NamedQueryIds"])
    assert refusal(athena.api.create_named_query, **QUERY, WorkGroup="nope")[1] == "WorkGroup is not found."
    assert refusal(athena.api.delete_work_group, WorkGroup=group)[1] == f"WorkGroup {group} is not empty"


def test_a_batch_tells_known_from_unknown(athena: Any) -> None:
    query_id = athena.api.create_named_query(**QUERY)["NamedQueryId"]
    answer = athena.api.batch_get_named_query(NamedQueryIds=[query_id, "unknown"])
    assert [held["NamedQueryId"] for held in answer["NamedQueries"]] == [query_id]
    assert [held["NamedQueryId"] for held in answer["UnprocessedNamedQueryIds"]] == ["unknown"]


@pytest.mark.parametrize(("length", "refused"), [(128, False), (129, True)])
def test_a_name_has_at_most_128_characters(athena: Any, length: int, refused: bool) -> None:
    query = {**QUERY, "Name": "n" * length}
    if refused:
        message = refusal(athena.api.create_named_query, **query)[1]
        assert "Value at 'name' failed to satisfy constraint: Member must have length less than" in message
    else:
        assert athena.api.create_named_query(**query)["NamedQueryId"]
