"""A folder on a disk that is full: writing there fails after so many bytes, as the system says it."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def full_disk(folder: Path, room_bytes: int = 0) -> Iterator[None]:
    """Let files under `folder` take `room_bytes` more in all, whoever opens them in this process."""
    left = [room_bytes]

    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            size = memoryview(data).nbytes
            if size > left[0]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.name))
            left[0] -= size
            return super().write(data)

    real = builtins.open

    def opened(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, *args: Any, **kwargs: Any) -> Any:
        inside = isinstance(file, (str, os.PathLike)) and folder in Path(file).absolute().parents
        if not inside or not set(mode) & set("wax+"):
            return real(file, mode, buffering, encoding, *args, **kwargs)
        raw = Full(os.fspath(file), mode.replace("b", "").replace("t", ""))
        if buffering == 0:
            return raw
        buffered = io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", opened)
        patch.setattr(io, "open", opened)
        yield
