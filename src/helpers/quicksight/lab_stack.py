"""What notebook 11 makes of Quick Sight, as resources of a CloudFormation template."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from helpers.bot_rule import BotRule
from helpers.quicksight.grants import owner
from helpers.quicksight.lab_dashboard import Definition, lab_definition
from helpers.quicksight.lesson import Lesson, lab_lesson
from helpers.settings import Settings

Resources = dict[str, dict[str, Any]]

_CONDITION = "WithQuickSight"
_OWNER = "QuickSightOwner"
_SOURCE, _WINDOWS = "QuickSightSource", "WindowsTable"


class Ref(str):
    """The logical name of a resource or parameter whose value is meant."""


class Arn(str):
    """The logical name of a resource whose ARN is meant."""


def quick_sight_resources(settings: Settings) -> Resources:
    """Return the resources by their logical names; the template has the table of windows and the parameters."""
    lesson, mine = lab_lesson(settings, Arn(_SOURCE)), {"AwsAccountId": settings.account}
    source = {
        "DataSourceId": settings.quicksight_source,
        "Name": "The lab's Athena",
        "Type": "ATHENA",
        "DataSourceParameters": {"AthenaParameters": {"WorkGroup": Ref("WorkGroup")}},
    }
    definition = _definition({name: Arn(_logical(name)) for name in lesson.tables})
    analysis = {"AnalysisId": settings.quicksight_analysis, "Name": "The shop", "Definition": definition}
    dashboard = {"DashboardId": settings.quicksight_dashboard, "Name": "The shop", "Definition": definition}
    return {
        _SOURCE: _owned("DataSource", mine | source, settings),
        **{_logical(name): _data_set(name, lesson, mine, settings) for name in lesson.tables},
        **{f"{_logical(name)}Schedule": _schedule(name, lesson, mine, settings) for name in lesson.imported},
        "QuickSightAnalysis": _owned("Analysis", mine | analysis, settings),
        "QuickSightDashboard": _owned("Dashboard", mine | dashboard, settings),
    }


def _logical(name: str) -> str:
    return f"QuickSight{name.title()}"


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::QuickSight::{kind}", "Condition": _CONDITION, "Properties": properties}


def _owned(kind: str, properties: dict[str, Any], settings: Settings) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
    return _resource(kind, properties | {"Permissions": owner(kind, Ref(_OWNER)), "Tags": tags})


def _data_set(name: str, lesson: Lesson, mine: dict[str, Any], settings: Settings) -> dict[str, Any]:
    imported = name in lesson.imported
    properties = {
        "DataSetId": settings.quicksight_data_set(name),
        "Name": name,
        "ImportMode": "SPICE" if imported else "DIRECT_QUERY",
        # The events may not be there yet: then the import fails, and not the stack.
        **({"IngestionWaitPolicy": {"WaitForSpiceIngestion": False}} if imported else {}),
        "PhysicalTableMap": {"rows": lesson.tables[name]},
    }
    made = _owned("DataSet", mine | properties, settings)
    return made if imported else {"Type": made["Type"], "DependsOn": _WINDOWS} | made


def _schedule(name: str, lesson: Lesson, mine: dict[str, Any], settings: Settings) -> dict[str, Any]:
    # The template's name for it differs from the API's.
    frequency = lesson.schedule["ScheduleFrequency"]
    renamed = {"TimeZone" if key == "Timezone" else key: value for key, value in frequency.items()}
    schedule = lesson.schedule | {"ScheduleFrequency": renamed}
    properties = mine | {"DataSetId": settings.quicksight_data_set(name), "Schedule": schedule}
    made = _resource("RefreshSchedule", properties)
    return {"Type": made["Type"], "DependsOn": _logical(name)} | made


def _definition(arns: dict[str, str]) -> Definition:
    """Return the definition of the analysis and the dashboard, which begins with what the stack's parameters say."""
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
