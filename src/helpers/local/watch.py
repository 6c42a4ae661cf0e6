"""Notice that the local AWS that a notebook works with has gone, or is another one than before.

It keeps everything in memory: after a restart the same port answers, and nothing is there. Without
this, the learner would wait for the client's retries and then read of a refused connection, or of a
bucket that does not exist.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from helpers.errors import LabError
from helpers.local import process
from helpers.local.background_errors import tail
from helpers.local.serving import ASTRAY, INSTANCE_HEADER, Running

_AGAIN = "run again from notebook 01, or the whole course with `make run`"


class LocalAwsGoneError(LabError):
    """The local AWS went away while something worked with it."""

    def __init__(self, log: Path | None = None) -> None:
        how = "was stopped" if log is None else f"ended by itself (its log {log} ends with: {tail(log)})"
        super().__init__(
            f"The local AWS {how}, and what it held is gone with it: start it with `make up`, then {_AGAIN}."
        )


class LocalAwsAnewError(LabError):
    """Another local AWS than before answers."""

    def __init__(self, began: float) -> None:
        at = datetime.fromtimestamp(began).strftime("%H:%M:%S")
        super().__init__(f"The local AWS was started anew at {at} and is empty: {_AGAIN}.")


class Watch:
    """Remembers which local AWS is up.

    Parameters
    ----------
    build_dir
        The checkout's build folder.
    instance
        Name of the one that must be up; by default the one that is.

    Raises
    ------
    helpers.local.process.LocalAwsDownError, helpers.local.background_errors.ProgramCrashedError
        If none is up, and none was named.
    """

    def __init__(self, build_dir: Path, instance: str | None = None) -> None:
        self._build_dir = build_dir
        if instance is None:
            process.running_endpoint(build_dir)
        found = self._running()
        self.instance = instance or (found.instance if found else "")

    def check(self) -> None:
        """Do nothing as long as the same local AWS is up.

        Raises
        ------
        LocalAwsGoneError, LocalAwsAnewError
            If it is not.
        """
        found = self._running()
        if found is None:
            place = process.folder(self._build_dir)
            crashed = process.AWS.left_behind(place)
            raise LocalAwsGoneError(process.AWS.log_path(place) if crashed else None)
        if found.instance != self.instance:
            raise LocalAwsAnewError(found.began)

    def listen(self, session: Any) -> None:
        """Check after every failed call of the clients that a boto3 session will make, before it is repeated.

        Each call names the local AWS that it is meant for: another one, of another checkout at the same port,
        does nothing for it.
        """
        session.events.register("before-call", self._address)
        session.events.register_first("before-parse", self._before_reading)
        session.events.register_first("needs-retry", self._after_call)

    def _address(self, params: dict[str, Any], **_: Any) -> None:
        params["headers"][INSTANCE_HEADER] = self.instance

    def _before_reading(self, response_dict: dict[str, Any], **_: Any) -> None:
        if response_dict["status_code"] == ASTRAY:
            self.check()

    def _after_call(self, response: Any, caught_exception: Exception | None, **_: Any) -> None:
        if caught_exception is not None or response[0].status_code >= 400:
            self.check()

    def _running(self) -> Running | None:
        return process.AWS.find(process.folder(self._build_dir))
