"""How long each call took: in the thread's own CPU time for what runs in this process, by the wall for who waits.

It keeps every time; what is made of them is for `rows`.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")
K = TypeVar("K")


def timed(call: Callable[[A], R], each: Iterable[A], keep: Callable[[R], K]) -> tuple[list[float], list[K]]:
    """Microseconds of CPU of each call, and what is kept of its answer, which is let go before the next one."""
    times, kept = [], []
    for one in each:
        begun = time.thread_time_ns()
        answer = call(one)
        times.append((time.thread_time_ns() - begun) / 1000)
        kept.append(keep(answer))
        del answer
    return times, kept


async def awaited(call: Callable[[A], Awaitable[R]], each: Iterable[A]) -> tuple[list[float], list[R]]:
    """Microseconds by the wall of each call, and its answer."""
    times, answers = [], []
    for one in each:
        begun = time.perf_counter_ns()
        answers.append(await call(one))
        times.append((time.perf_counter_ns() - begun) / 1000)
    return times, answers
