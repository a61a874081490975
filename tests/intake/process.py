"""Intake as its own process on the real broker and database, and somebody who talks to it.

Started as `python -m relais_intake`, so that it can be stopped and killed like in life.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from joserfc.jwk import ECKey

import builders as a
from relais_chassis import clock
from relais_chassis.access import Caller, issue
from relais_contracts.catalogue import dump
from relais_contracts.codec import BATCH, from_kafka, to_kafka
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.topics import CASES, HANDOFFS

KEYS = "test:" + "A" * 43 + "="


@dataclass
class Process:
    """One intake, started, stopped and killed by the test."""

    kafka: str
    postgres: str
    prefix: str
    folder: Path
    key: ECKey
    url: str = ""
    child: asyncio.subprocess.Process | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)
    _listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        env = {
            **os.environ,
            "RELAIS_KAFKA": self.kafka,
            "RELAIS_POSTGRES": self.postgres,
            "RELAIS_TOPIC_PREFIX": self.prefix,
            "RELAIS_JWKS": str(self.folder / "jwks.json"),
            "RELAIS_CONTACT_KEYS": KEYS,
            "RELAIS_RATE": "1000000",
        }
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "relais_intake", env=env, stdout=asyncio.subprocess.PIPE
        )
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(self.child, ready))
        self.url = await asyncio.wait_for(ready, 30)
        async with httpx.AsyncClient() as http:
            async with asyncio.timeout(30):
                while (await http.get(f"{self.url}/ready")).status_code != 200:
                    await asyncio.sleep(0.05)

    async def _listen(self, child: asyncio.subprocess.Process, ready: "asyncio.Future[str]") -> None:
        assert child.stdout is not None
        async for line in child.stdout:
            said = json.loads(line)
            self.lines.append(said)
            if said.get("event") == "listening" and not ready.done():
                ready.set_result(said["url"])

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status."""
        assert self.child is not None
        assert self._listening is not None
        self.child.send_signal(how)
        status = await asyncio.wait_for(self.child.wait(), 30)
        await self._listening
        self.child = None
        return status

    def who(self, role: str = "operator", org: str = a.OPERATOR) -> dict[str, str]:
        """The header of somebody."""
        token = issue(self.key, Caller("someone", org, role), timedelta(hours=1))
        return {"authorization": f"Bearer {token}"}

    async def batch(self, events: Sequence[Any]) -> list[int]:
        """Send a batch; the status of each line, none where there was no answer."""
        headers = {**self.who(), "content-type": BATCH}
        try:
            async with httpx.AsyncClient(timeout=10) as http:
                answer = await http.post(f"{self.url}/v1/events", content=json.dumps(events), headers=headers)
        except httpx.TransportError:
            return []
        return [line["status"] for line in answer.json()] if answer.status_code == 207 else []

    async def get(self, path: str, who: dict[str, str] | None = None) -> httpx.Response:
        """A look at something."""
        async with httpx.AsyncClient() as http:
            return await http.get(f"{self.url}{path}", headers=who or self.who())

    async def published(self, topic: str = CASES.name) -> list[CloudEvent]:
        """Everything on a topic, partition by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka)
        await consumer.start()
        found: list[CloudEvent] = []
        try:
            partitions = [TopicPartition(self.prefix + topic, number) for number in range(8)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            for partition, end in (await consumer.end_offsets(partitions)).items():
                while await consumer.position(partition) < end:
                    records = await consumer.getmany(partition, timeout_ms=500)
                    found += [from_kafka(each.headers, each.value) for each in records.get(partition, ())]
        finally:
            await consumer.stop()
        return found

    async def tell(self, payload: Payload, number: int = 1, case: str = a.CASE, cause: str | None = None) -> None:
        """Routing writes an event."""
        stream = f"chain/{case}"
        event = CloudEvent(
            f"{stream}/{number}", "/relais/routing", payload.TYPE, dump(payload), case, clock.now(), number, cause
        )
        headers, value = to_kafka(event)
        async with AIOKafkaProducer(bootstrap_servers=self.kafka) as producer:
            await producer.send_and_wait(self.prefix + HANDOFFS.name, value, stream.encode(), headers=headers)
