"""Gather what the notebooks saved and render it as one HTML file."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, select_autoescape

from helpers import run_record
from helpers.bench.page import write_page
from helpers.settings import Settings
from helpers.whole_file import write_whole

# Enough rows to judge an answer by; the whole table is in build/results/.
TABLE_ROWS = 12


@dataclass(frozen=True)
class Picture:
    """A saved picture: `data_uri` holds the PNG, `alt` says what it shows to who cannot see it."""

    notebook: str
    title: str
    alt: str
    sentence: str
    data_uri: str


@dataclass(frozen=True)
class ResultTable:
    """The head of one of the result files; `rows` counts the whole file."""

    name: str
    rows: int
    columns: list[str]
    head: list[list[str]]


def write_report(settings: Settings) -> Path:
    """Write `report/index.html` from what stands in the build folder and return its path.

    Works at any point of a run: it shows what is there so far.

    Raises
    ------
    helpers.whole_file.UnwritableFileError
        If it cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("helpers.report"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(
        record=run_record.read(settings),
        pictures=load_pictures(settings.figures_dir),
        tables=load_tables(settings.results_dir),
        table_rows=TABLE_ROWS,
        benchmark=write_page(settings.build_dir),
    )
    path = settings.build_dir / "report" / "index.html"
    write_whole(path, page)
    return path


def load_pictures(folder: Path) -> list[Picture]:
    """Return the saved pictures, by notebook and in the order they were drawn."""
    described: list[tuple[dict[str, Any], Path]] = [
        (json.loads(file.read_text(encoding="utf-8")), file.with_suffix(".png"))
        for file in sorted(folder.glob("*.json"))
    ]
    described.sort(key=lambda pair: (pair[0]["notebook"], pair[0]["order"]))
    return [
        Picture(about["notebook"], about["title"], about["alt"], about["sentence"], _data_uri(image))
        for about, image in described
    ]


def load_tables(folder: Path) -> list[ResultTable]:
    """Return the head of every result file, as text, so that ids and ratios show as they are stored."""
    tables = []
    for file in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        head = frame.head(TABLE_ROWS)
        tables.append(ResultTable(file.stem, len(frame), list(frame.columns), head.to_numpy().tolist()))
    return tables


def _data_uri(image: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(image.read_bytes()).decode("ascii")
