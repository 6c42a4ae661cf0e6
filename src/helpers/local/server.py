"""The local AWS as one process: the emulator with the lab's own services in front of it.

Run as `python -m helpers.local.server --port N`; `helpers.local.process` does so in the background.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
from collections.abc import Awaitable, Callable

HOST = "127.0.0.1"

Handler = Callable[..., Awaitable[tuple[int, dict[str, str], bytes]]]

# Each module has `install(handlers)`: it replaces the handlers of the services that it improves.
FRONTS = ("helpers.local.athena.service", "helpers.local.crawler.service", "helpers.local.kinesis")


def build_app() -> Callable[..., Awaitable[None]]:
    """Return the emulator's ASGI application with the lab's services installed."""
    from ministack import app as emulator

    for name in FRONTS:
        importlib.import_module(name).install(emulator.SERVICE_HANDLERS)
    return emulator.app


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the local AWS in the foreground.")
    parser.add_argument("--port", type=int, default=4566)
    port = parser.parse_args().port
    # The emulator reads these when it is imported.
    os.environ.update(GATEWAY_PORT=str(port), BIND_HOST=HOST, MINISTACK_HOST=HOST)

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    app = build_app()
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
