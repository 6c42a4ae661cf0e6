"""A saved picture lies beside its description, in the order of drawing, and reads well in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers.charts.style import figure, label_step, save
from helpers.report.page import load_pictures
from helpers.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("ecommerce-lab", "000000000000", "us-east-1", "local", None, tmp_path)


def keep(settings: Settings, notebook: str, name: str, sentence: str = "It goes up.") -> Figure:
    drawn, (axes,) = figure()
    axes.plot([1, 2, 3])
    return save(drawn, settings, notebook, name, title=f"The {name}", alt="A line.", sentence=sentence)


def test_a_picture_is_a_png_with_its_description_beside_it(settings: Settings) -> None:
    keep(settings, "02", "traffic")
    with Image.open(settings.figures_dir / "02_traffic.png") as image:
        assert image.format == "PNG"
        assert image.width == pytest.approx(960, abs=2)
    about = json.loads((settings.figures_dir / "02_traffic.json").read_text(encoding="utf-8"))
    assert about == {
        "notebook": "02", "order": 1, "title": "The traffic", "alt": "A line.", "sentence": "It goes up.",
    }  # fmt: skip


def test_pictures_keep_the_order_of_drawing_when_a_notebook_runs_again(settings: Settings) -> None:
    for name in ("zebra", "apple", "zebra"):
        keep(settings, "02", name)
    keep(settings, "03", "shards")
    assert [picture.title for picture in load_pictures(settings.figures_dir)] == [
        "The zebra",
        "The apple",
        "The shards",
    ]


def test_the_notebook_shows_the_sentence_below_the_picture(settings: Settings) -> None:
    short, long = keep(settings, "02", "short"), keep(settings, "02", "long", "many words " * 30)
    assert short.get_supxlabel() == "It goes up."
    assert long.get_supxlabel().count("\n") == 3
    assert long.get_figheight() > short.get_figheight()


def test_no_figure_stays_open(settings: Settings) -> None:
    import matplotlib.pyplot as plt

    keep(settings, "02", "traffic")
    assert not plt.get_fignums()


@pytest.mark.parametrize(("labels", "step"), [(0, 1), (1, 1), (7, 1), (8, 2), (14, 2), (15, 3), (31, 5)])
def test_at_most_seven_labels_are_written_on_an_axis(labels: int, step: int) -> None:
    assert label_step(labels) == step
