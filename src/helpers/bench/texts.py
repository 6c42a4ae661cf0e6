"""How figures are written, in the terminal and on the page."""

from __future__ import annotations

from helpers.bench.figure import Figure


def number_text(value: float) -> str:
    """Return a number with thousands apart, or with three digits if it is small."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def result_text(figure: Figure) -> str:
    """Return the result with its unit: a ratio, or the value itself."""
    number = number_text(figure.result)
    return f"{number} times {figure.against}" if figure.baseline else f"{number} {figure.unit}"


def target_text(figure: Figure) -> str:
    """Return what is to be reached."""
    return f"{'at least' if figure.more_is_better else 'at most'} {number_text(figure.target)}"


def row(figure: Figure) -> str:
    """Return one line with a figure, its target and what bounds it."""
    mark = "met   " if figure.met else "missed"
    bound = "" if figure.bound == "none" else f"; bound by {figure.bound}"
    return f"  {mark} {figure.name}: {result_text(figure)}, {target_text(figure)}{bound}"
