"""The committed notes are the rendered defaults, in Zeppelin's format, and one of them can be deployed."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from helpers.settings import DEFAULT_PREFIX, DEFAULT_REGION, LOCAL_ACCOUNT, Settings
from helpers.zeppelin.lint import deploy_problems, interpreter
from helpers.zeppelin.note import UnreadableNoteError, read_note, render, to_json, write_notes
from helpers.zeppelin.source import NoteParameters, NoteSourceError, Paragraph, note_names, read_paragraphs

ZEPPELIN = Path(__file__).parents[2] / "zeppelin"
DEFAULTS = NoteParameters.of(Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", None, Path("build")))


@pytest.fixture(params=note_names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def note(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ZEPPELIN / f"{name}.zpln").read_text(encoding="utf-8"))
    return found


def test_every_source_has_its_note_and_every_note_its_source() -> None:
    assert sorted(path.stem for path in ZEPPELIN.glob("*.zpln")) == note_names()


def test_the_committed_note_is_the_rendered_default(name: str) -> None:
    committed = (ZEPPELIN / f"{name}.zpln").read_bytes().decode("utf-8")
    assert committed == render(name, DEFAULTS), "run `python -m helpers notes --out zeppelin`"


def test_there_is_no_byte_order_mark(name: str) -> None:
    assert (ZEPPELIN / f"{name}.zpln").read_bytes()[:1] == b"{"


def test_no_result_of_an_earlier_run_is_kept(name: str) -> None:
    for paragraph in note(name)["paragraphs"]:
        assert "results" not in paragraph
        assert paragraph["status"] == "READY"


def test_ids_are_unique_and_stable(name: str) -> None:
    ids = [paragraph["id"] for paragraph in note(name)["paragraphs"]]
    assert len(set(ids)) == len(ids)
    assert ids == [p["id"] for p in to_json(name, read_paragraphs(name, DEFAULTS))["paragraphs"]]


def test_each_paragraph_of_sql_is_explained_by_one_of_prose(name: str) -> None:
    kinds = [interpreter(paragraph) for paragraph in read_note(ZEPPELIN / f"{name}.zpln")]
    assert all(before == "%md" for before, kind in itertools.pairwise(kinds) if kind != "%md")
    assert kinds[0] == "%md"


def test_a_learners_own_names_and_thresholds_stand_in_the_note(tmp_path: Path) -> None:
    from helpers.bot_rule import BotRule

    own = NoteParameters("eu-west-1", "my-clicks", "my-bots", BotRule(30, 7, 20, 3), "LATEST")
    explore, detect = (path.read_text(encoding="utf-8") for path in write_notes(tmp_path, own))
    for text in (explore, detect):
        assert "'stream' = 'my-clicks'" in text
        assert "'aws.region' = 'eu-west-1'" in text
        assert "us-east-1" not in text
        assert "'scan.stream.initpos' = 'LATEST'" in text
        assert "INTERVAL '3' SECOND" in text
    assert "INTERVAL '30' SECONDS" in detect
    assert "HAVING COUNT(*) > 7" in detect
    assert "'stream' = 'my-bots'" in detect


def test_each_threshold_stands_once_in_the_source() -> None:
    source = (ZEPPELIN / "source" / "2_detect_bots.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```sql.*?```", source, re.DOTALL))
    for parameter in ("window_seconds", "activity_over", "watermark_seconds"):
        assert code.count("{{ " + parameter + " }}") == 1


def test_the_second_note_can_be_deployed() -> None:
    assert deploy_problems("2_detect_bots", read_note(ZEPPELIN / "2_detect_bots.zpln")) == []


def test_reading_back_what_was_rendered_gives_the_same_paragraphs(name: str) -> None:
    assert read_note(ZEPPELIN / f"{name}.zpln") == read_paragraphs(name, DEFAULTS)


def test_a_parameter_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.md").write_text('Text\n\n```sql %flink.ssql "T"\nSELECT {{ nope }};\n```\n', encoding="utf-8")
    monkeypatch.setattr("helpers.zeppelin.source.source_folder", lambda: tmp_path)
    with pytest.raises(NoteSourceError, match="'nope' is undefined"):
        read_paragraphs("x", DEFAULTS)


def test_a_file_that_is_no_note_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.zpln"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UnreadableNoteError, match="is not a Zeppelin note"):
        read_note(path)


def sql(text: str, *, enabled: bool = True, directive: str = "%flink.ssql") -> Paragraph:
    return Paragraph(directive, text, "", enabled)


INSERT = sql("CREATE TABLE t (a INT); INSERT INTO t SELECT 1;")


@pytest.mark.parametrize(
    ("paragraphs", "problem"),
    [
        ([INSERT, sql("INSERT INTO t SELECT 2")], "paragraphs 1, 2 all write"),
        ([INSERT, sql("SELECT 1")], "paragraph 2: plain query `SELECT`"),
        ([INSERT, sql("-- a note\nselect 1")], "paragraph 2: plain query `select`"),
        ([INSERT, sql("SELECT 1", directive="%flink.bsql")], "interpreter %flink.bsql cannot be deployed"),
        ([sql("INSERT INTO t SELECT 1; CREATE TABLE u (a INT)")], "`CREATE TABLE` after the INSERT"),
        ([INSERT, sql("SET 'a' = '${form}'")], "dynamic form"),
        ([INSERT, sql("!ls", directive="%flink.pyflink")], "shell command or magic"),
        ([INSERT, sql("z.show(1)", directive="%flink.pyflink")], "Zeppelin context"),
        ([sql("1", directive="%flink"), sql("1", directive="%flink.pyflink"), INSERT], "Python and Scala"),
        ([sql("CREATE TABLE t (a INT)")], "no INSERT"),
        ([sql("INSERT INTO t SELECT 1", enabled=False)], "no enabled paragraph with code"),
    ],
)
def test_a_note_that_studio_would_not_deploy_is_found_out(paragraphs: list[Paragraph], problem: str) -> None:
    assert any(problem in found for found in deploy_problems("note", paragraphs))


@pytest.mark.parametrize(
    "paragraphs",
    [
        [INSERT],
        [INSERT, sql("SELECT 1", enabled=False)],
        [INSERT, Paragraph("%md", "SELECT of ${text}")],
        [sql("INSERT INTO t SELECT 1; INSERT INTO u SELECT 2;")],
        [sql("SET 'a' = ';'; CREATE TABLE t (a INT);"), sql("INSERT INTO t SELECT ';' /* ; SELECT */")],
    ],
)
def test_a_note_that_studio_would_deploy_passes(paragraphs: list[Paragraph]) -> None:
    assert deploy_problems("note", paragraphs) == []


@pytest.mark.parametrize(("name", "taken"), [("a" * 128, True), ("a" * 129, False), ("with space", False)])
def test_the_names_of_applications(name: str, taken: bool) -> None:
    assert (deploy_problems(name, [INSERT]) == []) is taken
