"""Everything together: broker, database, topics, schemas, keys, then the services, watched over until the end.

The console, the demo, system tests, fault tests and benchmarks all use this; it holds no rule of the domain.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from relais_cli import places, topics
from relais_cli.stack import keys, ports, schemas
from relais_cli.stack.broker import Broker
from relais_cli.stack.database import Database
from relais_cli.stack.worker import Worker
from relais_territories.overlay import SETTING

SERVICES = ("intake", "routing", "notifications")
WATCH_EVERY = 0.1


class Stack:
    """`async with Stack(folder) as stack:` runs the whole; leaving it stops every process.

    `kafka` and `postgres` (a superuser's DSN) stand in for the embedded ones. `env` goes to every service,
    `service_env[name]` to one; `workers[name]` says how many of it (1). Data are deleted at the end unless `keep_data`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        services: Sequence[str] = SERVICES,
        workers: Mapping[str, int] | None = None,
        env: Mapping[str, str] | None = None,
        service_env: Mapping[str, Mapping[str, str]] | None = None,
        kafka: str | None = None,
        postgres: str | None = None,
        advertised: str | None = None,
        database: str = "relais",
        prefix: str = "",
        keep_data: bool = False,
        durable: bool = True,
        quick: bool = True,
        supervised: bool = True,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        folder = folder.resolve()
        self.folder, self.logs = folder, folder / "logs"
        self.services, self.prefix, self.database_name = tuple(services), prefix, database
        self.broker = (
            None if kafka else Broker(folder / "kafka", self.logs / "kafka.log", quick=quick, advertised=advertised)
        )
        self.database = None if postgres else Database(folder / "postgres", self.logs / "postgres.log", durable=durable)
        self.kafka = kafka or (self.broker.address if self.broker else "")
        self.postgres = postgres or (self.database.dsn if self.database else "")
        self.keys = keys.Keys(folder)
        self.workers: dict[str, Worker] = {}
        self.keep_data, self.supervised, self.tell = keep_data, supervised, tell
        self._counts, self._env, self._service_env = dict(workers or {}), dict(env or {}), dict(service_env or {})
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Stack":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything and wait until every service is ready."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for old in self.logs.glob("*.log"):
            if old.name != "up.log":
                old.unlink()
        if not self.keep_data:
            self._forget_data()
        self.tell("broker and database")
        await asyncio.gather(*(server.start() for server in (self.database, self.broker) if server))
        self.tell("topics, schemas, keys")
        self.keys.make()
        await asyncio.gather(
            topics.create(self.kafka, self.prefix), schemas.create(self.postgres, self.services, self.database_name)
        )
        for service in self.services:
            for _ in range(self._counts.get(service, 1)):
                self._new_worker(service, {})
        if self.workers:
            self.tell(", ".join(self.workers))
        for worker in self.workers.values():
            worker.launch()
        await asyncio.gather(*(worker.ready() for worker in self.workers.values()))
        if self.supervised:
            self._watch = asyncio.create_task(self._supervise(), name="supervisor")

    async def stop(self) -> None:
        """Stop the services in order of the flow, then broker and database."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await asyncio.gather(*(worker.stop() for worker in self.workers.values()))
        ports.release(*(worker.port for worker in self.workers.values()))
        servers = [server for server in (self.broker, self.database) if server]
        await asyncio.gather(*(server.stop() for server in servers))
        ports.release(*(port for server in servers for port in server.ports))
        if not self.keep_data:
            self._forget_data()

    async def add_worker(self, service: str, env: Mapping[str, str] | None = None) -> Worker:
        """Start one more worker of a service."""
        worker = self._new_worker(service, env or {})
        await worker.start()
        return worker

    def worker(self, service: str, number: int = 1) -> Worker:
        """A service's n-th worker, counted from 1."""
        return self.workers[_name(service, number)]

    def url(self, service: str) -> str:
        """Where a service answers (its first worker)."""
        return self.worker(service).url

    def dsn(self, service: str) -> str:
        """The address a service reaches its schema with."""
        return schemas.dsn_for(self.postgres, schemas.role_of(service), self.database_name)

    @property
    def superuser(self) -> str:
        """The superuser's address of the stack's own database."""
        return self.postgres.rpartition("/")[0] + f"/{self.database_name}"

    def described(self) -> dict[str, Any]:
        """What `run.json` says of a running stack."""
        there = {worker.service: worker.url for worker in reversed(self.workers.values())}
        children = [server.child for server in (self.broker, self.database) if server]
        children += [worker.child for worker in self.workers.values()]
        return {
            **{service: there.get(service) for service in SERVICES},
            "board": f"{there['notifications']}/board" if "notifications" in there else None,
            "kafka": self.kafka,
            "postgres": self.superuser,
            "pids": {child.name: child.pid for child in children},
            "logs": str(self.logs),
        }

    def _new_worker(self, service: str, env: Mapping[str, str]) -> Worker:
        name = _name(service, 1 + sum(worker.service == service for worker in self.workers.values()))
        worker = Worker(service, name, lambda: {**self._settings(service), **env}, self.logs / f"{name}.log")
        self.workers[name] = worker
        return worker

    def _settings(self, service: str) -> dict[str, str]:
        urls = {each: self.url(each) for each in SERVICES if each in self.workers}
        return {
            "RELAIS_KAFKA": self.kafka,
            "RELAIS_POSTGRES": self.dsn(service),
            "RELAIS_TOPIC_PREFIX": self.prefix,
            "RELAIS_PAGES_ORIGIN": urls.get("notifications", ""),
            **{f"RELAIS_{each.upper()}_URL": url for each, url in urls.items()},
            **({SETTING: str(places.TERRITORIES)} if places.TERRITORIES.exists() else {}),
            **self.keys.settings(service),
            **self._env,
            **self._service_env.get(service, {}),
        }

    async def _supervise(self) -> None:
        reviving: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                for name, worker in self.workers.items():
                    fallen = worker.wanted and worker.child.exit_status not in (None, 0)
                    if fallen and (name not in reviving or reviving[name].done()):
                        self.tell(f"{name} ended with {worker.child.exit_status}, starting it again")
                        reviving[name] = group.create_task(worker.revive())
                await asyncio.sleep(WATCH_EVERY)

    def _forget_data(self) -> None:
        for server in (self.broker, self.database):
            if server:
                server.forget()


def _name(service: str, number: int) -> str:
    return service if number == 1 else f"{service}-{number}"
