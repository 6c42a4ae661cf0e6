"""The one place that picks the target: it alone knows the laptop's AWS, `helpers.local`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from helpers.errors import LabError
from helpers.settings import Target

if TYPE_CHECKING:
    from helpers.local.process import Services
    from helpers.local.watch import Watch

logger = logging.getLogger(__name__)


class NoLocalAwsError(LabError):
    """This copy of the lab came without the laptop's AWS."""

    def __init__(self) -> None:
        super().__init__("This copy of the lab has no src/helpers/local: use LAB_TARGET=aws, or a complete checkout.")


def local_endpoint(build_dir: Path) -> str:
    """Return the endpoint URL of this checkout's local AWS.

    Raises
    ------
    NoLocalAwsError
        If the lab has no local AWS.
    helpers.local.process.LocalAwsDownError
        If it is not up.
    """
    return str(local_services().running_endpoint(build_dir))


def local_watch(build_dir: Path, instance: str | None = None) -> Watch:
    """Return what notices that this checkout's local AWS has gone, or is another one than `instance`.

    Raises
    ------
    NoLocalAwsError
        If the lab has no local AWS.
    helpers.errors.LabError
        If it is not up, and no instance was named.
    """
    local_services()
    from helpers.local.watch import Watch

    return Watch(build_dir, instance)


def flink_urls(build_dir: Path, credentials: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Start this checkout's Flink if it is not up, and return the URLs of its SQL gateway and REST API.

    Parameters
    ----------
    build_dir
        The checkout's build folder.
    credentials
        Environment variables with an account's credentials; None for those of the local AWS.

    Raises
    ------
    NoLocalAwsError
        If the lab has no local services.
    helpers.errors.LabError
        If Flink does not come up.
    """
    process = local_services()
    process.start_flink(build_dir, credentials or process.LOCAL_CREDENTIALS)
    gateway, rest = process.flink_urls(build_dir)
    return str(gateway), str(rest)


@contextmanager
def held_services(target: Target, build_dir: Path) -> Iterator[Services | None]:
    """Hold the services that `target` needs: those that are up, else its own, stopped at the end."""
    if target == "aws":
        try:
            yield None
        finally:
            if find_spec("helpers.local") is not None:
                # A notebook started it with the account's credentials.
                local_services().stop_flink(build_dir)
        return
    process = local_services()
    were_up = process.status(build_dir) is not None
    try:
        process.start(build_dir)
        try:
            process.start_flink(build_dir)
        except LabError as error:
            # What does not need Flink can do without; the notebooks that need it will say that it is not up.
            logger.warning("%s", error)
        yield process.status(build_dir)
    finally:
        if not were_up:
            process.stop(build_dir)


def local_services() -> ModuleType:
    """Return the module that starts, finds and stops the laptop's AWS.

    Raises
    ------
    NoLocalAwsError
        If the lab has no local AWS.
    """
    if find_spec("helpers.local") is None:
        raise NoLocalAwsError()
    from helpers.local import process

    return process
