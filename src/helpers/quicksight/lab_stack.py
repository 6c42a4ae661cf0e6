"""The lab's analysis and dashboard as resources of a CloudFormation template."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from helpers.bot_rule import BotRule
from helpers.quicksight.grants import owner
from helpers.quicksight.lab_dashboard import Definition, lab_definition
from helpers.settings import Settings

Resources = dict[str, dict[str, Any]]

_DATA_SETS = ("visitors", "carts", "hours", "brands", "windows")


class Ref(str):
    """The logical name of a resource or parameter whose value is meant."""


class Arn(str):
    """The logical name of a resource whose ARN is meant."""


def quick_sight_resources(settings: Settings) -> Resources:
    """Return the analysis and the dashboard by their logical names; the template has all that they need."""
    definition = _definition()
    analysis = {"AnalysisId": settings.quicksight_analysis, "Name": "The shop", "Definition": definition}
    dashboard = {"DashboardId": settings.quicksight_dashboard, "Name": "The shop", "Definition": definition}
    return {
        "QuickSightAnalysis": _resource("Analysis", analysis, settings),
        "QuickSightDashboard": _resource("Dashboard", dashboard, settings),
    }


def _resource(kind: str, properties: dict[str, Any], settings: Settings) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
    owned = {"Permissions": owner(kind, Ref("QuickSightOwner")), "Tags": tags}
    return {
        "Type": f"AWS::QuickSight::{kind}",
        "Condition": "WithQuickSight",
        "Properties": {"AwsAccountId": settings.account, **properties, **owned},
    }


def _definition() -> Definition:
    """Return the definition of both, which begins with what the stack's parameters say."""
    arns = {name: Arn(f"QuickSight{name.title()}") for name in _DATA_SETS}
    any_day = datetime(2000, 1, 1, tzinfo=UTC)
    definition = lab_definition(arns, any_day, any_day, [], BotRule())
    given = {
        "FirstDay": [Ref("QuickSightFirstDay")],
        "LastDay": [Ref("QuickSightLastDay")],
        "Category": Ref("QuickSightCategories"),
    }
    for each in definition["ParameterDeclarations"]:
        ((_, declared),) = each.items()
        if declared["Name"] in given:
            declared["DefaultValues"]["StaticValues"] = given[declared["Name"]]
    return definition
