"""A folder that cannot be written to, and the lab's commands run by someone whom that binds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# The mode of a folder does not bind root on Linux, unless it gives up the right to pass over it: it keeps the
# others, by which it reads a Python below its own home folder, as no other user would.
_BOUND = """
import contextlib, ctypes, io, json, os, sys
if sys.platform == "linux" and os.geteuid() == 0 and len(sys.argv) == 2:
    PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
    assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0
    os.execv(sys.executable, [*sys.orig_argv, "bound"])
from helpers.cli import main
told = []
for command in json.loads(sys.argv[1]):
    said, refused = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(refused):
        status = main(command)
    told.append([status, said.getvalue(), refused.getvalue()])
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Told:
    """What a command said, and with what status it ended."""

    status: int
    said: str
    refused: str


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be made in a folder."""
    windows = sys.platform == "win32"
    # Everyone is denied new files and new folders; the attribute of a folder does nothing on Windows.
    everyone = ["icacls", str(folder)]
    if windows:
        subprocess.run([*everyone, "/deny", "*S-1-1-0:(WD,AD)"], check=True, capture_output=True)
    else:
        folder.chmod(0o500)
    try:
        yield
    finally:
        if windows:
            subprocess.run([*everyone, "/remove:d", "*S-1-1-0"], check=True, capture_output=True)
        else:
            folder.chmod(0o700)


def run_commands(build_dir: Path, commands: Sequence[Sequence[str]]) -> list[Told]:
    """Run commands of the lab one after another, in a process of its own that the modes of folders bind."""
    done = subprocess.run(
        [sys.executable, "-c", _BOUND, json.dumps(commands)],
        env=os.environ | {"LAB_BUILD_DIR": str(build_dir), "LAB_TARGET": "local"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [Told(*each) for each in json.loads(done.stdout.splitlines()[-1])]
