"""Plugin of the AWS CLI that records its calls, as `helpers.iam.recorder` does those of boto3."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from helpers.iam.recorder import ACCOUNT_VARIABLE, FILE_VARIABLE, Recorder


def awscli_initialize(events: Any) -> None:
    """Listen to the command's calls; the AWS CLI calls this when it starts."""
    Recorder(Path(os.environ[FILE_VARIABLE]), os.environ[ACCOUNT_VARIABLE]).listen_to(events)
