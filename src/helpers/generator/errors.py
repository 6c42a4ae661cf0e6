"""Why no data set is generated."""

from __future__ import annotations

from pathlib import Path

from helpers.errors import LabError


class GeneratorError(LabError):
    """The data set cannot be generated as asked."""


class InvalidRowCountError(GeneratorError):
    def __init__(self, rows: int) -> None:
        super().__init__(f"The number of rows is {rows}: give a whole number of at least 1, like --rows 50000.")


class InvalidSeedError(GeneratorError):
    def __init__(self, seed: int) -> None:
        super().__init__(f"The seed is {seed}: give a whole number of at least 0, like --seed 1.")


class InvalidOutputNameError(GeneratorError):
    def __init__(self, out: Path) -> None:
        super().__init__(f"The output is {out}: give a file whose name ends in .csv or .csv.gz, like events.csv.gz.")


class UnwritableOutputError(GeneratorError):
    def __init__(self, out: Path, reason: str) -> None:
        super().__init__(f"{out} cannot be written ({reason}): make room or choose another folder.")


class NoRoomForBotsError(GeneratorError):
    """A data set is too small or too short for the shortest visit of a bot."""

    def __init__(self, name: str, events: int, seconds: int) -> None:
        super().__init__(
            f"{name} has no room for bots, it has {events:,} events within {seconds:,} seconds: "
            "take 1,000 events or more over some minutes, or leave --bots (BOTS) out."
        )
