"""The zips that Lambda runs: complete, pure Python, the same each time, and within AWS's limits."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from helpers import packaging
from helpers.packaging import (
    CompiledPackageError,
    MissingPackageError,
    PackageTooLargeError,
    UnknownFunctionError,
    package,
)

FUNCTIONS = ("alert", "watch")
# What Lambda's Python runtimes bring: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
# botocore takes certifi if it is there.
RUNTIME_PACKAGES = {"boto3", "botocore", "s3transfer", "dateutil", "urllib3", "six", "jmespath", "certifi"}

LIST_IMPORTS = """
import importlib, json, sys, sysconfig
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
importlib.import_module(sys.argv[2])
places = {name: getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before}
print(json.dumps([name.partition(".")[0] for name, place in places.items() if "site-packages" in place]))
"""


def names(zipped: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(zipped)).namelist()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_zip_has_the_function_and_all_that_it_imports(name: str, tmp_path: Path) -> None:
    made = package(name)
    zipfile.ZipFile(io.BytesIO(made.zipped)).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIST_IMPORTS, str(tmp_path), made.handler.rpartition(".")[0]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(done.stdout)) <= RUNTIME_PACKAGES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_zip_holds_only_its_own_function_and_plain_python(name: str) -> None:
    found = names(package(name).zipped)
    (other,) = set(FUNCTIONS) - {name}
    assert f"functions/{name}/handler.py" in found
    assert "functions/shared/alerts.py" in found
    assert not [each for each in found if each.startswith(f"functions/{other}/")]
    assert not [each for each in found if each.endswith((".so", ".pyd", ".pyc")) or each.startswith((".", "/"))]


def test_the_zip_is_the_same_each_time() -> None:
    assert package("alert").zipped == package("alert").zipped
    archive = zipfile.ZipFile(io.BytesIO(package("alert").zipped))
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert archive.namelist() == sorted(archive.namelist())


def test_the_size_is_told() -> None:
    made = package("alert")
    assert len(made.zipped) < made.unzipped_bytes < 10_000_000
    assert f"{made.files} files" in str(made)
    assert f"{len(made.zipped) / 1e6:.1f} MB zipped" in str(made)


def test_a_zip_that_lambda_would_refuse_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = len(package("alert").zipped)
    monkeypatch.setattr(packaging, "MOST_ZIPPED_BYTES", zipped)
    package("alert")
    monkeypatch.setattr(packaging, "MOST_ZIPPED_BYTES", zipped - 1)
    with pytest.raises(PackageTooLargeError, match=f"{zipped:,} bytes zipped and Lambda takes {zipped - 1:,}"):
        package("alert")


def test_a_function_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownFunctionError, match="no function 'bark' in src/functions: choose from alert, watch"):
        package("bark")


def test_compiled_packages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaging, "DEPENDENCIES", ("duckdb",))
    with pytest.raises(CompiledPackageError, match="is compiled for this machine"):
        package("alert")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaging, "DEPENDENCIES", ("no-such-package",))
    with pytest.raises(MissingPackageError, match="no-such-package is not installed"):
        package("alert")


def test_nothing_in_the_functions_imports_the_helpers() -> None:
    archive = zipfile.ZipFile(io.BytesIO(package("watch").zipped))
    own = [archive.read(name).decode() for name in archive.namelist() if name.startswith("functions/")]
    assert own
    assert not [text for text in own if "import helpers" in text or "from helpers" in text]


def test_the_packages_are_those_of_this_environment() -> None:
    archive = zipfile.ZipFile(io.BytesIO(package("alert").zipped))
    version = archive.read("aws_lambda_powertools/shared/version.py").decode()
    assert metadata.version("aws-lambda-powertools") in version
