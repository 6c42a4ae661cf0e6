"""What can go wrong with a program of the lab that runs in the background, each in one sentence."""

from __future__ import annotations

from pathlib import Path

from helpers.errors import LabError


class BuildFolderError(LabError):
    """The build folder cannot be written."""

    def __init__(self, folder: Path, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        super().__init__(
            f"The lab cannot write to {folder} ({reason}): make room or allow it there, "
            "or name another folder with LAB_BUILD_DIR."
        )


class ProgramCrashedError(LabError):
    """A program of the lab ended by itself."""

    def __init__(self, title: str, exit_status: int | None, log: Path) -> None:
        status = "" if exit_status is None else f" with exit status {exit_status}"
        super().__init__(
            f"The {title} ended by itself{status}: start it again with `make up`. Its log {log} ends with: {tail(log)}"
        )


class NotAnsweringError(LabError):
    """A program of the lab runs, and does not answer."""

    def __init__(self, title: str, pid: int, seconds: float, log: Path) -> None:
        super().__init__(
            f"The {title} (process {pid}) does not answer after {seconds:.0f} s: try `make stop`, then again; "
            f"its log {log} ends with: {tail(log)}"
        )


class ForeignProcessError(LabError):
    """The program belongs to another user of this machine."""

    def __init__(self, title: str, pid: int) -> None:
        super().__init__(f"The {title} (process {pid}) belongs to another user: only that user can stop it.")


def tail(log: Path, lines: int = 3) -> str:
    """Return the last lines of a log as one."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"(unreadable: {error.strerror})"
    last = [line.strip() for line in text.splitlines() if line.strip()][-lines:]
    return " | ".join(last) or "(nothing)"
