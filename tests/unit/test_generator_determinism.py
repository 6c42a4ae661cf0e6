"""The same number of rows and seed make the same text, here and on every other machine."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from helpers.dataset import sample_path
from helpers.generator import generate


def text_of(rows: int, seed: int, folder: Path) -> bytes:
    return generate(rows, seed, folder / f"{rows}-{seed}.csv").path.read_bytes()


def test_the_text_is_pinned(tmp_path: Path) -> None:
    digest = hashlib.sha256(text_of(3000, 42, tmp_path)).hexdigest()
    assert digest == "ff7cb85554553fb08950d53c7ec709aa8394b20b687ceaec381a40de52c79d7e"


def test_another_seed_makes_another_shop(tmp_path: Path) -> None:
    one, other = text_of(1000, 1, tmp_path).splitlines(), text_of(1000, 2, tmp_path).splitlines()
    assert len(set(one) & set(other)) == 1  # the header


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(50_000, 1, tmp_path_factory.mktemp("generated") / "events.csv").path


def test_the_sample_is_what_its_readme_says_it_is_made_by(regenerated: Path) -> None:
    assert "generate --rows 50000 --seed 1 " in (sample_path().with_name("README.md")).read_text(encoding="utf-8")
    assert gzip.decompress(sample_path().read_bytes()) == regenerated.read_bytes()
    truth = regenerated.with_name("events.bots.csv").read_text(encoding="utf-8")
    assert sample_path().with_name("bots.csv").read_text(encoding="utf-8") == truth


def test_the_readme_names_the_samples_hashes() -> None:
    stored = sample_path().read_bytes()
    readme = sample_path().with_name("README.md").read_text(encoding="utf-8")
    digests = {hashlib.sha256(gzip.decompress(stored)).hexdigest(), hashlib.sha256(stored).hexdigest()}
    assert set(re.findall(r"[0-9a-f]{64}", readme)) == digests
