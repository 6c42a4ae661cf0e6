"""The course runs on the file with bots in it, and notebook 10 learns who they are."""

from __future__ import annotations

from pathlib import Path

from helpers.course import checked_parameters, with_bots
from helpers.dataset import inspect
from helpers.generator import generate
from helpers.parameters import check_all_known
from helpers.runner import find_notebooks
from helpers.settings import find_project_root


def test_the_notebooks_get_the_new_file_and_the_truth_and_no_number_of_rows(tmp_path: Path) -> None:
    own = generate(4_000, 7, tmp_path / "shop.csv").path
    said: list[str] = []
    given = with_bots(checked_parameters(own, "3000"), tmp_path / "dataset", said.append)
    assert given == {
        "dataset": str(tmp_path / "dataset" / "shop_with_bots.csv.gz"),
        "bots": str(tmp_path / "dataset" / "shop_bots.csv"),
    }
    lines = b"".join(inspect(given["dataset"]).rows()).count(b"\n")
    (sentence,) = said
    assert f"{lines - 3_000:,} events are planted among 3,000 rows" in sentence
    check_all_known(find_notebooks(find_project_root() / "notebooks"), given)
