"""Files that are there as a whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import LabError

NO_ROOM = frozenset(getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG"))
# No space, no right, or something else in the place: what the learner can mend.
ABOUT_WRITING = NO_ROOM | {
    errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EIO
}  # fmt: skip


class UnwritableFileError(LabError):
    """A file of a run cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        super().__init__(
            f"{path} cannot be written ({reason}): make room or allow it there, or name another folder with "
            "LAB_BUILD_DIR; then run this again."
        )


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, whose file takes the place of `path` when all is well, and vanishes otherwise.

    Raises
    ------
    UnwritableFileError
        If it cannot be written; what stood at `path` before still stands there.
    """
    # The same ending, by which pictures know their format.
    part = path.with_name(f".part.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in ABOUT_WRITING:
            raise
        raise UnwritableFileError(path, error) from error


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path`, UTF-8 and LF.

    Raises
    ------
    UnwritableFileError
        If it cannot be written; what stood at `path` before still stands there.
    """
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
