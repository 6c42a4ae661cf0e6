"""The contract runs against the local AWS unless an account is asked for, and never for more than its cap."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def collect(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.costs(0)
def test_more_than_the_cap_runs_nothing() -> None:
    status, said = collect(str(HERE), "--aws-prefix", "lab-test", "--aws-cap-usd", "0.001")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "more than $0.001: raise --aws-cap-usd or choose fewer" in said


@pytest.mark.costs(0)
def test_what_the_cap_allows_is_run() -> None:
    status, said = collect(str(HERE / "test_s3.py"), "--aws-prefix", "lab-test", "--aws-cap-usd", "0.01")
    assert status == 0, said


@pytest.mark.costs(0)
def test_other_tests_are_kept_from_the_account() -> None:
    status, said = collect("tests/unit/test_waiting.py", "tests/contract/test_s3.py", "--aws-prefix", "lab-test")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "--aws-prefix is for tests/contract alone" in said


@pytest.mark.costs(0)
def test_without_an_account_one_sentence_says_so(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(HERE / "test_s3.py"),
        "--aws-prefix",
        "lab-test",
        "--aws-cap-usd",
        "0.01",
    ]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=HERE.parents[1], env=environment | nobody, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "AWS does not know who you are (there are no credentials)" in done.stdout + done.stderr
