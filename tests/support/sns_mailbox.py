"""The local inbox as the tests read it: the mails to one address, oldest first."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Mailbox:
    """The mails in `folder` that went to `address`."""

    folder: Path
    address: str

    def mails(self) -> list[EmailMessage]:
        read = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self.folder.glob("*.eml"))]
        return [mail for mail in read if mail["To"] == self.address]

    def wait_for(self, count: int, seconds: float = 20) -> list[EmailMessage]:
        """Return the mails once there are `count`."""
        deadline = time.monotonic() + seconds
        while len(found := self.mails()) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(found) == count, [mail["Subject"] for mail in found]
        return found

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(mail.get_content()) for mail in self.mails()]


def open_link(url: str) -> str:
    """Open a link as a mail program would, without credentials, and return the page."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
