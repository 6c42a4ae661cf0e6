"""The course's notebooks, found by glob, and a laptop's AWS of their own to run on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers.local import process
from helpers.runner import find_notebooks

ROOT = Path(__file__).parents[2]
NOTEBOOKS = find_notebooks(ROOT / "notebooks")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that asks for a `notebook` each of them in turn, a new one without an edit."""
    if "notebook" in metafunc.fixturenames:
        metafunc.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def notebooks() -> list[Path]:
    return NOTEBOOKS


@pytest.fixture
def fresh_aws(tmp_path: Path) -> Iterator[Path]:
    """A local AWS with nothing in it; yields the build folder that points to it."""
    with fresh_local_aws(tmp_path / "build") as build_dir:
        yield build_dir


@contextmanager
def fresh_local_aws(build_dir: Path) -> Iterator[Path]:
    # Without Flink: a notebook alone does not come so far as to need it.
    process.start(build_dir)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LAB_BUILD_DIR", str(build_dir))
            patch.setenv("LAB_TARGET", "local")
            yield build_dir
    finally:
        process.stop(build_dir)
