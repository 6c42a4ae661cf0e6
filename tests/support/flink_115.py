"""Flink 1.15.4, the one that Studio runs, beside the lab's own: a session of SQL in one JVM."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jvm import groovy_command, support_jars

from helpers.local.flink.configuration import JAVA_OPTIONS

VERSION = "1.15.4"
_SHA256 = "f4f622f55198073ee1be7db14ae2efe89af1a6fc9e4da8bc6e4759d7fa84f58a"
_REQUIREMENT = f"apache-flink-libraries=={VERSION}"
# A query that gives no more rows would be waited for without an end.
_ANSWER_SECONDS = 60

Row = tuple[str | None, ...]


class StatementFailedError(Exception):
    """Flink refused a statement, or its query failed."""


class Session:
    """A session whose tables and settings last as long as its JVM; see `session`."""

    def __init__(self, program: subprocess.Popen[str], log: Path) -> None:
        self._program, self._log = program, log
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def execute(self, statement: str) -> None:
        """Run a statement to its end, or until its job is submitted."""
        self.query(statement, rows=0)

    def query(self, statement: str, *, rows: int) -> list[Row]:
        """Run a query until it has given `rows` rows, and return them with every value as text.

        Raises
        ------
        StatementFailedError
            With the root cause, or where to look if Flink does not answer in time.
        """
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps({"sql": statement, "rows": rows}) + "\n")
        self._program.stdin.flush()
        try:
            answer: dict[str, Any] = json.loads(self._answers.get(timeout=_ANSWER_SECONDS) or "{}")
        except queue.Empty:
            answer = {"error": f"no answer within {_ANSWER_SECONDS} s"}
        if "rows" not in answer:
            raise StatementFailedError(f"{statement}\n{answer.get('error', 'Flink ended')}, see {self._log}")
        return [tuple(row) for row in answer["rows"]]

    def _listen(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self._answers.put(line)
        self._answers.put("")


@contextmanager
def session(cache: Path, work: Path) -> Iterator[Session]:
    """Start a session in a JVM of its own, and end it with all its jobs.

    Parameters
    ----------
    cache
        Folder that keeps Flink's jars from run to run.
    work
        Folder for its log.
    """
    (work / "log4j.properties").write_text(
        "rootLogger.level = WARN\nrootLogger.appenderRef.console.ref = Console\n"
        "appender.console.name = Console\nappender.console.type = CONSOLE\nappender.console.target = SYSTEM_ERR\n"
        "appender.console.layout.type = PatternLayout\n",
        encoding="utf-8",
    )
    options = (*JAVA_OPTIONS, "-Xmx1g", f"-Dlog4j.configurationFile={(work / 'log4j.properties').as_uri()}")
    # The connector first: it brings its own base classes, which Flink's own jar has older.
    command = groovy_command("flink_115.groovy", [*support_jars("flink_115"), *flink_jars(cache)], *options)
    log = work / "flink-1.15.log"
    with log.open("wb") as errors:
        program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8", cwd=work
        )
    try:
        yield Session(program, log)
    finally:
        program.kill()
        program.wait()


def flink_jars(cache: Path) -> list[Path]:
    """Return the jars of Flink itself, taken from its pip package into `cache` once."""
    library = cache / "lib"
    if not library.exists():
        _unpack(_download(cache), library)
    return sorted(library.glob("*.jar"))


def _download(cache: Path) -> Path:
    wanted = cache / "requirements.txt"
    wanted.write_text(f"{_REQUIREMENT} --hash=sha256:{_SHA256}\n", encoding="utf-8")
    # The installed Flink is another version, so this one is fetched without being installed.
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--require-hashes")
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(cache), "--requirement", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"pip cannot fetch {_REQUIREMENT}: {done.stderr.strip().rpartition(chr(10))[2]}"
    return next(cache.glob("apache*flink*.tar.gz"))


def _unpack(archive: Path, library: Path) -> None:
    unfinished = library.with_suffix(".part")
    unfinished.mkdir(exist_ok=True)
    with tarfile.open(archive) as packed:
        for member in packed:
            name = Path(member.name)
            content = packed.extractfile(member) if name.match("deps/lib/*.jar") else None
            if content is not None:
                with content, (unfinished / name.name).open("wb") as jar:
                    shutil.copyfileobj(content, jar)
    unfinished.rename(library)
    archive.unlink()
