"""A file whose bytes are in memory already."""

from __future__ import annotations

import io


class MemoryFile(io.RawIOBase):
    """Where a reader is in bytes that are not copied; how they are read, and what counts, its subclasses say.

    Parameters
    ----------
    data
        All bytes of the file.
    """

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._data.nbytes}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
