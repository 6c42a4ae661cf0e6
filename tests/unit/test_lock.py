"""One lock for every way to set up: it agrees with pyproject.toml and names no place to download from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def locked_versions() -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", LOCK, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def project_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in [*project["dependencies"], *extras]]


@pytest.mark.parametrize("requirement", project_requirements(), ids=str)
def test_every_dependency_of_the_project_is_locked_at_a_version_it_allows(requirement: Requirement) -> None:
    versions = locked_versions().get(canonicalize_name(requirement.name), [])
    assert versions, f"{requirement.name} is in pyproject.toml but not in requirements.lock: run `make lock`"
    assert all(requirement.specifier.contains(version) for version in versions), f"{requirement} against {versions}"


def test_every_locked_package_has_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    unhashed = [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]
    assert not unhashed, f"without a hash: {unhashed}"


def test_the_lock_names_no_index() -> None:
    assert not re.search(r"https?://|--index-url|--find-links", LOCK)


def test_conda_users_get_the_same_lock() -> None:
    environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "- -r requirements.lock" in environment
    assert "- --require-hashes" in environment


def test_conda_users_get_a_python_that_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f"- python{project['requires-python']}" in environment
