"""IAM: roles, with the policies in and on them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete, exists


def find(search: Search) -> Iterator[Found]:
    """Yield the roles, last of what works with them."""
    iam, settings = search.client("iam"), search.settings
    known = {
        settings.crawler_role,
        settings.delivery_role,
        settings.etl_role,
        settings.flink_role,
        settings.functions_role,
    }
    for role in search.pages("iam", "list_roles", "Roles"):
        name, arn = role["RoleName"], role["Arn"]
        # The tagging API does not know roles.
        tagged = project_asked(iam.list_role_tags, "Tags", RoleName=name) if search.looks_similar(name) else None
        if search.is_ours("IAM", "role", name, arn, known, tagged):
            yield Found("IAM", "role", name, arn, partial(_remove, iam, name))


def _remove(iam: Any, name: str) -> None:
    role = {"RoleName": name}
    if exists(iam.get_role, **role) is None:
        return
    for page in iam.get_paginator("list_role_policies").paginate(**role):
        for policy in page["PolicyNames"]:
            delete(iam.delete_role_policy, **role, PolicyName=policy)
    for page in iam.get_paginator("list_attached_role_policies").paginate(**role):
        for policy in page["AttachedPolicies"]:
            delete(iam.detach_role_policy, **role, PolicyArn=policy["PolicyArn"])
    delete(iam.delete_role, **role)
