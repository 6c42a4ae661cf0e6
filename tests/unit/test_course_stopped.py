"""A run that stops on AWS says what becomes of what it has made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import course
from helpers.lab import Lab
from helpers.settings import LOCAL_ACCOUNT, Settings

pytestmark = pytest.mark.faults


@contextmanager
def no_services(*_: Any) -> Iterator[None]:
    yield


@pytest.mark.parametrize("target", ["aws", "local"])
def test_a_run_that_is_interrupted_names_the_clean_up_where_it_costs(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    class Watched:
        instance = "one"

    settings = Settings("stopped-lab", LOCAL_ACCOUNT, "us-east-1", "aws", None, tmp_path)
    monkeypatch.setenv("LAB_TARGET", "local")
    monkeypatch.setenv("LAB_BUILD_DIR", str(tmp_path))
    monkeypatch.setattr(course, "held_services", no_services)
    monkeypatch.setattr(course, "local_watch", lambda _: Watched)
    monkeypatch.setattr(course, "connect", lambda: Lab(settings, boto3.Session(region_name="us-east-1")))
    monkeypatch.setattr(course, "run_all", interrupted)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        course.run_course(None, None, target, "yes", said.append)  # type: ignore[arg-type]
    assert any("`python -m helpers clean-up` deletes it" in line for line in said) == (target == "aws")
