"""The picture of a dashboard comes from its definition: filters, fields, order, colours and grid."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from helpers.bot_rule import BotRule
from helpers.quicksight import controls, fields, visuals
from helpers.quicksight.drawing import NoSheetError, draw_sheet
from helpers.quicksight.errors import NotDrawnError
from helpers.quicksight.expressions import aggregate
from helpers.quicksight.filters import parameter_values, visible_rows
from helpers.quicksight.lab_dashboard import lab_definition
from helpers.quicksight.views import View, view

DAYS = pd.to_datetime(["2019-10-01", "2019-10-01", "2019-10-02", "2019-10-03"])
CARTS = pd.DataFrame(
    {"day": DAYS, "category": ["a", "b", "a", "c"], "carted": [4.0, 2.0, 6.0, 5.0], "abandoned": [1.0, 1.0, 4.0, 0.0]}
)
TABLES = {"carts": CARTS}
RATE = {"DataSetIdentifier": "carts", "Name": "rate", "Expression": "sum({abandoned}) / sum({carted})"}


def shown(visual: dict[str, Any], **definition: Any) -> View:
    return view(visual, TABLES, definition)


def bars(**changes: Any) -> dict[str, Any]:
    over, value = fields.text("carts", "category"), fields.measure("carts", "carted")
    return visuals.bar_chart("b", "Bars", over, [value], ("category", "carted"), ["#0072B2"], **changes)


def test_measures_are_added_up_by_dimension_in_its_order() -> None:
    found = shown(bars()).rows
    assert found.to_numpy().tolist() == [["a", 10.0], ["b", 2.0], ["c", 5.0]]


def test_the_largest_of_a_column_that_is_not_shown_come_first_and_the_others_are_left_out() -> None:
    found = shown(bars(ranked_by=fields.by_column("carts", "abandoned"), most=2)).rows
    assert found.to_numpy().tolist() == [["a", 10.0], ["b", 2.0]]


def test_a_calculated_rate_is_one_sum_over_another() -> None:
    rate = visuals.kpi("k", "Rate", fields.calculated("carts", "rate", percent=True), "#0072B2")
    found = shown(rate, CalculatedFields=[RATE])
    assert found.rows.iloc[0, 0] == 6 / 17
    assert found.percent == {"carts.rate"}


def test_a_share_of_the_total_is_of_its_own_part() -> None:
    by = {"category": CARTS["category"], "day": CARTS["day"]}
    shares = aggregate("percentOfTotal(sum({carted}), [{category}])", CARTS, by)
    assert shares["a"].tolist() == [0.4, 0.6]
    assert shares["c"].tolist() == [1.0]


def test_a_quotient_by_nothing_is_no_number() -> None:
    found = aggregate("sum({carted}) / sum({abandoned})", CARTS, {"category": CARTS["category"]})
    assert np.isnan(found["c"])


@pytest.mark.parametrize("expression", ["rank([sum({carted})])", "sum({carted}", "'text'", "sum({carted}) ** 2"])
def test_an_expression_that_is_not_known_is_named(expression: str) -> None:
    with pytest.raises(NotDrawnError, match="calculated field"):
        aggregate(expression, CARTS, {"category": CARTS["category"]})


def period() -> dict[str, Any]:
    between = controls.between_days("f", "carts", "day", "FirstDay", "LastDay")
    return {
        "ParameterDeclarations": [
            controls.day_parameter("FirstDay", datetime(2019, 10, 1)),
            controls.day_parameter("LastDay", datetime(2019, 10, 2)),
        ],
        "FilterGroups": [controls.on_sheet("sheet", between)],
    }


def seen(definition: dict[str, Any], given: dict[str, Any] | None = None, sheet: str = "sheet") -> list[str]:
    values = parameter_values(definition, given)
    rows = visible_rows(definition, sheet, "visual", TABLES, values)["carts"]
    return [str(value) for value in rows["category"]]


def test_days_are_kept_with_both_ends() -> None:
    assert seen(period()) == ["a", "b", "a"]
    given = {"DateTimeParameters": [{"Name": "FirstDay", "Values": [datetime(2019, 10, 2)]}]}
    assert seen(period(), given) == ["a"]


def test_a_moment_with_a_zone_is_the_day_in_utc() -> None:
    late = datetime(2019, 10, 2, 1, tzinfo=timezone(timedelta(hours=2)))
    given = {"DateTimeParameters": [{"Name": "LastDay", "Values": [late]}]}
    assert seen(period(), given) == ["a", "b"]


def test_a_filter_holds_on_its_sheet_and_while_it_is_enabled() -> None:
    assert len(seen(period(), sheet="other")) == len(CARTS)
    disabled = period()
    disabled["FilterGroups"][0]["Status"] = "DISABLED"
    assert len(seen(disabled)) == len(CARTS)


def test_texts_are_kept_by_a_parameter_or_all_of_them() -> None:
    declared = [controls.texts_parameter("Category", ["a", "c"])]
    chosen = controls.on_sheet("sheet", controls.one_of("f", "carts", "category", "Category"))
    assert seen({"ParameterDeclarations": declared, "FilterGroups": [chosen]}) == ["a", "a", "c"]
    everything = controls.on_sheet("sheet", controls.any_of("f", "carts", "category"))
    assert len(seen({"FilterGroups": [everything]})) == len(CARTS)


def test_numbers_are_kept_from_the_least_on() -> None:
    declared = [controls.number_parameter("Least", 5)]
    group = controls.on_sheet("sheet", controls.at_least("f", "carts", "carted", "Least"))
    assert seen({"ParameterDeclarations": declared, "FilterGroups": [group]}) == ["a", "c"]


def test_a_filter_that_is_not_known_is_named() -> None:
    group = controls.on_sheet("sheet", {"TopBottomFilter": {"FilterId": "f", "Column": fields.column("carts", "day")}})
    with pytest.raises(NotDrawnError, match="TopBottomFilter"):
        seen({"FilterGroups": [group]})


@pytest.fixture(scope="module")
def lab() -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The lab's definition on a few rows."""
    hours = CARTS.assign(hour=[1.0, 2.0, 1.0, 5.0], events=1.0)[["day", "hour", "category", "events"]]
    brands = pd.DataFrame({"brand": ["x", "y"], "purchases": [1.0, 2.0], "expected": [5.0, 4.0], "missing": [4.0, 2.0]})
    windows = pd.DataFrame(
        {"window_start": DAYS, "user_id": list("1123"), "actions": [9.0, 30.0, 7.0, 5.0], "alarmed": ["no"] * 4}
    )
    visitors = pd.DataFrame({"day": DAYS.unique(), "visitors": [5.0, 6.0, 7.0]})
    rows = {"visitors": visitors, "carts": CARTS, "hours": hours, "brands": brands, "windows": windows}
    arns = dict.fromkeys(rows, "arn")
    return lab_definition(arns, DAYS[0].to_pydatetime(), DAYS[-1].to_pydatetime(), ["a", "c"], BotRule()), rows


