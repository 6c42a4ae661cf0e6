"""The local AWS as a background process: start, find again, check, stop."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.errors import LabError


class LocalAwsDownError(LabError):
    """No local AWS is up for this checkout."""

    def __init__(self) -> None:
        super().__init__("The local AWS is not up: start it with `make up` (or `python -m helpers up`).")


def running_endpoint(build_dir: Path) -> str:
    """Return the endpoint URL of the local AWS that belongs to `build_dir`.

    Raises
    ------
    LocalAwsDownError
        If none is up.
    """
    described = build_dir / "local.json"
    if not described.is_file():
        raise LocalAwsDownError()
    endpoint: str = json.loads(described.read_text(encoding="utf-8"))["aws_endpoint"]
    return endpoint
