"""What the notebooks' prose says about money is what the price file gives."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from helpers import costs
from helpers.runner import find_notebooks
from helpers.settings import find_project_root

NOTEBOOKS = find_notebooks(find_project_root() / "notebooks")
COSTS = {cost.notebook: cost for cost in costs.notebook_costs()}
LARGE = {cost.notebook: cost for cost in costs.notebook_costs(rows=7_000_000)}


def prose(notebook: Path) -> str:
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def amounts(text: str) -> list[str]:
    return re.findall(r"\$([\d,.]*\d)", text)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cost_table_has_every_notebook(notebook: Path) -> None:
    assert notebook.stem in COSTS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("00_start", ["0.00"]),
        ("01_bucket", ["0.00"]),
        ("02_dataset", [f"{COSTS['02_dataset'].once_usd:.4f}", f"{LARGE['02_dataset'].once_usd:.2f}"]),
        ("03_streams", [f"{COSTS['03_streams'].hourly_usd:.2f}"]),
        (
            "04_replay",
            [
                f"{COSTS['04_replay'].once_usd:.4f}",
                f"{LARGE['04_replay'].once_usd:.2f}",
                f"{COSTS['03_streams'].hourly_usd:.2f}",
            ],
        ),
        ("05_catalog", [f"{costs.price_usd('glue_crawler_run'):.2f}", f"{costs.athena_usd(0):.5f}"]),
        ("06_insights", [f"{costs.athena_usd(0):.5f}"]),
        (
            "09_alerts",
            [
                f"{COSTS['09_alerts'].once_usd:.4f}",
                f"{COSTS['09_alerts'].hourly_usd:.3f}",
                f"{COSTS['03_streams'].hourly_usd:.2f}",
            ],
        ),
        ("07_delivery", [f"{COSTS['07_delivery'].once_usd:.4f}"]),
        (
            "08_flink_studio",
            [f"{COSTS['08_flink_studio'].once_usd:.4f}", f"{costs.flink_hourly_usd(kpus=1, studio=True):.2f}"],
        ),
        ("10_live", [f"{COSTS['10_live'].once_usd:.4f}", f"{sum(cost.hourly_usd for cost in COSTS.values()):.2f}"]),
        ("12_clean_up", ["0.00"]),
    ],
)
def test_the_opening_names_the_prices_of_the_price_file(name: str, expected: list[str]) -> None:
    (notebook,) = [path for path in NOTEBOOKS if path.stem == name]
    opening = prose(notebook).partition("**On AWS**")[2].splitlines()[0]
    assert amounts(opening) == expected


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_burns_by_the_hour_is_the_sum_of_what_was_made_so_far(notebook: Path) -> None:
    # The clean-up takes everything away again.
    made = [cost.hourly_usd for name, cost in COSTS.items() if name <= notebook.stem < "12"]
    said = amounts(prose(notebook).partition("**Burn now**")[2])
    assert all(amount == f"{sum(made):.2f}" for amount in said), (said, sum(made))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_two_dollar_signs_make_a_formula(notebook: Path) -> None:
    """JupyterLab takes the text between two bare dollar signs of a paragraph for mathematics."""
    paragraphs = re.split(r"\n\s*\n", prose(notebook))
    assert not [text for text in paragraphs if len(re.findall(r"(?<!\\)\$", text)) > 1]
