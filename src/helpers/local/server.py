"""The local AWS as one process: the emulator with the lab's own services in front of it.

Run as `python -m helpers.local.server --port N --folder DIR`; `helpers.local.process` does so in the
background.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from helpers.local.origins import AsgiApp
from helpers.local.ports import HOST
from helpers.local.serving import serving

Handler = Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]]

# Each module has `install(handlers)`: it replaces the handlers of the services that it improves.
FRONTS = (
    "helpers.local.athena.service",
    "helpers.local.glue.service",
    "helpers.local.s3.service",
    "helpers.local.s3_select.service",
    "helpers.local.crawler.service",
    "helpers.local.glue_jobs.service",
    "helpers.local.kinesis.service",
    "helpers.local.event_sources.service",
    "helpers.local.lambda_runtime.service",
    "helpers.local.firehose.service",
    "helpers.local.dynamodb.service",
    "helpers.local.queues.service",
    "helpers.local.sns.service",
    "helpers.local.logs.service",
    "helpers.local.embedded_metrics.service",
    "helpers.local.metrics.service",
    "helpers.local.stacks.service",
    "helpers.local.templates.service",
    "helpers.local.studio.service",
    "helpers.local.tagging.service",
    "helpers.local.quicksight.service",
    "helpers.local.identities.service",
    "helpers.local.iam.service",
)


def build_app() -> AsgiApp:
    """Return the emulator's ASGI application with the lab's services installed."""
    from ministack import app as emulator

    for name in FRONTS:
        importlib.import_module(name).install(emulator.SERVICE_HANDLERS)
    # Read by now. Functions inherit this environment, and Powertools would take the level for theirs.
    os.environ.pop("LOG_LEVEL", None)
    return emulator.app


def emulator_environment(port: int, folder: Path) -> dict[str, str]:
    """Return the variables that the emulator reads when it is imported.

    They keep it on one port of the loopback interface (by itself it would open listeners for IoT and
    SFTP on every interface), inside `folder`, away from Docker and from the learner's own credentials.
    """
    temporary = str(folder / "tmp")
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{(folder / 'no-docker').as_posix()}",
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": temporary,
        "TEMP": temporary,
        "TMP": temporary,
        "LOG_LEVEL": "WARNING",
        "LAB_BUILD_DIR": str(folder.parent),
        "LAB_INBOX_DIR": str(folder.parent / "inbox"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def main() -> None:
    with serving("aws") as served:
        temporary = served.folder / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True, exist_ok=True)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)
        os.environ.update(emulator_environment(served.port, served.folder))

        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        config = Config()
        config.bind = [f"fd://{served.listener.fileno()}"]
        config.keep_alive_timeout = 75
        config.loglevel = "WARNING"
        asyncio.run(serve(served.answering(build_app()), config))


if __name__ == "__main__":
    main()
