"""The folder in which the laptop's mails land, one `.eml` file a mail."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "LAB_INBOX_DIR"

# Folded at the width that mail programs like; a header that is a URL or a name in Unicode stays readable.
_POLICY = SMTP.clone(linesep="\n", cte_type="8bit")

_lock = threading.Lock()
_count = 0


def folder() -> Path:
    """Return the inbox; the environment of the local AWS names it."""
    return Path(os.environ[FOLDER_VARIABLE])


def put(mail: EmailMessage) -> Path | None:
    """Write a mail into the inbox and return its file, None if the folder cannot be written.

    Names sort by the time of arrival. The file appears whole: a program that watches the folder for
    `*.eml` never reads half a mail. As with SNS, a mail that cannot be delivered fails no publish.
    """
    path = folder() / _next_name()
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(mail.as_bytes(policy=_POLICY))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The mail to %s could not be written to %s: %s", mail["To"], path.parent, error)
        return None
    return path


def _next_name() -> str:
    global _count
    with _lock:
        _count += 1
        return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{_count:06d}.eml"
