"""The policies in `iam/`, filled in with the lab's own names.

Each file is a policy of IAM with `${…}` for an attribute of the settings object: `${bucket}`, `${account}`.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from helpers.errors import LabError
from helpers.settings import Settings, find_project_root

Document = dict[str, Any]

# The service roles: `iam/NAME.json` says what the role may do, `iam/NAME-trust.json` who may take it.
ROLES = ("crawler", "delivery", "etl", "functions", "flink")


class NoPolicyError(LabError):
    """There is no such policy."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no policy {name!r} in iam/; there are {', '.join(known)}.")


class UnknownNameError(LabError):
    """A policy names something that the settings do not have."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(f"iam/{path.name} has ${{{name}}}, which is no setting: see src/helpers/settings.")


def folder() -> Path:
    """Return the folder of the policies."""
    return find_project_root() / "iam"


def policy(settings: Settings, name: str) -> Document:
    """Return the policy `iam/NAME.json` for the lab's own resources.

    Raises
    ------
    NoPolicyError
        If there is no such file.
    UnknownNameError
        If it names what the settings do not have.
    """
    path = folder() / f"{name}.json"
    if not path.is_file():
        raise NoPolicyError(name, sorted(each.stem for each in folder().glob("*.json")))
    try:
        text = Template(path.read_text(encoding="utf-8")).substitute(_names(settings))
    except KeyError as missing:
        raise UnknownNameError(path, str(missing.args[0])) from None
    filled: Document = json.loads(text)
    return filled


def trust(settings: Settings, role: str) -> Document:
    """Return who may take a service role, `iam/ROLE-trust.json`.

    Raises
    ------
    NoPolicyError, UnknownNameError
        As `policy`.
    """
    return policy(settings, f"{role}-trust")


def learner_policies() -> list[str]:
    """Return the names of the learner's own policies."""
    return sorted(path.stem for path in folder().glob("learner-*.json"))


def write_all(settings: Settings, target: Path) -> list[Path]:
    """Write every policy, filled in, for `aws iam create-policy --policy-document file://…`; return the files."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(folder().glob("*.json")):
        filled = target / path.name
        filled.write_text(json.dumps(policy(settings, path.stem), indent=2) + "\n", encoding="utf-8", newline="\n")
        written.append(filled)
    return written


def _names(settings: Settings) -> dict[str, str]:
    """Return everything that the settings name, and where the lab is."""
    values = {name: getattr(settings, name) for name in dir(settings) if not name.startswith("_")}
    return {name: value for name, value in values.items() if isinstance(value, str)}