def words(drawn: Figure) -> list[str]:
    found = []
    for axes in drawn.get_axes():
        found += [text.get_text() for text in axes.texts] + [axes.get_title(loc="left")]
    return found


def test_the_sheets_of_the_lab_are_drawn(lab: tuple[dict[str, Any], dict[str, pd.DataFrame]]) -> None:
    definition, rows = lab
    insights = draw_sheet(definition, "insights", rows)
    titles = words(insights)
    assert "first day: 2019-10-01     last day: 2019-10-03     categories: 2 chosen" in titles
    for title in ("How many people visit us?", "When is each category busy?", "Which brands need marketing?"):
        assert title in titles
    assert "35%" in titles, "the key figure of abandoned carts"
    heat = next(axes for axes in insights.get_axes() if axes.images)
    assert [label.get_text() for label in heat.get_yticklabels()] == ["a", "c"]


def test_windows_below_the_slider_are_not_on_the_live_sheet(
    lab: tuple[dict[str, Any], dict[str, pd.DataFrame]],
) -> None:
    definition, rows = lab
    assert "3" in words(draw_sheet(definition, "live", rows))
    given = {"IntegerParameters": [{"Name": "LeastActions", "Values": [30]}]}
    assert "1" in words(draw_sheet(definition, "live", rows, given))


def placed(visual: dict[str, Any]) -> dict[str, Any]:
    ((_, body),) = visual.items()
    element = {"ElementId": body["VisualId"], "ElementType": "VISUAL", "ColumnSpan": 36, "RowSpan": 8}
    layout = {"Configuration": {"GridLayout": {"Elements": [element]}}}
    return {"Sheets": [{"SheetId": "sheet", "Visuals": [visual], "Layouts": [layout]}], "CalculatedFields": [RATE]}


def test_colours_labels_and_direction_are_those_of_the_definition() -> None:
    upright = draw_sheet(placed(bars()), "sheet", TABLES).get_axes()[-1]
    assert {to_hex(bar.get_facecolor()) for bar in upright.patches} == {"#0072b2"}
    assert (upright.get_xlabel(), upright.get_ylabel()) == ("category", "carted")
    assert [bar.get_height() for bar in upright.patches] == [10, 2, 5]
    lying = draw_sheet(placed(bars(ranked_by=fields.by_column("carts", "carted"))), "sheet", TABLES).get_axes()[-1]
    assert [bar.get_width() for bar in lying.patches] == [10, 5, 2]


def test_what_has_no_rows_or_no_picture_says_so() -> None:
    empty = draw_sheet(placed(bars()), "sheet", {"carts": CARTS.head(0)})
    assert "Bars\nno data" in words(empty)
    pie = {"PieChartVisual": bars()["BarChartVisual"]}
    assert any("only Quick Sight draws it" in text for text in words(draw_sheet(placed(pie), "sheet", TABLES)))


def test_a_sheet_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSheetError, match="no sheet 'other': it has sheet"):
        draw_sheet(placed(bars()), "other", TABLES)
