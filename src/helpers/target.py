"""The one place that picks the target: it alone knows the laptop's AWS, `helpers.local`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from helpers.errors import LabError
from helpers.settings import Target

if TYPE_CHECKING:
    from helpers.local.process import Services


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


def flink_urls(build_dir: Path) -> tuple[str, str]:
    """Return the URLs of the SQL gateway and the REST API of this checkout's Flink.

    Raises
    ------
    NoLocalAwsError
        If the lab has no local services.
    helpers.local.process.FlinkNotUpError
        If it is not up.
    """
    gateway, rest = local_services().flink_urls(build_dir)
    return str(gateway), str(rest)


@contextmanager
def held_services(target: Target, build_dir: Path) -> Iterator[Services | None]:
    """Hold the services that `target` needs: those that are up, else its own, stopped at the end."""
    if target == "aws":
        yield None
        return
    process = local_services()
    were_up = process.status(build_dir) is not None
    try:
        process.start(build_dir)
        process.start_flink(build_dir)
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
