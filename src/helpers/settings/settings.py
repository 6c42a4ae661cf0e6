"""The one object that names everything: resources, places and endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.settings.batch_names import BatchNames
from helpers.settings.environment import Target
from helpers.settings.live_names import LiveNames


@dataclass(frozen=True)
class Settings(BatchNames, LiveNames):
    """Names of every resource of the lab, derived from prefix, account and region; and where a run works.

    Parameters
    ----------
    prefix, account, region
        See `Identity`.
    target
        `local` for the laptop's AWS, `aws` for the learner's account.
    endpoint_url
        Where the AWS clients talk to; None means AWS itself.
    build_dir
        Folder for everything that a run leaves behind.
    """

    target: Target
    endpoint_url: str | None
    build_dir: Path

    @property
    def results_dir(self) -> Path:
        return self.build_dir / "results"

    @property
    def inbox_dir(self) -> Path:
        """Where the laptop's mails land."""
        return self.build_dir / "inbox"

    @property
    def figures_dir(self) -> Path:
        """Pictures that notebooks save for the report."""
        return self.build_dir / "report" / "figures"
