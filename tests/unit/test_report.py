"""The report is one page that stands alone, says what pictures show, and works at any point of a run."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import pytest

from helpers import run_record
from helpers.report import write_report
from helpers.settings import Settings

matplotlib.use("agg")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("ecommerce-lab", "000000000000", "us-east-1", "local", None, tmp_path)


def save_picture(settings: Settings, notebook: str, order: int, title: str) -> None:
    from matplotlib import pyplot as plt

    settings.figures_dir.mkdir(parents=True, exist_ok=True)
    figure, _ = plt.subplots(figsize=(1, 1))
    stem = settings.figures_dir / f"{notebook}_{order}"
    figure.savefig(stem.with_suffix(".png"))
    plt.close(figure)
    about = {"notebook": notebook, "order": order, "title": title, "alt": f"alt of {title}", "sentence": "So."}
    stem.with_suffix(".json").write_text(json.dumps(about), encoding="utf-8")


class Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_every_picture_is_inside_the_page_with_a_text_for_who_cannot_see_it(settings: Settings) -> None:
    save_picture(settings, "06", 1, "Visitors & days")
    save_picture(settings, "02", 1, "Prices")
    images = Images()
    images.feed(write_report(settings).read_text(encoding="utf-8"))
    assert [image["alt"] for image in images.found] == ["alt of Prices", "alt of Visitors & days"]
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in images.found)


def test_the_page_fetches_nothing(settings: Settings) -> None:
    save_picture(settings, "02", 1, "Prices")
    page = write_report(settings).read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)|@import|url\(""", page)


def test_a_long_result_shows_its_head_and_says_how_much_more_there_is(settings: Settings) -> None:
    settings.results_dir.mkdir(parents=True)
    lines = ["day,visitors", *(f"2019-10-{day:02d},{day}" for day in range(1, 21))]
    (settings.results_dir / "unique_visitors_per_day.csv").write_text("\n".join(lines), encoding="utf-8")
    page = write_report(settings).read_text(encoding="utf-8")
    assert "2019-10-12" in page
    assert "2019-10-13" not in page
    assert "12 of 20 rows; all of them in results/unique_visitors_per_day.csv" in page


def test_ids_and_ratios_show_as_they_are_stored(settings: Settings) -> None:
    settings.results_dir.mkdir(parents=True)
    (settings.results_dir / "x.csv").write_text("id,rate\n2053013555631882655,0.50\n", encoding="utf-8")
    page = write_report(settings).read_text(encoding="utf-8")
    assert "<td>2053013555631882655</td><td>0.50</td>" in page


def test_a_failed_notebook_stands_out(settings: Settings) -> None:
    run_record.note(settings, "notebooks", [{"name": "01_bucket", "status": "failed", "seconds": 1.5}])
    assert '<td class="failed">failed</td>' in write_report(settings).read_text(encoding="utf-8")


def test_a_run_that_got_nowhere_still_has_a_page(settings: Settings) -> None:
    assert "<h1>E-commerce analytics lab" in write_report(settings).read_text(encoding="utf-8")


def test_text_from_the_data_cannot_become_markup(settings: Settings) -> None:
    settings.results_dir.mkdir(parents=True)
    (settings.results_dir / "x.csv").write_text("brand\n<script>alert(1)</script>\n", encoding="utf-8")
    assert "<script>alert" not in write_report(settings).read_text(encoding="utf-8")


def test_the_page_tells_whether_the_windows_agree_and_how_good_the_rule_is(settings: Settings) -> None:
    run_record.note(settings, "reconciliation", {"expected": 52, "found": 51, "missing": 1, "extra": 0})
    run_record.note(settings, "bots", {"planted": 3, "alerted": 0, "precision": None, "recall": 0.0})
    page = re.sub(r"<[^>]+>", "", write_report(settings).read_text(encoding="utf-8"))
    assert "windows found 51 of 52" in page and "windows missing, extra 1, 0" in page
    assert "precision -" in page and "recall 0 %" in page
