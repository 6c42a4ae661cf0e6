"""The zip that Lambda runs: a function of the lab with the packages it needs, made from what is installed.

The packages come from this very environment, which the lock has pinned by hash, so the zip holds what the
tests ran. Lambda's runtime brings boto3 itself. Limits:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (Deployment package).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.errors import LabError
from helpers.settings import find_project_root

RUNTIME = "python3.13"
DEPENDENCIES = ("aws-lambda-powertools",)

MOST_ZIPPED_BYTES = 50 * 1024 * 1024
MOST_UNZIPPED_BYTES = 250 * 1024 * 1024

# A zip has no time before this one. A fixed time makes equal sources an equal zip, and an upload needless.
_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3
_COMPILED = (".so", ".pyd", ".dylib", ".dll")


class UnknownFunctionError(LabError):
    """There is no such function in `src/functions`."""

    def __init__(self, name: str, folder: Path) -> None:
        known = sorted(path.parent.name for path in folder.glob("*/handler.py"))
        super().__init__(f"There is no function {name!r} in src/functions: choose from {', '.join(known)}.")


class CompiledPackageError(LabError):
    """A package has compiled parts, made for this machine and not for Lambda's."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} is compiled for this machine and would not run on Lambda: use a pure Python package.")


class MissingPackageError(LabError):
    """A package that the functions need is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The package {name} is not installed: run `make setup` again.")


class PackageTooLargeError(LabError):
    """Lambda would refuse the zip."""

    def __init__(self, what: str, size_bytes: int, most_bytes: int) -> None:
        super().__init__(
            f"The package has {size_bytes:,} bytes {what} and Lambda takes {most_bytes:,}: "
            "leave out a dependency, or upload it through S3."
        )


@dataclass(frozen=True)
class Package:
    """A zip for `create_function`.

    Attributes
    ----------
    zipped
        The zip's bytes.
    handler
        What Lambda calls, as `module.function`.
    files
        How many files it holds.
    unzipped_bytes
        Their size in all.
    """

    zipped: bytes
    handler: str
    files: int
    unzipped_bytes: int

    def __str__(self) -> str:
        megabytes, unzipped = len(self.zipped) / 1e6, self.unzipped_bytes / 1e6
        return f"{self.files} files, {megabytes:.1f} MB zipped, {unzipped:.1f} MB unzipped"


def package(name: str) -> Package:
    """Make the zip of the function in `src/functions/NAME`.

    Raises
    ------
    UnknownFunctionError, MissingPackageError, CompiledPackageError, PackageTooLargeError
        If it cannot be made, or Lambda would not take it.
    """
    source = find_project_root() / "src" / "functions"
    if not (source / name / "handler.py").is_file():
        raise UnknownFunctionError(name, source)
    contents = dict(_own_files(source, name))
    for distribution in _closure(DEPENDENCIES):
        contents.update(_installed_files(distribution))
    unzipped_bytes = sum(map(len, contents.values()))
    zipped = _zip(contents)
    for what, size, most in (
        ("unzipped", unzipped_bytes, MOST_UNZIPPED_BYTES),
        ("zipped", len(zipped), MOST_ZIPPED_BYTES),
    ):
        if size > most:
            raise PackageTooLargeError(what, size, most)
    return Package(zipped, f"functions.{name}.handler.handler", len(contents), unzipped_bytes)


def _own_files(source: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for path in [source / "__init__.py", *source.glob("shared/*.py"), *source.glob(f"{name}/*.py")]:
        # Line ends as in the repository, also where git has made them Windows'.
        yield f"functions/{path.relative_to(source).as_posix()}", path.read_bytes().replace(b"\r\n", b"\n")


def _closure(names: tuple[str, ...]) -> list[metadata.Distribution]:
    """Return the packages and what they require, without extras."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            raise MissingPackageError(name) from error
        for line in found[name].requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return list(found.values())


def _installed_files(distribution: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    for file in distribution.files or []:
        top = file.parts[0]
        # Programs lie outside, in `..`; the metadata and compiled caches are of no use there.
        if top == ".." or top.endswith(".dist-info") or "__pycache__" in file.parts:
            continue
        if file.suffix in _COMPILED:
            raise CompiledPackageError(file.as_posix())
        yield file.as_posix(), Path(str(file.locate())).read_bytes()


def _zip(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            entry.create_system = _UNIX
            archive.writestr(entry, contents[name])
    return buffer.getvalue()
