"""Budgets: the warning of notebook 00, last of all, for it watches the clean-up's bill too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete


def find(search: Search) -> Iterator[Found]:
    """Yield the budget; one without actions is free."""
    budgets, settings = search.client("budgets"), search.settings
    account = {"AccountId": settings.account}
    for budget in search.pages("budgets", "describe_budgets", "Budgets", **account):
        name = budget["BudgetName"]
        arn = f"arn:{settings.partition}:budgets::{settings.account}:budget/{name}"
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(budgets.list_tags_for_resource, "ResourceTags", ResourceARN=arn)
        if search.is_ours("Budgets", "budget", name, arn, {settings.budget}, tagged):
            yield Found(
                "Budgets", "budget", name, arn, partial(delete, budgets.delete_budget, **account, BudgetName=name)
            )
