"""The folder in which the laptop's mails land, one `.eml` file a mail."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "LAB_INBOX_DIR"

# Folded at the width that mail programs like; a header that is a URL or a name in Unicode stays readable.
_POLICY = SMTP.clone(linesep="\n", cte_type="8bit")

RETRY_SECONDS = 1.0

_lock = threading.Lock()
_unwritten: deque[tuple[Path, bytes]] = deque()
_count = 0


def folder() -> Path:
    """Return the inbox; the environment of the local AWS names it."""
    return Path(os.environ[FOLDER_VARIABLE])


def put(mail: EmailMessage) -> Path | None:
    """Write a mail into the inbox and return its file, None if the folder cannot be written at the moment.

    Names sort by the time of arrival. The file appears whole: a program that watches the folder for
    `*.eml` never reads half a mail. As with SNS, a mail that cannot be delivered fails no publish, and is tried
    again: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
    """
    path, content = folder() / _next_name(), mail.as_bytes(policy=_POLICY)
    try:
        _write(path, content)
    except OSError as error:
        logger.warning("The mail to %s cannot be written to %s yet: %s", mail["To"], path.parent, error)
        _write_later(path, content)
        return None
    return path


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_later(path: Path, content: bytes) -> None:
    with _lock:
        _unwritten.append((path, content))
        if len(_unwritten) == 1:
            threading.Thread(target=_keep_trying, name="inbox", daemon=True).start()


def _keep_trying() -> None:
    """Write what could not be written, in its order, until nothing is left."""
    while True:
        try:
            _write(*_unwritten[0])
        except OSError:
            time.sleep(RETRY_SECONDS)
            continue
        with _lock:
            _unwritten.popleft()
            if not _unwritten:
                return


def _next_name() -> str:
    global _count
    with _lock:
        _count += 1
        return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{_count:06d}.eml"
