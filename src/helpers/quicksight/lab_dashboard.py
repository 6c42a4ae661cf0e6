"""The lab's dashboard as a definition: the four insights on one sheet, the live windows on another.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardVersionDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpers.bot_rule import BotRule
from helpers.charts.style import BLUE, GREEN, ORANGE, RED, SKY
from helpers.quicksight import controls, fields, visuals

INSIGHTS, LIVE = "insights", "live"
COLUMNS = 36
# From a quiet hour to a crowded one: both ends of the palette that notebook 06 uses.
_QUIET, _CROWDED = "#00224E", "#FEE838"
_MOST_ACTIONS = 60

Definition = dict[str, Any]
_Placed = tuple[dict[str, Any], tuple[int, int, int, int]]


def lab_definition(
    arns: Mapping[str, str], first: datetime, last: datetime, categories: list[str], rule: BotRule
) -> Definition:
    """Return the definition of the lab's analysis and dashboard.

    Parameters
    ----------
    arns
        ARNs of the data sets `visitors`, `carts`, `hours`, `brands` and `windows`.
    first, last
        The period that the sheets begin with, in UTC: boto3 takes moments without a zone for local time.
    categories
        The category codes that the heat map begins with.
    rule
        When a window is kept, which is where the slider begins.
    """
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": name, "DataSetArn": arn} for name, arn in arns.items()],
        "CalculatedFields": [
            {"DataSetIdentifier": "carts", "Name": "rate", "Expression": "sum({abandoned}) / sum({carted})"},
            {
                "DataSetIdentifier": "hours",
                "Name": "share",
                "Expression": "percentOfTotal(sum({events}), [{category}])",
            },
        ],
        "ParameterDeclarations": [
            controls.day_parameter("FirstDay", first),
            controls.day_parameter("LastDay", last),
            controls.texts_parameter("Category", categories),
            controls.number_parameter("LeastActions", rule.activity_over + 1),
        ],
        "FilterGroups": [
            *(
                controls.on_sheet(INSIGHTS, controls.between_days(f"{name}-days", name, "day", "FirstDay", "LastDay"))
                for name in ("visitors", "carts", "hours")
            ),
            controls.on_sheet(INSIGHTS, controls.one_of("hours-category", "hours", "category", "Category")),
            controls.on_sheet(LIVE, controls.at_least("windows-actions", "windows", "actions", "LeastActions")),
            controls.on_sheet(LIVE, controls.any_of("windows-alarmed", "windows", "alarmed")),
        ],
        "Sheets": [_insights(), _live()],
    }


def _insights() -> dict[str, Any]:
    visitors = fields.measure("visitors", "visitors")
    rate = fields.calculated("carts", "rate", percent=True)
    carted, abandoned = fields.measure("carts", "carted"), fields.measure("carts", "abandoned")
    expected, sold = fields.measure("brands", "expected"), fields.measure("brands", "purchases")
    missing = fields.measure("brands", "missing")
    hours = visuals.heat_map(
        "hours", "When is each category busy?", fields.text("hours", "category"), fields.number("hours", "hour"),
        fields.calculated("hours", "share", percent=True), ("category", "hour of the day, UTC"), [_QUIET, _CROWDED],
    )  # fmt: skip
    brands = visuals.bar_chart(
        "brands", "Which brands need marketing?", fields.text("brands", "brand"), [expected, sold],
        ("brand", "purchases"), [SKY, GREEN], ranked_by=fields.by_column("brands", "missing"),
    )  # fmt: skip
    average = fields.measure("visitors", "visitors", "AVERAGE")
    day, cart_day = fields.day("visitors", "day"), fields.day("carts", "day")
    placed: list[_Placed] = [
        (visuals.kpi("visitors-a-day", "visitors a day", average, BLUE), (0, 0, 12, 4)),
        (visuals.kpi("abandoned", "of carted products left behind", rate, RED), (12, 0, 12, 4)),
        (visuals.kpi("missing", "purchases missing", missing, GREEN), (24, 0, 12, 4)),
        (
            visuals.line_chart("visitors", "How many people visit us?", day, visitors, ("day", "visitors"), BLUE),
            (0, 4, 18, 8),
        ),
        (
            visuals.line_chart("rate", "Which share is abandoned?", cart_day, rate, ("day", "abandoned"), RED),
            (18, 4, 18, 8),
        ),
        (hours, (0, 12, 36, 9)),
        (
            visuals.pivot_table(
                "left", "What is left in the cart?", fields.text("carts", "category"), [carted, abandoned, rate],
                abandoned,
            ),
            (0, 21, 36, 9),
        ),
        (brands, (0, 30, 36, 10)),
    ]  # fmt: skip
    shown = [
        controls.day_picker("FirstDay", "first day"),
        controls.day_picker("LastDay", "last day"),
        controls.drop_down("Category", "categories", "hours", "category"),
    ]
    return _sheet(INSIGHTS, "The four answers", placed, parameter_controls=shown)


def _live() -> dict[str, Any]:
    actions = fields.plain("windows", "actions")
    columns = [fields.plain("windows", name) for name in ("window_start", "user_id")]
    windows = fields.count("windows", "user_id")
    by_day = visuals.bar_chart(
        "windows-a-day", "Windows of each day", fields.day("windows", "window_start"), [windows],
        ("day", "windows"), [ORANGE],
    )  # fmt: skip
    placed: list[_Placed] = [
        (visuals.kpi("windows", "windows", windows, ORANGE), (0, 0, 12, 4)),
        (visuals.kpi("users", "users", fields.count("windows", "user_id", distinct=True), BLUE), (12, 0, 12, 4)),
        (visuals.kpi("most", "actions at most", fields.measure("windows", "actions", "MAX"), RED), (24, 0, 12, 4)),
        (by_day, (0, 4, 36, 8)),
        (
            visuals.table(
                "busiest", "The busiest windows", [*columns, actions, fields.plain("windows", "alarmed")], actions
            ),
            (0, 12, 36, 9),
        ),
    ]
    return _sheet(
        LIVE,
        "The live windows",
        placed,
        parameter_controls=[controls.slider("LeastActions", "least actions", 1, _MOST_ACTIONS)],
        filter_controls=[controls.filter_list("windows-alarmed", "alarmed")],
    )


def _sheet(
    name: str,
    title: str,
    placed: list[_Placed],
    *,
    parameter_controls: list[dict[str, Any]],
    filter_controls: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    elements = []
    for visual, (left, top, width, height) in placed:
        ((_, body),) = visual.items()
        place = {"ColumnIndex": left, "ColumnSpan": width, "RowIndex": top, "RowSpan": height}
        elements.append({"ElementId": body["VisualId"], "ElementType": "VISUAL", **place})
    return {
        "SheetId": name,
        "Name": title,
        "ContentType": "INTERACTIVE",
        "Visuals": [visual for visual, _ in placed],
        "ParameterControls": parameter_controls,
        "FilterControls": filter_controls or [],
        "Layouts": [{"Configuration": {"GridLayout": {"Elements": elements}}}],
    }
