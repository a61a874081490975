"""A process stops with grace when asked, ends with status 1 when a part fails, and is never held up for ever."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

PROGRAM = """
import asyncio, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from relais_chassis.run import run
from relais_chassis.settings import Settings

def say(*words):
    print("SAID", *words, flush=True)

class Worker:
    def __init__(self, name, ends="when asked"):
        self.name, self.ends, self.asked = name, ends, asyncio.Event()
    async def run(self):
        say(self.name, "runs")
        if self.ends == "fails":
            raise ValueError("cannot reach jean@dupont.fr")
        if self.ends == "returns":
            return
        await self.asked.wait()
        if self.ends == "never":
            await asyncio.Event().wait()
        say(self.name, "is over")
    def stop(self):
        say(self.name, "is asked")
        self.asked.set()
    async def check(self):
        return None

async def slow(request):
    say("request begun")
    await asyncio.sleep(0.5)
    return PlainTextResponse("done")

async def endless(request):
    async def ticks():
        while True:
            yield b"tick"
            await asyncio.sleep(0.05)
    return StreamingResponse(ticks())

async def main(process):
    MAIN
    routes = [Route("/slow", slow), Route("/endless", endless), *process.health.routes()]
    server = process.serve(Starlette(routes=routes), "127.0.0.1", 0)
    process.stack.callback(say, "closed")

run("tested", main, Settings(stop_within=STOP))
"""

Started = Callable[..., Any]


class Run:
    """A process of the program above, and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.said, self.lines = process, list[str](), list[dict[str, Any]]()

    async def until(self, found: Callable[[], bool]) -> None:
        assert self.process.stdout is not None
        while not found():
            line = (await self.process.stdout.readline()).decode()
            assert line, f"it ended before that: {self.said} {self.lines}"
            if line.startswith("SAID"):
                self.said.append(line[5:].strip())
            else:
                self.lines.append(json.loads(line))

    async def url(self) -> str:
        await self.until(lambda: any(line["event"] == "listening" for line in self.lines))
        return str(next(line["url"] for line in self.lines if line["event"] == "listening"))

    async def end(self, *signals: signal.Signals) -> int:
        for each in signals:
            self.process.send_signal(each)
        await self.until(lambda: any(line["event"] == "stopped" for line in self.lines))
        return await self.process.wait()


@pytest.fixture
async def started() -> AsyncIterator[Started]:
    runs: list[Run] = []

    @asynccontextmanager
    async def start(main: str, stop_within: float = 20) -> AsyncIterator[Run]:
        program = PROGRAM.replace("MAIN", main).replace("STOP", str(stop_within))
        words = [sys.executable, "-c", program]
        runs.append(Run(await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)))
        yield runs[-1]

    yield start
    for each in runs:
        if each.process.returncode is None:
            each.process.kill()
            await each.process.wait()


TWO = 'process.add("relay", Worker("relay")); process.add("reader", Worker("reader"))'


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_parts_stop_in_reverse_order_one_after_the_other(started: Started, how: signal.Signals) -> None:
    async with started(TWO) as run:
        await run.url()
        assert await run.end(how) == 0
        stops = [each for each in run.said if "runs" not in each]
        assert stops == ["reader is asked", "reader is over", "relay is asked", "relay is over", "closed"]


async def test_a_request_in_hand_is_answered_and_then_the_door_is_shut(started: Started) -> None:
    async with started(TWO) as run, httpx.AsyncClient() as client:
        url = await run.url()
        asked = asyncio.create_task(client.get(f"{url}/slow"))
        await run.until(lambda: "request begun" in run.said)
        assert await run.end(signal.SIGTERM) == 0
        assert (await asked).text == "done"
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{url}/live")


async def test_an_endless_stream_does_not_hold_the_process(started: Started) -> None:
    async with started(TWO) as run, httpx.AsyncClient() as client:
        url = await run.url()
        async with client.stream("GET", f"{url}/endless") as stream:
            await anext(stream.aiter_bytes())
            assert await run.end(signal.SIGTERM) == 0


async def test_ready_asks_the_parts(started: Started) -> None:
    async with started(TWO) as run, httpx.AsyncClient() as client:
        ready = (await client.get(f"{await run.url()}/ready")).json()
        assert ready["checks"] == ["relay", "reader", "http"]
        assert await run.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("ends", ["fails", "returns"])
async def test_a_part_that_ends_unasked_ends_the_process_with_grace(started: Started, ends: str) -> None:
    async with started(f'process.add("good", Worker("good")); process.add("bad", Worker("bad", "{ends}"))') as run:
        assert await run.end() == 1
        assert "good is over" in run.said
        assert "closed" in run.said
        assert any(line["event"] == "a part has ended unasked" and line["part"] == "bad" for line in run.lines)
        assert "dupont" not in json.dumps(run.lines)


async def test_a_part_that_never_ends_is_left_after_the_limit(started: Started) -> None:
    async with started('process.add("stuck", Worker("stuck", "never"))', stop_within=0.5) as run:
        await run.url()
        run.process.send_signal(signal.SIGTERM)
        assert await run.process.wait() == 1


async def test_asked_twice_it_leaves_at_once(started: Started) -> None:
    async with started('process.add("stuck", Worker("stuck", "never"))', stop_within=60) as run:
        await run.url()
        run.process.send_signal(signal.SIGTERM)
        await run.until(lambda: "stuck is asked" in run.said)
        run.process.send_signal(signal.SIGTERM)
        assert await run.process.wait() == 1


async def test_a_process_that_is_still_waiting_to_begin_stops_too(started: Started) -> None:
    async with started('say("waiting"); await asyncio.Event().wait()') as run:
        await run.until(lambda: "waiting" in run.said)
        assert await run.end(signal.SIGTERM) == 0


async def test_a_process_that_cannot_begin_ends_with_1(started: Started) -> None:
    async with started('raise ConnectionError("no database")') as run:
        assert await run.end() == 1
        assert any("no database" in line.get("error", "") for line in run.lines)
