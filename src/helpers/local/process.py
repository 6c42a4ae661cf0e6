"""The services on this machine: start, find again, stop, and say where they are.

While they are up, `local.json` in the build folder says where, for other programs.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from helpers.errors import LabError
from helpers.local import console
from helpers.local.background import Program
from helpers.local.background_errors import BuildFolderError, ProgramCrashedError
from helpers.local.flink import jars
from helpers.local.flink.server import end_orphans
from helpers.local.serving import Running, write_whole
from helpers.settings import DEFAULT_REGION

AWS = Program("local AWS", "aws", "helpers.local.server", 4566)
CONSOLE = Program("console page", "console", "helpers.local.console", 8080)
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": ""}
FLINK = Program("Flink", "flink", "helpers.local.flink.server", 8082, start_seconds=180.0)


class LocalAwsDownError(LabError):
    """No local AWS is up for this checkout."""

    def __init__(self) -> None:
        super().__init__("The local AWS is not up: start it with `make up` (or `python -m helpers up`).")


class FlinkNotUpError(LabError):
    """No Flink is up for this checkout."""

    def __init__(self) -> None:
        super().__init__("Flink is not up: start it with `make up` (or `python -m helpers up`).")


@dataclass(frozen=True)
class Services:
    """Where the services are: URLs, and the folder of the mails; None for what is not up."""

    aws_endpoint: str
    flink_rest: str | None = None
    flink_sql_gateway: str | None = None
    console: str | None = None
    inbox: str | None = None


def start(build_dir: Path, port: int | None = None) -> Services:
    """Start the local AWS in the background, or find it if it is up.

    Parameters
    ----------
    build_dir
        The checkout's build folder; each has a local AWS of its own.
    port
        This port or none; by default 4566, or another free one if that is taken.

    Raises
    ------
    helpers.errors.LabError
        If `port` is taken, the folder cannot be written or the local AWS does not come up.
    """
    place = folder(build_dir)
    if AWS.find(place) is None:
        # A page left from a local AWS that crashed would look at the wrong port.
        CONSOLE.stop(place)
    AWS.start(place, port)
    return _described(build_dir)


def start_console(build_dir: Path) -> str:
    """Start the console page over the local AWS, or find it, and return its URL.

    Raises
    ------
    LocalAwsDownError
        If the local AWS is not up.
    helpers.errors.LabError
        If the page does not come up.
    """
    endpoint = running_endpoint(build_dir)
    place = folder(build_dir)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    running = CONSOLE.start(place, environment=console.environment(endpoint, region, place / "console"))
    _described(build_dir)
    return running.url


def start_flink(build_dir: Path, credentials: Mapping[str, str] = LOCAL_CREDENTIALS) -> str:
    """Start Flink, or find it, and return the URL of its web page.

    Parameters
    ----------
    build_dir
        The checkout's build folder.
    credentials
        Environment variables by which its jobs come to their streams.

    Raises
    ------
    helpers.errors.LabError
        If a jar cannot be fetched or Flink does not come up.
    """
    for group in jars.GROUPS:
        # Here, where a missing jar is one clear sentence and not the end of a log.
        jars.fetched_jars(group)
    place = folder(build_dir)
    running = FLINK.start(place, environment=dict(credentials))
    if AWS.find(place) is not None:
        _described(build_dir)
    return _flink_urls(running)["flink_rest"]


def stop_flink(build_dir: Path) -> None:
    """Stop Flink, if it is up, and what one that was killed left running."""
    place = folder(build_dir)
    FLINK.stop(place)
    end_orphans(place / "flink")


def flink_urls(build_dir: Path) -> tuple[str, str]:
    """Return the URLs of Flink's SQL gateway and of its web page, which is its REST API too.

    Raises
    ------
    FlinkNotUpError
        If Flink is not up.
    """
    running = FLINK.find(folder(build_dir))
    urls = _flink_urls(running) if running else {}
    if not urls:
        raise FlinkNotUpError()
    return urls["flink_sql_gateway"], urls["flink_rest"]


def stop(build_dir: Path) -> bool:
    """Stop the local AWS, Flink and the console page; return whether the local AWS was up.

    Raises
    ------
    helpers.errors.LabError
        If they belong to another user.
    """
    place = folder(build_dir)
    CONSOLE.stop(place)
    stop_flink(build_dir)
    was_up = AWS.stop(place)
    _forget_description(build_dir)
    return was_up


def status(build_dir: Path) -> Services | None:
    """Return where the services of `build_dir` are, None if the local AWS is not up.

    Raises
    ------
    helpers.local.background_errors.BuildFolderError
        If what an ended local AWS left behind cannot be removed.
    """
    place = folder(build_dir)
    aws = AWS.find(place)
    if aws is None:
        # What an ended process left behind would mislead other programs.
        _forget_description(build_dir)
        return None
    page = CONSOLE.find(place)
    flink = FLINK.find(place)
    return Services(
        aws.url,
        console=page.url if page else None,
        inbox=str(build_dir / "inbox"),
        **(_flink_urls(flink) if flink else {}),
    )


def running_endpoint(build_dir: Path) -> str:
    """Return the endpoint URL of the local AWS that belongs to `build_dir`.

    Raises
    ------
    LocalAwsDownError
        If none is up.
    helpers.local.background_errors.ProgramCrashedError
        If it ended without being stopped.
    """
    services = status(build_dir)
    if services is not None:
        return services.aws_endpoint
    place = folder(build_dir)
    if AWS.left_behind(place):
        raise ProgramCrashedError(AWS.title, None, AWS.log_path(place))
    raise LocalAwsDownError()


def folder(build_dir: Path) -> Path:
    """Return where the services keep their files: logs, temporary files, who they are."""
    return build_dir / "local"


def _flink_urls(running: Running) -> dict[str, str]:
    """Return where the parts of a running Flink are; empty while it is still coming up."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(running.url, timeout=5) as answer:
            found: dict[str, str] = json.load(answer)
            return found
    except (OSError, ValueError):
        return {}


def _description(build_dir: Path) -> Path:
    return build_dir / "local.json"


def _forget_description(build_dir: Path) -> None:
    path = _description(build_dir)
    if path.exists():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BuildFolderError(build_dir, error) from error


def _described(build_dir: Path) -> Services:
    services = status(build_dir)
    if services is None:
        raise LocalAwsDownError()
    try:
        write_whole(_description(build_dir), json.dumps(asdict(services), indent=2) + "\n")
    except OSError as error:
        raise BuildFolderError(build_dir, error) from error
    return services
