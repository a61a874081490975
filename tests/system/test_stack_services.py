"""Services as the stack's children: they get their settings, come back when they fall, and stop in order."""

import asyncio
from collections.abc import Callable

import psutil
import pytest

from relais_cli.stack import NotStarted, Stack

AStack = Callable[..., Stack]


async def test_a_killed_worker_is_started_again_and_a_stopped_one_is_not(a_stack: AStack) -> None:
    async with a_stack(services=["notifications"]) as running:
        worker = running.worker("notifications")
        first = worker.pid
        await worker.kill()
        while worker.pid == first:
            await asyncio.sleep(0.05)
        await worker.ready()
        assert worker.starts == 2
        assert await worker.stop() == 0
        await asyncio.sleep(1)
        assert not worker.child.is_alive
        await worker.start()


async def test_workers_of_one_service_live_side_by_side_with_settings_of_their_own(a_stack: AStack) -> None:
    settings = {"env": {"RELAIS_LOG_LEVEL": "WARNING"}, "service_env": {"routing": {"RELAIS_MAX_BATCH": "7"}}}
    async with a_stack(services=["routing"], workers={"routing": 2}, **settings) as running:
        third = await running.add_worker("routing", {"RELAIS_READER": "plain"})
        assert len({worker.url for worker in running.workers.values()}) == 3
        env = psutil.Process(third.pid).environ()
        assert (env["RELAIS_LOG_LEVEL"], env["RELAIS_MAX_BATCH"], env["RELAIS_READER"]) == ("WARNING", "7", "plain")
        assert "relais_routing@" in env["RELAIS_POSTGRES"]
        assert "RELAIS_SIGNING_KEY" not in env
        pids = [worker.pid for worker in running.workers.values()]
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_service_that_cannot_start_says_why(a_stack: AStack) -> None:
    with pytest.raises(NotStarted, match=r"routing ended with 1[\s\S]*nowhere\.toml"):
        await a_stack(services=["routing"], env={"RELAIS_POLICY": "/nowhere.toml"}).__aenter__()
