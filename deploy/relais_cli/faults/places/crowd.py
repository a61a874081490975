"""The crowd: fifty operators that send at once, partners that answer what the topic tells, some that keep silent.

Everybody speaks to intake's door as a real system would and reads `relais.handoffs`. What came of it is `judge`'s
business.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from aiokafka import AIOKafkaConsumer

from relais_cli.counselling import counselled
from relais_cli.faults.places.course import PEOPLE, PLACES, Course
from relais_cli.faults.places.judge import Result, judge
from relais_cli.stack import Stack
from relais_contracts.cases import (
    CaseConsentGiven,
    CaseOpened,
    CasePayload,
    Interview,
    Mobility,
    OfferOption,
    Possibility,
    Project,
    Step,
)
from relais_contracts.catalogue import dump, parse
from relais_contracts.codec import BATCH, batch_to_json, from_kafka
from relais_contracts.directory import PlacesDeclared
from relais_contracts.envelope import CloudEvent
from relais_contracts.handoffs import HandoffAccepted, HandoffPayload, HandoffProposed, StepUnmet
from relais_contracts.identifiers import key_of
from relais_contracts.topics import HANDOFFS
from relais_intake.directory.adapters.lines import line_of

COMMUNE: Final = "71263"
DIRECTORY: Final = "directory-of-places"
INTERVIEW: Final = Interview(number=1, mode="in-person", minutes=60)
LONGEST: Final = 120.0
"""Seconds until a message that finds no answer, or a round that does not end, is a fault of its own."""
AT_ONCE: Final = 200
"""Requests open at a time."""
TAKEN: Final = (200, 202)
"""Taken now, or before, where an answer was lost."""


class Crowd:
    """The actors of all rounds."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, seed: int) -> None:
        self._stack, self._session, self._seed = stack, session, seed
        self._tokens: dict[tuple[str, str], str] = {}
        self._courses: dict[str, Course] = {}
        self._moved = asyncio.Condition()
        self._doing: set[asyncio.Task[None]] = set()
        self.actions = 0

    # Speaking

    async def post(self, path: str, who: tuple[str, str], body: bytes, kind: str) -> tuple[int, bytes]:
        """Ask intake until answered; 429 and 503 are no answer."""
        token = self._tokens.get(who)
        if token is None:
            token = self._tokens[who] = self._stack.keys.token(*who, lifetime=timedelta(hours=12))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        async with asyncio.timeout(LONGEST):
            while True:
                url = self._stack.url("intake") + path
                async with self._session.post(url, data=body, headers=headers) as answer:
                    if answer.status not in (429, 503):
                        return answer.status, await answer.read()
                await asyncio.sleep(0.2)

    async def send(self, operator: str, events: Sequence[tuple[str, CasePayload]]) -> None:
        """An operator's facts, all of them taken."""
        batch = [
            CloudEvent(f"{case}-{payload.TYPE}", f"/{operator}", payload.TYPE, dump(payload), case)
            for case, payload in events
        ]
        status, answer = await self.post("/v1/events", ("operator", operator), batch_to_json(batch), BATCH)
        refused = [line for line in json.loads(answer) if line["status"] not in TAKEN] if status == 207 else [answer]
        if refused:
            raise RuntimeError(f"events were not taken: {status} {refused[0]!r}")

    async def declare(self, courses: Sequence[Course]) -> None:
        """The directory of some rounds: ten places each."""
        at = datetime.now(UTC)
        entries = [entry for course in courses for entry in course.entries(COMMUNE)]
        counted = [PlacesDeclared(offer=course.offer, state="open", number=PLACES, at=at) for course in courses]
        body = b"\n".join(line_of(each, DIRECTORY) for each in (*entries, *counted))
        status, answer = await self.post("/v1/directory", ("directory", DIRECTORY), body, "application/x-ndjson")
        refused = [line for line in answer.splitlines() if status != 207 or json.loads(line)["status"] not in TAKEN]
        if refused:
            raise RuntimeError(f"the directory was not taken: {status} {refused[0]!r}")

    # Rounds

    async def rounds(self, courses: Sequence[Course]) -> None:
        """Run some rounds at once: everybody is prepared, then all strategies go out together."""
        await self.declare(courses)
        self._courses |= {case: course for course in courses for case in course.cases}
        said = [(course, facts(course)) for course in courses]
        await asyncio.gather(
            *(
                self.send(operator(person), [(c.cases[person], fact) for c, told in said for fact in told[:-1]])
                for person in range(PEOPLE)
            )
        )
        await asyncio.gather(
            *(
                self.send(operator(person), [(course.cases[person], told[-1])])
                for course, told in said
                for person in range(PEOPLE)
            )
        )
        async with self._moved, asyncio.timeout(LONGEST):
            await self._moved.wait_for(lambda: all(course.is_run for course in courses))
        for course in courses:
            for case in course.cases:
                del self._courses[case]

    # Hearing, and what follows

    async def listen(self, consumer: AIOKafkaConsumer) -> None:
        """Follow the hand-offs, until cancelled; partners and operators do what they are to do."""
        while True:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                for record in records:
                    self._hear(from_kafka(record.headers, record.value))
            async with self._moved:
                self._moved.notify_all()
            failed = [task for task in self._doing if task.done() and task.exception()]
            for task in failed:
                task.result()

    def _hear(self, event: CloudEvent) -> None:
        if not event.id.startswith("chain/"):
            return
        case = event.subject or key_of(event.id)
        course, told = self._courses.get(case), parse(event)
        if course is None or not isinstance(told, HandoffPayload | StepUnmet):
            return
        course.hear(case, told)
        answer = course.answers[case]
        if isinstance(told, HandoffProposed):
            self._do(course, case, told.handoff, answer)
        elif isinstance(told, HandoffAccepted) and answer == "accept-then-cancel":
            self._do(course, case, told.handoff, "cancel")

    def _do(self, course: Course, case: str, handoff: str, answer: str) -> None:
        by_operator = {"action": "request-cancellation", "reason": "not-interested", "caused_by": "person"}
        asked: dict[str, Any] = {
            "accept": {"action": "accept"},
            "accept-then-cancel": {"action": "accept"},
            "decline": {"action": "decline", "reason": "not-eligible", "caused_by": "partner"},
            "cancel": by_operator,
        }
        if answer in asked:
            who = (
                ("operator", operator(course.cases.index(case))) if answer == "cancel" else ("partner", course.partner)
            )
            task = asyncio.create_task(self._act(who, handoff, asked[answer]))
            self._doing.add(task)
            task.add_done_callback(lambda done: self._doing.discard(done) if not done.exception() else None)

    async def _act(self, who: tuple[str, str], handoff: str, asked: dict[str, Any]) -> None:
        """An action; 409 where the other side, or the clock, was first."""
        self.actions += 1
        body = json.dumps({"id": f"{handoff}-{asked['action']}", **asked}).encode()
        status, answer = await self.post(f"/v1/handoffs/{handoff}/actions", who, body, "application/json")
        if status not in (200, 202, 409):
            raise RuntimeError(f"an action was not taken: {status} {answer[:500]!r}")


