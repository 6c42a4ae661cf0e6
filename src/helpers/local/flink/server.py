"""Flink as one background program: job manager, task manager, SQL gateway and their ZooKeeper, kept running.

Run as `python -m helpers.local.flink.server --port N --folder DIR`; `helpers.local.process` does so in
the background. The program itself answers on its port with where Flink is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from helpers.local.flink import configuration, jars
from helpers.local.ports import listen
from helpers.local.serving import serving

logger = logging.getLogger(__name__)

START_SECONDS = 150.0
# Those of the documentation: ZooKeeper, web page, SQL gateway.
PORTS = (2181, 8081, 8083)
_POLL_SECONDS = 0.1
_RESTART_SECONDS = 1.0
# What only directs others is not worth the second compiler: it would take as much of the processor as all the rest.
_SWIFT_START = ("-XX:TieredStopAtLevel=1",)


@dataclass(frozen=True)
class Part:
    """One of Flink's processes."""

    name: str
    main_class: str
    heap: str
    options: tuple[str, ...] = ()


JOB_MANAGER = Part(
    "jobmanager",
    "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    configuration.JOB_MANAGER_HEAP,
    _SWIFT_START,
)
TASK_MANAGER = Part(
    "taskmanager", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner", configuration.TASK_MANAGER_HEAP
)
GATEWAY = Part("gateway", "org.apache.flink.table.gateway.SqlGateway", configuration.GATEWAY_HEAP, _SWIFT_START)
# What survives a killed job manager: its jobs and where their checkpoints are.
ZOOKEEPER = Part(
    "zookeeper",
    "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain",
    configuration.ZOOKEEPER_HEAP,
    # The file system's cache outlives a killed process; waiting for the disk would slow each checkpoint.
    (*_SWIFT_START, "-Dzookeeper.forceSync=no", "-Dzookeeper.jmx.log4j.disable=true"),
)
PARTS = (ZOOKEEPER, JOB_MANAGER, TASK_MANAGER, GATEWAY)


class EndedAtOnceError(RuntimeError):
    """A part of Flink ended as soon as it was started."""


class Cluster:
    """Flink's processes; one that ends by itself is started again."""

    def __init__(self, folder: Path, ports: configuration.Ports) -> None:
        self.folder = folder
        self.ports = ports
        self._conf = configuration.write_configuration(folder, ports)
        self._running: dict[Part, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all and wait until slots and gateway are there.

        Raises
        ------
        EndedAtOnceError
            If one of them ends.
        RuntimeError
            If they are not ready within `START_SECONDS`.
        """
        for part in PARTS:
            self._running[part] = self._launch(part)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            overview = _get(f"{self.ports.rest_url}/overview")
            if overview.get("slots-total") and _get(f"{self.ports.gateway_url}/info"):
                return
            ended = [part.name for part, process in self._running.items() if process.poll() is not None]
            if ended:
                raise EndedAtOnceError(f"Flink's {ended[0]} ended at once, see {self.folder / ended[0]}.log")
            time.sleep(_POLL_SECONDS)
        raise RuntimeError(f"Flink is not ready after {START_SECONDS:.0f} s, see the logs in {self.folder}")

    def mend(self) -> None:
        """Start again what has ended."""
        for part, process in list(self._running.items()):
            if process.poll() is not None:
                logger.warning("Flink's %s ended with status %s and is started again", part.name, process.returncode)
                self._running[part] = self._launch(part)

    def stop(self) -> None:
        """End all of them at once: nothing of theirs is needed afterwards, and in good order it takes 13 s."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()

    def _launch(self, part: Part) -> subprocess.Popen[bytes]:
        class_path = [*jars.flink_jars(), *jars.fetched_jars("kinesis")]
        if part is GATEWAY:
            class_path += jars.fetched_jars("gateway")
        arguments = {GATEWAY: [], ZOOKEEPER: [str(self._conf / "zoo.cfg")]}.get(part, ["--configDir", str(self._conf)])
        command = [
            str(jars.java()),
            f"-Xmx{part.heap}",
            *configuration.JAVA_OPTIONS,
            *part.options,
            f"-Dlog4j.configurationFile={(self._conf / 'log4j.properties').as_uri()}",
            "-cp",
            os.pathsep.join(map(str, class_path)),
            part.main_class,
            *arguments,
        ]
        log: IO[bytes]
        with (self.folder / f"{part.name}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(), cwd=self.folder
            )

    def _environment(self) -> dict[str, str]:
        home = jars.flink_home()
        return {
            **os.environ,
            "FLINK_CONF_DIR": str(self._conf),
            "FLINK_LIB_DIR": str(home / "lib"),
            "FLINK_OPT_DIR": str(home / "opt"),
            "FLINK_PLUGINS_DIR": str(home / "plugins"),
        }


def main() -> None:
    with serving("flink") as served:
        folder = served.folder / "flink"
        end_orphans(folder)
        shutil.rmtree(folder, ignore_errors=True)
        cluster = _started(folder)
        try:
            asyncio.run(_serve(served, cluster))
        finally:
            cluster.stop()


def _started(folder: Path) -> Cluster:
    """Start a cluster; on other ports if one was taken by another program in the meantime."""
    tries: tuple[tuple[int, int, int], ...] = (PORTS, (0, 0, 0), (0, 0, 0))
    for number, wanted in enumerate(tries, start=1):
        cluster = Cluster(folder, configuration.Ports(*(_free_port(port) for port in wanted)))
        try:
            cluster.start()
            return cluster
        except EndedAtOnceError as error:
            cluster.stop()
            if number == len(tries):
                raise
            logger.warning("%s; trying other ports", error)
        except BaseException:
            cluster.stop()
            raise
    raise AssertionError("the last try returns or raises")


def end_orphans(folder: Path) -> None:
    """End what a program that was killed left running in `folder`, its own folder."""
    mark = (folder / "conf").as_uri()
    orphans = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(mark in argument for argument in process.info["cmdline"] or [])
    ]
    for process in orphans:
        logger.info("ending process %s of an earlier Flink", process.pid)
        process.kill()
    psutil.wait_procs(orphans, timeout=5)


async def _serve(served: Any, cluster: Cluster) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{served.listener.fileno()}"]
    config.loglevel = "WARNING"
    mending = asyncio.create_task(_keep(cluster))
    try:
        await serve(served.answering(_where(cluster.ports)), config)
    finally:
        mending.cancel()


async def _keep(cluster: Cluster) -> None:
    while True:
        await asyncio.sleep(_RESTART_SECONDS)
        await asyncio.to_thread(cluster.mend)


def _where(ports: configuration.Ports) -> Any:
    body = json.dumps({"flink_rest": ports.rest_url, "flink_sql_gateway": ports.gateway_url}).encode()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def _free_port(wanted: int) -> int:
    from helpers.local.ports import PortTakenError

    try:
        listener = listen(wanted)
    except PortTakenError:
        listener = listen(0)
    with listener:
        port: int = listener.getsockname()[1]
        return port


def _get(url: str) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except (OSError, ValueError):
        return {}


if __name__ == "__main__":
    main()
