"""Pictures of a dashboard's visuals, from the rows that its definition makes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from helpers.charts.style import BLUE, GRID, INK, SOFT, grid_figure, label_step
from helpers.quicksight.views import View

Place = tuple[slice, slice]

_ROW_INCHES = 0.26
_MOST_ROWS = 8
_NARROW_COLUMNS = 20


def sheet(placed: list[tuple[Place, View]], controls: list[tuple[str, str]], columns: int, control_rows: int) -> Figure:
    """Draw the visuals of a sheet in its grid, below its controls.

    Parameters
    ----------
    placed
        Rows and columns of the grid that each visual takes.
    controls
        Title and setting of each control.
    columns, control_rows
        Columns of the grid, and how many of its rows the controls take.
    """
    rows = max((place[0].stop for place, _ in placed), default=control_rows)
    places = [(slice(0, control_rows), slice(0, columns)), *(place for place, _ in placed)]
    drawn, (top, *others) = grid_figure(places, rows, columns, height_inches=0.5 + _ROW_INCHES * rows)
    top.axis("off")
    words = "     ".join(f"{title}: {setting}" for title, setting in controls)
    top.text(0, 0.5, words, va="center", fontsize=9, color=SOFT, transform=top.transAxes)
    for axes, ((_, across), found) in zip(others, placed, strict=True):
        draw = _DRAWN.get(found.kind)
        if draw is None:
            _draw_nothing(axes, f"{found.title}\n({found.kind}: only Quick Sight draws it)")
        elif found.rows.empty:
            _draw_nothing(axes, f"{found.title}\nno data")
        else:
            draw(axes, found, across.stop - across.start < _NARROW_COLUMNS)
    return drawn


def _draw_nothing(axes: Axes, words: str) -> None:
    axes.axis("off")
    axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=9, color=SOFT)


def _draw_kpi(axes: Axes, found: View, narrow: bool) -> None:
    axes.axis("off")
    options = found.configuration.get("KPIOptions", {})
    color = options.get("PrimaryValueFontConfiguration", {}).get("FontColor", INK)
    (name,) = found.measures
    words = _written(float(found.rows[name].iloc[0]), name in found.percent)
    axes.text(0.5, 0.62, words, ha="center", va="center", fontsize=22, color=color, fontweight="bold")
    axes.text(0.5, 0.14, textwrap.fill(found.title, 22), ha="center", va="center", fontsize=9, color=SOFT)


def _draw_lines(axes: Axes, found: View, narrow: bool) -> None:
    (over,) = found.dimensions
    places = range(len(found.rows))
    for name in found.measures:
        color = found.color(name) or BLUE
        axes.plot(places, found.rows[name], color=color, marker="o", markersize=3, label=found.names[name])
    _label_places(axes, found.rows[over], narrow)
    axes.set(xlabel=found.label("XAxisLabelOptions"), ylabel=found.label("PrimaryYAxisLabelOptions"), ylim=(0, None))
    _finish(axes, found, "y")


def _draw_bars(axes: Axes, found: View, narrow: bool) -> None:
    over = found.dimensions[0]
    lying = found.configuration.get("Orientation") == "HORIZONTAL"
    places, width = range(len(found.rows)), 0.8 / len(found.measures)
    for number, name in enumerate(found.measures):
        shifted = [place + (number - (len(found.measures) - 1) / 2) * width for place in places]
        color = found.color(name) or BLUE
        bars = axes.barh if lying else axes.bar
        bars(shifted, found.rows[name].to_numpy(dtype=float), width, color=color, label=found.names[name])
    category, value = found.label("CategoryLabelOptions"), found.label("ValueLabelOptions")
    if lying:
        axes.set_yticks(list(places), found.rows[over].astype(str).tolist())
        axes.invert_yaxis()
        axes.set(xlabel=value)
    else:
        _label_places(axes, found.rows[over], narrow)
        axes.set(xlabel=category, ylabel=value)
    if len(found.measures) > 1:
        axes.legend(frameon=False, fontsize=9)
    _finish(axes, found, "x" if lying else "y")


def _draw_heat_map(axes: Axes, found: View, narrow: bool) -> None:
    down, across = found.dimensions
    (name,) = found.measures
    cells = found.rows.pivot(index=down, columns=across, values=name).fillna(0)
    colors = [each["Color"] for each in found.configuration.get("ColorScale", {}).get("Colors", [])]
    scale = LinearSegmentedColormap.from_list("definition", colors) if colors else "cividis"
    image = axes.imshow(cells.to_numpy(dtype=float), aspect="auto", cmap=scale)
    axes.set_yticks(range(len(cells)), cells.index.astype(str).tolist())
    step = label_step(len(cells.columns))
    axes.set_xticks(range(0, len(cells.columns), step), [_short(value) for value in cells.columns[::step]])
    axes.set(xlabel=found.label("ColumnLabelOptions"))
    axes.grid(visible=False)
    shown = FuncFormatter(lambda value, _: _written(value, name in found.percent))
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10])
    axes.figure.colorbar(image, ax=axes, format=shown, ticks=ticks).ax.tick_params(labelsize=8)
    _finish(axes, found, None)


def _draw_table(axes: Axes, found: View, narrow: bool) -> None:
    axes.axis("off")
    _title(axes, found)
    shown = [*found.dimensions, *found.measures]
    rows = found.rows[shown].head(_MOST_ROWS)
    cells = [[_cell(value, name in found.percent) for name, value in row.items()] for _, row in rows.iterrows()]
    left = [name for name in shown if not pd.api.types.is_numeric_dtype(found.rows[name])]
    heads = [found.names[name] for name in shown]
    letters = [max(map(len, column)) + 3 for column in zip(heads, *cells, strict=True)]
    widths = [count / sum(letters) for count in letters]
    height = (len(cells) + 1) / (_MOST_ROWS + 1)
    box = Bbox.from_bounds(0, 1 - height, 1, height)
    grid = axes.table(cells, colLabels=heads, colWidths=widths, bbox=box, cellLoc="right")
    grid.auto_set_font_size(False)
    grid.set_fontsize(9)
    for (row, number), cell in grid.get_celld().items():
        cell.set_edgecolor(GRID)
        cell.set_text_props(color=SOFT if row == 0 else INK, ha="left" if shown[number] in left else "right")


_DRAWN: dict[str, Callable[[Axes, View, bool], None]] = {
    "KPIVisual": _draw_kpi,
    "LineChartVisual": _draw_lines,
    "BarChartVisual": _draw_bars,
    "HeatMapVisual": _draw_heat_map,
    "PivotTableVisual": _draw_table,
    "TableVisual": _draw_table,
}


def _title(axes: Axes, found: View) -> None:
    axes.set_title(found.title, loc="left", fontsize=10, color=INK)


def _finish(axes: Axes, found: View, values: str | None) -> None:
    """Title a chart, make its letters fit, and write percentages as such."""
    _title(axes, found)
    axes.tick_params(labelsize=8)
    axes.xaxis.label.set_fontsize(9)
    axes.yaxis.label.set_fontsize(9)
    if values is not None:
        axis = axes.yaxis if values == "y" else axes.xaxis
        percent = any(name in found.percent for name in found.measures)
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _written(value, percent)))


def _label_places(axes: Axes, keys: pd.Series, narrow: bool) -> None:
    step = label_step(len(keys)) * (2 if narrow else 1)
    axes.set_xticks(range(0, len(keys), step), [_short(key) for key in keys.iloc[::step]])


def _short(key: object) -> str:
    if isinstance(key, pd.Timestamp):
        return f"{key:%d %b}"
    return f"{key:g}" if isinstance(key, float) else str(key)


def _written(value: float, percent: bool) -> str:
    if percent:
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.1f}"


def _cell(value: object, percent: bool) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _written(value, percent) if isinstance(value, float) else str(value)