def operator(person: int) -> str:
    """The operator of a person: everybody in a round has another one."""
    return f"operator-{person}"


def facts(course: Course) -> tuple[CasePayload, ...]:
    """What the counsellor says of everybody in a round; the strategy, for the offer that all want, comes last."""
    need, until = course.need, datetime.now(UTC).date() + timedelta(days=30)
    wanted = (OfferOption(offer=course.offer),)
    return counselled(
        CaseOpened(commune=COMMUNE, situation="jobseeker", mobility=Mobility(means=("car",), reach_minutes=60)),
        (INTERVIEW, INTERVIEW),
        stated=(need,),
        project=Project(kind="training"),
        possibilities=[Possibility(option=way, actor="training-body", need=need) for way in ("Ici", "Ailleurs")],
        consent=CaseConsentGiven(recipients="matching", data=("need",), until=until),
        steps=(Step(step="wanted", actor="training-body", need=need, options=wanted, on_refusal="next"),),
    )


async def run(stack: Stack, rounds: int, together: int, seed: int, tell: Callable[[str], None]) -> Result:
    """All rounds, some at a time; then the judgement."""
    courses = [Course(number, seed) for number in range(rounds)]
    started, stuck = time.monotonic(), ""
    consumer = AIOKafkaConsumer(
        stack.prefix + HANDOFFS.name, bootstrap_servers=stack.kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
            crowd = Crowd(stack, session, seed)
            listening = asyncio.create_task(crowd.listen(consumer))
            listening.add_done_callback(lambda done: done.cancelled() or done.exception())
            for start in range(0, rounds, together):
                some = courses[start : start + together]
                running = asyncio.create_task(crowd.rounds(some))
                await asyncio.wait({running, listening}, return_when=asyncio.FIRST_COMPLETED)
                if listening.done():
                    running.cancel()
                    listening.result()
                try:
                    running.result()
                except TimeoutError:
                    stuck = "; ".join(str(course) for course in some if not course.is_run)
                    break
                tell(f"{start + len(some)} of {rounds} rounds, {round(time.monotonic() - started)} s")
            listening.cancel()
    finally:
        await consumer.stop()
    result = await judge(stack, [course.offer for course in courses])
    result.figures |= {"actions": crowd.actions, "seconds": round(time.monotonic() - started, 1)}
    result.wrong += [f"did not come to rest: {stuck}"] if stuck else []
    return result
