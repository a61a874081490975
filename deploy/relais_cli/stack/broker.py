"""A real Apache Kafka on this machine: one KRaft broker on a JRE from a wheel, its jars from Maven Central.

For laptops, tests and demos; a cluster of one's own takes its place by `RELAIS_KAFKA`.
"""

import asyncio
import fcntl
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError

from relais_cli import places
from relais_cli.stack import jars, ports
from relais_cli.stack.child import Child, NotStarted, listens

HERE = Path(__file__).parent
CLUSTER = "cmVsYWlzLW9uLW9uZS1tYQ"
ARCHIVE = jars.HOME / "classes.aot"
FORMATTED = jars.HOME / "formatted"
# A small footprint and a quick start; benchmarks want the compiler's default tiers instead.
QUICK = ["-XX:TieredStopAtLevel=1"]
MEMORY = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC"]


def _java(*words: str) -> list[str]:
    log4j = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
    return [str(places.java()), *MEMORY, log4j, "-cp", f"{jars.HOME / 'libs'}/*", *words]


def _properties(folder: Path, port: int, controller: int, advertised: str | None, extra: Mapping[str, str]) -> str:
    here = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://{advertised or f'127.0.0.1:{port}'}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "log.dirs": str(folder / "data").replace("\\", "\\\\"),
        **extra,
    }
    return (HERE / "broker.properties").read_text() + "".join(f"{name}={value}\n" for name, value in here.items())


def prepare() -> None:
    """Jars, a formatted data folder to copy, and a class archive: made once for all stacks of this checkout."""
    jars.install()
    if (jars.HOME / "prepared").exists():
        return
    with (jars.HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (jars.HOME / "prepared").exists():
            _format()
            _archive()
            (jars.HOME / "prepared").touch()


def _format() -> None:
    shutil.rmtree(FORMATTED, ignore_errors=True)
    FORMATTED.mkdir()
    properties = FORMATTED / "server.properties"
    properties.write_text(_properties(FORMATTED, 1, 2, None, {}))
    done = subprocess.run(
        _java("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotStarted(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")


def _archive() -> None:
    """Boot once and record the classes loaded; without the archive a start only takes longer."""
    folder = jars.HOME / "training"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FORMATTED / "data", folder / "data")
    port, controller = ports.free_port(), ports.free_port()
    properties = folder / "server.properties"
    properties.write_text(_properties(folder, port, controller, None, {}))
    words = _java(*QUICK, f"-XX:AOTCacheOutput={ARCHIVE}", "kafka.Kafka", str(properties))
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None and "Kafka Server started" not in (folder / "log").read_text():
                if process.poll() is not None:
                    raise NotStarted((folder / "log").read_text())
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
            ports.release(port, controller)
    shutil.rmtree(folder)


class Broker:
    """One Kafka broker; `start` makes its data folder when there is none."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        *,
        quick: bool = True,
        port: int | None = None,
        advertised: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = ports.free_port(port)
        self._controller = ports.free_port()
        self.ports = (self.port, self._controller)
        self._advertised = advertised
        self._extra = dict(properties or {})
        archive = [f"-XX:AOTCache={ARCHIVE}"] if ARCHIVE.exists() or not jars.HOME.exists() else []
        options = [*(QUICK if quick else []), *archive]
        self.child = Child(
            "kafka",
            _java(*options, "kafka.Kafka", str(folder / "server.properties")),
            log,
            on_parent_death=signal.SIGTERM,
        )

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return self._advertised or f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await asyncio.to_thread(prepare)
        if not (self.folder / "data" / "meta.properties").exists():
            shutil.copytree(FORMATTED / "data", self.folder / "data", dirs_exist_ok=True)
        properties = _properties(self.folder, self.port, self._controller, self._advertised, self._extra)
        (self.folder / "server.properties").write_text(properties)
        self.child.start()
        await self.child.ready(self._answers, within=60)

    async def stop(self) -> None:
        """End it in order; what was acknowledged is kept."""
        await self.child.stop(within=20)

    def forget(self) -> None:
        """Delete its data."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _answers(self) -> bool:
        if not await listens(self.port):
            return False
        client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{self.port}", request_timeout_ms=2_000)
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        except (KafkaError, OSError):
            return False
        finally:
            await client.close()
