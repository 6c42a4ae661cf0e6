"""No region and no partition is written anywhere but in the settings: the lab works in whatever region is chosen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from helpers.settings import DEFAULT_REGION, InvalidSettingError, Settings, find_project_root

ROOT = find_project_root()
REGION = re.compile(
    r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:north|south|east|west|central)(?:east|west)?-\d\b"
)
PARTITION = re.compile(r"arn:aws(?:-us-gov|-cn)?:")

# Files in which a region stands for itself, each with its reason.
EXCEPTIONS = {
    "src/helpers/settings/identity.py": "the one place",
    "src/helpers/prices.json": "prices are of a region, which the file names",
    "src/helpers/course.py": "says of which region the prices are",
    "src/helpers/sizing.py": "says of which region the prices are",
    "notebooks/00_start.ipynb": "says of which region the prices are",
    "src/helpers/stack.py": "a placeholder, which becomes the stack's own region",
    "src/helpers/local/kinesis/stored.py": "AWS's shard quota depends on the region",
}


def sources() -> list[tuple[str, str]]:
    """Return path and text of all code: of notebooks the cells without outputs, of notes the paragraphs."""
    found = []
    for folder, patterns in (("src", ("*.py", "*.json")), ("iam", ("*.json",)), ("notebooks", ("*.ipynb",))):
        for pattern in patterns:
            for path in sorted((ROOT / folder).rglob(pattern)):
                found.append((path.relative_to(ROOT).as_posix(), text_of(path)))
    # JupyterLab keeps copies of the notebooks that were looked at.
    return [(path, text) for path, text in found if ".ipynb_checkpoints" not in path]


def text_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def test_no_region_is_written_out() -> None:
    found = {path: sorted(set(REGION.findall(text))) for path, text in sources()}
    assert {path: regions for path, regions in found.items() if regions and path not in EXCEPTIONS} == {}


def test_no_arn_has_a_partition_written_out() -> None:
    lesson = [(path, text) for path, text in sources() if not path.startswith("src/helpers/local/")]
    assert [path for path, text in lesson if PARTITION.search(re.sub("#.*", "", text))] == []


def test_the_notes_have_the_region_of_the_settings() -> None:
    for path in sorted((ROOT / "zeppelin").glob("*.zpln")):
        assert set(REGION.findall(path.read_text(encoding="utf-8"))) <= {DEFAULT_REGION}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-north-9", "aws")],
)
def test_the_partition_is_that_of_the_region(region: str, partition: str) -> None:
    settings = Settings("ecommerce-lab", "123456789012", region, "aws", None, Path("build"))
    assert settings.partition == partition
    assert settings.arn("sqs", "q") == f"arn:{partition}:sqs:{region}:123456789012:q"


def test_a_region_that_no_partition_has_is_refused_when_it_is_used() -> None:
    settings = Settings("ecommerce-lab", "123456789012", "xx-mars-1", "aws", None, Path("build"))
    with pytest.raises(InvalidSettingError, match="AWS has no such region"):
        settings.partition
