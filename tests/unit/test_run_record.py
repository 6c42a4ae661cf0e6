"""run.json grows section by section and keeps what stands in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers import run_record
from helpers.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("ecommerce-lab", "000000000000", "us-east-1", "local", None, tmp_path)


def test_there_is_an_empty_record_before_the_first_note(settings: Settings) -> None:
    assert run_record.read(settings) == {}


def test_sections_are_kept_and_stand_in_one_order(settings: Settings) -> None:
    run_record.note(settings, "replay", {"records": 3})
    run_record.note(settings, "target", "local")
    run_record.note(settings, "replay", {"records": 4})
    text = run_record.path_of(settings).read_text(encoding="utf-8")
    assert list(json.loads(text).items()) == [("target", "local"), ("replay", {"records": 4})]


def test_a_section_that_no_reader_knows_is_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match=r"'repaly' is not a section of run\.json"):
        run_record.note(settings, "repaly", {})


def test_a_broken_record_is_named_with_the_remedy(settings: Settings) -> None:
    path = run_record.path_of(settings)
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(run_record.UnreadableRecordError, match="delete it and run again"):
        run_record.note(settings, "target", "local")
