"""One look for every picture, and the place where pictures are kept for the report."""

from __future__ import annotations

import json
import math
import textwrap
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.settings import Settings
from helpers.whole_file import whole_file, write_whole

# Okabe and Ito's palette: distinct for colour-blind eyes.
BLUE, ORANGE, GREEN, RED, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9"
INK, SOFT, GRID = "#1c2733", "#5b6875", "#d9e0e6"
VIEW, CART, PURCHASE = BLUE, ORANGE, GREEN

# Narrow, with large letters: on a phone, where it is 6 cm wide, a picture must still be legible.
_WIDTH_INCHES = 6.4
_DPI = 150
_MOST_LABELS = 7
_CAPTION_LETTERS, _CAPTION_LINE_INCHES = 92, 0.2


def figure(
    columns: int = 1, rows: int = 1, height_inches: float = 3.6, *, share_y: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of the course's size with its axes, row by row."""
    with plt.rc_context(_look()):
        drawn, grid = plt.subplots(
            rows, columns, figsize=(_WIDTH_INCHES, height_inches), squeeze=False, sharey=share_y, layout="constrained"
        )
    return _bare(drawn, [axes for row in grid for axes in row])


def grid_figure(
    places: list[tuple[slice, slice]], rows: int, columns: int, height_inches: float
) -> tuple[Figure, list[Axes]]:
    """Return an empty figure whose axes span rows and columns of a grid, as `places` has them."""
    # The lines of the grid at which something begins or ends: laying out all of them takes seconds.
    across = sorted({0, columns, *(edge for _, place in places for edge in (place.start, place.stop))})
    down = sorted({0, rows, *(edge for place, _ in places for edge in (place.start, place.stop))})
    with plt.rc_context(_look()):
        drawn = plt.figure(figsize=(_WIDTH_INCHES, height_inches), layout="constrained")
        grid = drawn.add_gridspec(
            len(down) - 1, len(across) - 1, width_ratios=np.diff(across), height_ratios=np.diff(down)
        )
        # Each in a figure of its own, so that long labels of one do not push the others aside.
        axes = [drawn.add_subfigure(grid[_between(down, row), _between(across, column)]).subplots()
                for row, column in places]  # fmt: skip
    return _bare(drawn, axes)


def _between(lines: list[int], place: slice) -> slice:
    return slice(lines.index(place.start), lines.index(place.stop))


def _bare(drawn: Figure, axes: list[Axes]) -> tuple[Figure, list[Axes]]:
    # Shown where a cell returns it, and not once more at the cell's end.
    plt.close(drawn)
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.set_axisbelow(True)
    return drawn, axes


def save(drawn: Figure, settings: Settings, notebook: str, name: str, *, title: str, alt: str, sentence: str) -> Figure:
    """Title a picture, keep it for the report and return it to be shown.

    Parameters
    ----------
    drawn
        The picture.
    notebook
        Number of the notebook, `02`.
    name
        Stem of the file within the notebook.
    title
        What the picture is.
    alt
        What it shows, for who cannot see it.
    sentence
        What to read off it.
    """
    drawn.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    folder = settings.figures_dir
    stem = folder / f"{notebook}_{name}"
    with whole_file(stem.with_suffix(".png")) as part:
        drawn.savefig(part, dpi=_DPI)
    about = {"notebook": notebook, "order": _order(folder, stem), "title": title, "alt": alt, "sentence": sentence}
    write_whole(stem.with_suffix(".json"), json.dumps(about, indent=2) + "\n")
    _caption(drawn, sentence)
    return drawn


def _caption(drawn: Figure, sentence: str) -> None:
    """Write the sentence below the picture that the notebook shows; the report has it as text of its own."""
    lines = textwrap.wrap(sentence, _CAPTION_LETTERS)
    drawn.set_figheight(drawn.get_figheight() + _CAPTION_LINE_INCHES * len(lines))
    drawn.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=10, color=SOFT)


def label_step(labels: int) -> int:
    """Return which of the labels of an axis to write, 2 for every second one, so that they do not touch."""
    return max(1, math.ceil(labels / _MOST_LABELS))


def _order(folder: Path, stem: Path) -> int:
    """Return the picture's own place if it was drawn before, else the next of its notebook."""
    own = stem.with_suffix(".json")
    if own.is_file():
        return int(json.loads(own.read_text(encoding="utf-8"))["order"])
    return len(list(folder.glob(f"{stem.name.partition('_')[0]}_*.json"))) + 1


def _look() -> dict[Any, Any]:
    return {
        "font.size": 11,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "axes.titlesize": 11,
        "axes.grid": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "text.color": INK,
        "figure.facecolor": "white",
    }
