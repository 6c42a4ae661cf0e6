"""The readable source of a note: Markdown, in which each fenced block is a paragraph of its own.

The text between two blocks is one `%md` paragraph. A block opens with its interpreter and title:

    ```sql %flink.ssql(type=update) "Events as they come"

and may use the parameters of the note as `{{ name }}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from jinja2 import Environment, StrictUndefined, TemplateError

from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.settings import Settings, find_project_root

_FENCE = re.compile(r'^```sql (?P<directive>%\S+) "(?P<title>[^"]+)"\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL)


class NoteSourceError(LabError):
    """A note's source cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The source of note {name} cannot be rendered ({reason}): mend zeppelin/source/{name}.md.")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: `directive` such as `%md` or `%flink.ssql(type=update)`, and what follows it."""

    directive: str
    text: str
    title: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class NoteParameters:
    """What a note is rendered with.

    Parameters
    ----------
    region, events_stream, activity_stream
        Where the streams are, and their names.
    rule
        Thresholds of the bot rule.
    initial_position
        Where reading starts: `TRIM_HORIZON`, `LATEST`, or a time like `2026-11-24T12:00:00.000Z`.
    """

    region: str
    events_stream: str
    activity_stream: str
    rule: BotRule = field(default_factory=BotRule)
    initial_position: str = "TRIM_HORIZON"

    @classmethod
    def of(cls, settings: Settings, initial_position: str = "TRIM_HORIZON") -> NoteParameters:
        """Return the parameters for a learner's own settings."""
        return cls(settings.region, settings.events_stream, settings.activity_stream, initial_position=initial_position)

    def placeholders(self) -> dict[str, object]:
        """Return what the sources may name."""
        return {
            "region": self.region,
            "events_stream": self.events_stream,
            "activity_stream": self.activity_stream,
            **asdict(self.rule),
            "start": _start_options(self.initial_position),
        }


def source_folder() -> Path:
    """Return the folder of the sources."""
    return find_project_root() / "zeppelin" / "source"


def note_names() -> list[str]:
    """Return the notes' names in order."""
    return sorted(path.stem for path in source_folder().glob("*.md"))


def read_paragraphs(name: str, parameters: NoteParameters) -> list[Paragraph]:
    """Read the source of a note and fill in its parameters.

    Raises
    ------
    NoteSourceError
        If it names a parameter that does not exist, or has no paragraph to run.
    """
    text = (source_folder() / f"{name}.md").read_text(encoding="utf-8")
    try:
        rendered = Environment(undefined=StrictUndefined, autoescape=False).from_string(text)
        paragraphs = list(_split(rendered.render(parameters.placeholders())))
    except TemplateError as error:
        raise NoteSourceError(name, str(error)) from error
    if not any(paragraph.directive != "%md" for paragraph in paragraphs):
        raise NoteSourceError(name, "no fenced block with an interpreter")
    return paragraphs


def _split(text: str) -> Iterator[Paragraph]:
    position = 0
    for fence in _FENCE.finditer(text):
        prose = text[position : fence.start()].strip()
        if prose:
            yield Paragraph("%md", prose)
        yield Paragraph(fence["directive"], fence["code"].strip(), fence["title"])
        position = fence.end()
    prose = text[position:].strip()
    if prose:
        yield Paragraph("%md", prose)


def _start_options(position: str) -> str:
    if position in ("TRIM_HORIZON", "LATEST"):
        return f"'scan.stream.initpos' = '{position}'"
    return f"'scan.stream.initpos' = 'AT_TIMESTAMP',\n  'scan.stream.initpos-timestamp' = '{position}'"
