"""Zeppelin 0.10's own loader accepts the committed notes, and reads in them what was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from zeppelin_loader import load

from helpers.zeppelin.note import read_note
from helpers.zeppelin.source import note_names

ZEPPELIN = Path(__file__).parents[2] / "zeppelin"


def cut_off(text: str) -> str:
    return text[: len(text) // 2]


def with_a_date_that_is_none(text: str) -> str:
    return text.replace("2026-01-01 00:00:00.000", "New Year")


SPOILT = {"cut off": cut_off, "a date that is none": with_a_date_that_is_none}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Zeppelin saves the notes that it has read."""
    return tmp_path_factory.mktemp("saved")


@pytest.fixture(scope="module")
def all_loaded(folder: Path) -> dict[str, dict[str, Any]]:
    """What Zeppelin knows of each committed note and each spoilt one, all read in one JVM."""
    places = {name: ZEPPELIN / f"{name}.zpln" for name in note_names()}
    whole = (ZEPPELIN / "2_detect_bots.zpln").read_text(encoding="utf-8")
    for name, spoil in SPOILT.items():
        places[name] = folder / f"spoilt {name}.zpln"
        places[name].write_text(spoil(whole), encoding="utf-8")
    found = load([(place, folder / f"{name}.zpln") for name, place in places.items()])
    return dict(zip(places, found, strict=True))


@pytest.fixture(params=note_names())
def note(request: pytest.FixtureRequest) -> Path:
    return ZEPPELIN / f"{request.param}.zpln"


@pytest.fixture
def loaded(note: Path, all_loaded: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return all_loaded[note.stem]


def test_the_note_is_read_with_its_name_and_id(note: Path, loaded: dict[str, Any]) -> None:
    written = json.loads(note.read_text(encoding="utf-8"))
    assert loaded["name"] == note.stem
    assert loaded["id"] == written["id"]
    assert loaded["default_interpreter_group"] == "flink"


def test_each_paragraph_is_read_with_its_id_title_and_text(note: Path, loaded: dict[str, Any]) -> None:
    written = json.loads(note.read_text(encoding="utf-8"))["paragraphs"]
    assert [(p["id"], p["title"], p["text"]) for p in loaded["paragraphs"]] == [
        (p["id"], p["title"], p["text"]) for p in written
    ]


def test_zeppelin_finds_the_interpreter_and_the_code_of_each_paragraph(note: Path, loaded: dict[str, Any]) -> None:
    found = [(f"%{p['interpreter']}", p["script"].strip()) for p in loaded["paragraphs"]]
    assert found == [(p.directive.partition("(")[0], p.text) for p in read_note(note)]


def test_zeppelin_finds_how_each_result_is_shown(note: Path, loaded: dict[str, Any]) -> None:
    shown = {p["title"]: p["options"].get("type") for p in loaded["paragraphs"] if p["options"]}
    wanted = {p.title: p.directive.partition("type=")[2].rstrip(")") for p in read_note(note) if "type=" in p.directive}
    assert shown == wanted


def test_every_paragraph_is_enabled_ready_and_without_a_result(loaded: dict[str, Any]) -> None:
    states = {(p["enabled"], p["status"], p["results"], p["user"]) for p in loaded["paragraphs"]}
    assert states == {(True, "READY", None, "anonymous")}


def test_the_dates_are_read(loaded: dict[str, Any]) -> None:
    assert {p["created"] for p in loaded["paragraphs"]} == {"2026-01-01T00:00:00"}


def test_the_note_as_zeppelin_saves_it_has_the_same_paragraphs(
    note: Path, folder: Path, loaded: dict[str, Any]
) -> None:
    assert loaded["paragraphs"]
    assert read_note(folder / note.name) == read_note(note)


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_note_is_refused(all_loaded: dict[str, dict[str, Any]], name: str) -> None:
    assert "Fail to parse note json" in all_loaded[name]["refused"]
