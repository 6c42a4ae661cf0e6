"""How much memory a process takes: its peak, by itself, and a group of processes while something runs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

MB = 1_000_000


def own_peak_bytes() -> int:
    """Return the most memory that this process has held since it began, in bytes of resident pages.

    On Linux from `/proc`, since `getrusage` counts the parent's pages until the program began as well.
    """
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class MemoryWatch:
    """The most memory that named groups of processes, and all of them together, held at a time."""

    def __init__(self) -> None:
        self.most_bytes: dict[str, int] = {}
        self.most_in_all_bytes = 0

    def look(self, groups: Mapping[str, list[psutil.Process]]) -> None:
        """Measure once."""
        held = {name: sum(map(_resident, processes)) for name, processes in groups.items()}
        for name, size in held.items():
            self.most_bytes[name] = max(size, self.most_bytes.get(name, 0))
        self.most_in_all_bytes = max(self.most_in_all_bytes, sum(held.values()))


@contextmanager
def watched(find: Callable[[], Mapping[str, list[psutil.Process]]], seconds: float = 0.25) -> Iterator[MemoryWatch]:
    """Measure groups of processes every `seconds` while the context lasts, and once at its end.

    Parameters
    ----------
    find
        Names the groups and finds their processes anew at each look, since some come and go.
    seconds
        Between two looks.
    """
    watch, over = MemoryWatch(), threading.Event()

    def watching() -> None:
        while not over.wait(seconds):
            watch.look(find())

    thread = threading.Thread(target=watching, name="memory-watch", daemon=True)
    watch.look(find())
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
        watch.look(find())


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
