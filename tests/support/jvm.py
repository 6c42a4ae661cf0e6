"""Java libraries that only tests need, driven by Groovy scripts: a JDK without a compiler runs them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from helpers.local.flink.jars import fetch_jar, java

SUPPORT = Path(__file__).parent


def support_jars(group: str) -> list[Path]:
    """Return a group of the jars of `jars.json`, fetched into the local Maven repository if missing.

    Raises
    ------
    helpers.local.flink.jars.JarNotFoundError, helpers.local.flink.jars.JarChangedError
        If one cannot be fetched, or is not the expected one.
    """
    wanted = json.loads((SUPPORT / "jars.json").read_text(encoding="utf-8"))[group]
    return [fetch_jar(jar["artifact"], jar["sha256"]) for jar in wanted]


def groovy_command(script: str, jars: Iterable[Path], *java_options: str) -> list[str]:
    """Return the command that runs a script of this folder with `jars` on its class path."""
    class_path = [*jars, *support_jars("groovy")]
    classes = os.pathsep.join(map(str, class_path))
    return [str(java()), *java_options, "-cp", classes, "groovy.ui.GroovyMain", str(SUPPORT / script)]
