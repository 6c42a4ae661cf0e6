"""What the environment says: the checkout, the target, the folder of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from helpers.errors import LabError
from helpers.settings.identity import InvalidSettingError

Target = Literal["local", "aws"]


class ProjectNotFoundError(LabError):
    """No checkout of the lab around the working directory."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"No notebooks/ and pyproject.toml in {start} or above it: run the command from the lab's own folder."
        )


def find_project_root(start: Path | None = None) -> Path:
    """Return the checkout's top folder, seen from `start` (default: the working directory).

    Raises
    ------
    ProjectNotFoundError
        If neither `start`, nor a folder above it, nor the installed package lies in a checkout.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents, *Path(__file__).resolve().parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise ProjectNotFoundError(start)


def target_from_environment(environ: Mapping[str, str] = os.environ) -> Target:
    """Return the target named by `LAB_TARGET`, `local` if it is unset.

    Raises
    ------
    InvalidSettingError
        If `LAB_TARGET` is neither `local` nor `aws`.
    """
    value = environ.get("LAB_TARGET", "local")
    if value == "local":
        return "local"
    if value == "aws":
        return "aws"
    raise InvalidSettingError("LAB_TARGET", value, "use local or aws")


def build_dir_from_environment(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder named by `LAB_BUILD_DIR`, else `build/` in the checkout."""
    named = environ.get("LAB_BUILD_DIR")
    return Path(named).resolve() if named else find_project_root() / "build"
