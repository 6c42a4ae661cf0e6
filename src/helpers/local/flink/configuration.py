"""Flink's configuration on the laptop: loopback only, small and bounded memory, checkpoints on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from helpers.local.ports import HOST

SLOTS = 8

# Heap and other memory of the processes; in all they stay under 3 GB.
_MEMORY = """
jobmanager.memory.heap.size: 448m
jobmanager.memory.off-heap.size: 128m
jobmanager.memory.jvm-metaspace.size: 256m
jobmanager.memory.jvm-overhead.min: 64m
jobmanager.memory.jvm-overhead.max: 64m
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.task.heap.size: 512m
taskmanager.memory.task.off-heap.size: 0m
taskmanager.memory.managed.size: 128m
taskmanager.memory.network.min: 64m
taskmanager.memory.network.max: 64m
taskmanager.memory.jvm-metaspace.size: 256m
taskmanager.memory.jvm-overhead.min: 64m
taskmanager.memory.jvm-overhead.max: 64m
"""
JOB_MANAGER_HEAP = "448m"
TASK_MANAGER_HEAP = "640m"
GATEWAY_HEAP = "256m"
ZOOKEEPER_HEAP = "48m"

# A killed job manager counts as the leader until its ZooKeeper session ends; its successor takes about as
# long to come up, so this costs nothing.
_SESSION_MILLISECONDS = 6000

# Java 17 hides what Flink reaches into; the list is that of Flink's own default configuration.
_EXPORTED = (
    "java.base/sun.net.util",
    "java.rmi/sun.rmi.registry",
    "jdk.compiler/com.sun.tools.javac.api",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.compiler/com.sun.tools.javac.parser",
    "jdk.compiler/com.sun.tools.javac.tree",
    "jdk.compiler/com.sun.tools.javac.util",
    "java.security.jgss/sun.security.krb5",
)
_OPENED = (
    "java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time",
    "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks",
)  # fmt: skip
JAVA_OPTIONS = (
    *(f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTED),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
    # A small JDK lacks some of the modules above; that is no matter.
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-XX:+UseSerialGC",
)

_LOG4J = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %-5p %c{1} %m%n
"""


@dataclass(frozen=True)
class Ports:
    """Ports of the cluster on the loopback interface."""

    zookeeper: int
    rest: int
    gateway: int

    @property
    def rest_url(self) -> str:
        return f"http://{HOST}:{self.rest}"

    @property
    def gateway_url(self) -> str:
        return f"http://{HOST}:{self.gateway}"


def write_configuration(folder: Path, ports: Ports) -> Path:
    """Write `config.yaml`, `zoo.cfg` and `log4j.properties` for a cluster in `folder`; return their folder.

    A checkpoint every second: a query's rows are handed out only when a checkpoint has made them final.
    Jobs and where their latest checkpoints are stand in ZooKeeper, so that a job manager started again goes
    on with them, as Managed Service for Apache Flink does:
    https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/deployment/ha/zookeeper_ha/
    """
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    checkpoints = (folder / "checkpoints").as_uri()
    # A name of its own for each cluster: what an earlier one left behind is never taken up.
    cluster_id = f"/{secrets.token_hex(8)}"
    (conf / "config.yaml").write_text(
        f"""\
jobmanager.rpc.address: {HOST}
jobmanager.bind-host: {HOST}
high-availability.type: zookeeper
high-availability.storageDir: "{(folder / "ha").as_uri()}"
high-availability.cluster-id: {cluster_id}
high-availability.zookeeper.quorum: {HOST}:{ports.zookeeper}
high-availability.zookeeper.client.session-timeout: {_SESSION_MILLISECONDS} ms
high-availability.zookeeper.client.tolerate-suspended-connections: true
taskmanager.host: {HOST}
taskmanager.bind-host: {HOST}
taskmanager.numberOfTaskSlots: {SLOTS}
taskmanager.cpu.cores: 2.0
rest.address: {HOST}
rest.bind-address: {HOST}
rest.port: {ports.rest}
web.submit.enable: false
web.access-control-allow-origin: "http://{HOST}"
sql-gateway.endpoint.rest.address: {HOST}
sql-gateway.endpoint.rest.bind-address: {HOST}
sql-gateway.endpoint.rest.port: {ports.gateway}
{_MEMORY.strip()}
execution.checkpointing.interval: 1s
execution.checkpointing.dir: "{checkpoints}"
execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION
state.checkpoints.num-retained: 2
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 2147483647
restart-strategy.fixed-delay.delay: 1s
heartbeat.interval: 1000
heartbeat.timeout: 10000
io.tmp.dirs: "{(folder / "tmp").as_posix()}"
""",
        encoding="utf-8",
    )
    (conf / "zoo.cfg").write_text(
        f"""\
clientPort={ports.zookeeper}
clientPortAddress={HOST}
dataDir={(folder / "zookeeper").as_posix()}
tickTime=1000
admin.enableServer=false
""",
        encoding="utf-8",
    )
    (conf / "log4j.properties").write_text(_LOG4J, encoding="utf-8")
    return conf
