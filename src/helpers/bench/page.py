"""The benchmark as one HTML page: the table, what bounds each figure, what it would be on AWS, and pictures."""

from __future__ import annotations

import base64
import io
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, select_autoescape

from helpers.bench import record
from helpers.bench.figure import Figure
from helpers.bench.texts import number_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_DPI = 150
# Details that are named by a number of events and a unit make a curve.
_EVENTS = re.compile(r"([\d,]+) events, (.+)")


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it: `data_uri` is the PNG, `alt` says what it shows to who cannot see it."""

    title: str
    alt: str
    data_uri: str


def write_page(build_dir: Path) -> Path | None:
    """Write `report/bench.html` from `bench.json` and return its path; None if nothing was measured."""
    if not record.path_of(build_dir).is_file():
        return None
    found = record.read(build_dir)
    figures = [record.as_figure(entry) for entry in found["figures"]]
    environment = Environment(
        loader=PackageLoader("helpers.bench"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"median": statistics.median, "number": number_text}
    page = environment.get_template("bench.html").render(
        machine=found["machine"], parts=found["parts"], figures=figures, pictures=pictures(figures)
    )
    path = build_dir / "report" / "bench.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def pictures(figures: list[Figure]) -> list[Picture]:
    """Draw the figures: all of them against their targets, then each by itself."""
    # Here, since every command imports this module, and matplotlib takes half a second.
    from helpers.charts import bench as charts

    drawn = []
    shares = {figure.name: share for figure in figures if (share := beyond_target(figure)) is not None}
    if shares:
        alt = "Bars: by how much each figure is better or worse than its target."
        drawn.append(Picture("Better than asked for, or worse", alt, _data_uri(charts.beyond_target(shares))))
    for figure in figures:
        points, unit = curve(figure)
        if len(points) > 1:
            alt = f"Dots: {figure.name} by number of events, and a straight line through the ends."
            drawn.append(Picture(figure.name, alt, _data_uri(charts.growth(points, unit))))
        elif len(figure.ours) > 1:
            alt = f"Dots: each run of {figure.name}" + (f", and of {figure.against}." if figure.baseline else ".")
            picture = charts.runs(figure.ours, figure.baseline, figure.against, figure.unit)
            drawn.append(Picture(figure.name, alt, _data_uri(picture)))
    return drawn


def beyond_target(figure: Figure) -> float | None:
    """Return how many times as good as its target a figure is; None where a ratio says nothing."""
    if figure.result <= 0 or figure.target <= 0:
        return None
    return figure.result / figure.target if figure.more_is_better else figure.target / figure.result


def curve(figure: Figure) -> tuple[dict[int, float], str]:
    """Return values by number of events, and their unit, of the details named such as `250,000 events, s`."""
    found = {name: _EVENTS.fullmatch(name) for name in figure.details}
    points = {int(match[1].replace(",", "")): figure.details[name] for name, match in found.items() if match}
    return points, next((match[2] for match in found.values() if match), "")


def _data_uri(drawn: Drawing) -> str:
    image = io.BytesIO()
    drawn.savefig(image, format="png", dpi=_DPI)
    return "data:image/png;base64," + base64.b64encode(image.getvalue()).decode("ascii")
