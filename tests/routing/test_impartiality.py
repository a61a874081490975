"""Fairness, watched: a planted bias is found, a fair year raises no alarm, and what is counted is counted once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from builders import OFFER, OPERATOR, a_case, a_partner, a_step, an_offer
from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Connection, Database
from relais_contracts.cases import OfferOption
from relais_contracts.handoffs import StepUnmet
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_routing.directory import LiveIndex
from relais_routing.impartiality import store, watch
from relais_routing.impartiality.alarms import RaiseAlarm
from relais_routing.impartiality.chances import WHOLE
from relais_routing.impartiality.counts import Counts, Period, month_of, months_until
from relais_routing.impartiality.report import ABOVE, Row
from relais_routing.impartiality.watch import Watch
from relais_routing.places import Taken
from relais_routing.shares import looked_at
from routers import Router
from years import LILLE, Rigged, Year

YEAR = Period(date(2025, 1, 1), date(2025, 12, 1))
END = datetime(2025, 12, 31, tzinfo=UTC)


@asynccontextmanager
async def counted(postgres: str, year: Year, number: int) -> AsyncIterator[tuple[Connection, Watch]]:
    """A year stored and counted."""
    await migrate(postgres, "routing", "relais_routing")
    async with Database(postgres, "routing", max_size=4) as database, database.connection() as conn:
        await year.store(conn, number)
        watching = Watch(database, LiveIndex(), Taken())
        await count(conn, watching)
        yield conn, watching


async def count(conn: Connection, watching: Watch) -> None:
    while await watching.once(conn):
        pass


async def alarms(conn: Connection) -> list[Row]:
    return [row for row in await looked_at(conn, YEAR, None) if row.is_alarm]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_fair_year_raises_no_alarm(postgres: str) -> None:
    async with counted(postgres, Year(2025), 20_000) as (conn, _):
        rows = await looked_at(conn, YEAR, None)
        assert {row.kind for row in rows} == {"partner", "group", "operator"}
        assert sum(row.received for row in rows if row.kind == "operator") > 100
        assert [row for row in rows if row.is_alarm] == []
        assert await watch.find(conn, END, 10) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_draw_rigged_by_a_few_per_cent_is_found(postgres: str) -> None:
    favourite = f"{LILLE}-2"
    async with counted(postgres, Rigged(7, favourite, 0.06), 12_000) as (conn, _):
        found = await alarms(conn)
        assert ("partner", favourite, ABOVE) in [(row.kind, row.id, row.verdict) for row in found]
        row = next(row for row in found if row.id == favourite)
        assert 0.02 < (row.received - row.expected) / row.decisions < 0.06


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_an_operator_that_steers_people_to_its_own_group_is_found(postgres: str) -> None:
    def steered(year: Year, honest: Any) -> str | None:
        """Half of them name one of the group, whoever their operator is: only its own people make it an alarm."""
        mine = [each.offer.offer for each in honest.ranking if each.offer.group == "greta"]
        return mine[0] if mine and year.chance.random() < 0.5 else None

    async with counted(postgres, Year(9, steered), 2_000) as (conn, _):
        assert {row.id for row in await alarms(conn) if row.kind == "operator"} == {"cep-greta"}
        (command,) = await watch.find(conn, END, 10)
        assert isinstance(command.body, RaiseAlarm)
        alarm = command.body.alarm
        assert (alarm.operator, alarm.group, alarm.month) == ("cep-greta", "greta", "2025-12")
        assert alarm.received > alarm.most > alarm.expected > 0


async def test_counts_made_anew_are_the_counts_that_were_kept(postgres: str) -> None:
    everything = "select * from impartiality_count order by month, kind, territory, name"
    async with counted(postgres, Year(3), 450) as (conn, watching):
        kept = await conn.fetch(everything)
        assert sum(row["received"] for row in kept if row["kind"] == "partner") > 100
        await conn.execute("truncate impartiality_own")
        await store.forget(conn)
        assert await conn.fetch(everything) == []
        await count(conn, watching)
        assert await conn.fetch(everything) == kept


async def test_it_goes_on_where_it_was_and_counts_nothing_twice(postgres: str) -> None:
    total = "select sum(received)::int from impartiality_count where kind = 'partner'"
    async with counted(postgres, Year(3), 60) as (conn, watching):
        first = await conn.fetchval(total)
        before = await store.place(conn)
        assert await watching.once(conn) == 0
        await Year(4).store(conn, 60)
        again = Watch(watching._database, LiveIndex(), Taken())
        await count(conn, again)
        assert first < await conn.fetchval(total) <= 2 * first + 60
        assert await store.save(conn, before, before, Counts(), {}) is False


async def test_what_is_not_committed_yet_is_not_passed_by(postgres: str) -> None:
    async with counted(postgres, Year(3), 10) as (conn, watching):
        async with watching._database.connection() as late:
            open_one = late.transaction()
            await open_one.start()
            await Year(5).store(late, 1)
            await Year(6).store(conn, 1)
            assert await watching.once(conn) == 0
            await open_one.commit()
        assert await watching.once(conn) == 2


def alarm(**given: Any) -> ImpartialityAlarmRaised:
    usual: dict[str, Any] = {
        "operator": "cep-greta",
        "group": "greta",
        "commune": "71270",
        "decisions": 20,
        "received": 19,
    }
    return ImpartialityAlarmRaised(**usual, expected=5.0, most=17.5, since=END, **given)


async def test_an_alarm_is_said_once_a_month(router: Router) -> None:
    command = Command("impartiality/cep-greta", RaiseAlarm(alarm(month="2025-12"), 0, None), None, END)
    await router.transactor.transact([command, command])
    await router.transactor.transact([command])
    said = "select count(*) from log where stream = 'impartiality/cep-greta'"
    assert await router.value(said) == 1
    async with router.database.connection() as conn:
        assert await store.raised(conn, ["cep-greta"]) == {"cep-greta": (1, "2025-12")}


async def test_an_alarm_that_does_not_say_its_month_is_of_the_month_it_was_written_in(router: Router) -> None:
    command = Command("impartiality/cep-greta", RaiseAlarm(alarm(), 0, "2025-11"), None, END)
    await router.transactor.transact([command])
    async with router.database.connection() as conn:
        assert await store.raised(conn, ["cep-greta", "cep-afpa"]) == {"cep-greta": (1, "2025-12")}


async def test_the_own_group_is_refused_without_a_name_and_marked_and_counted_with_one(router: Router) -> None:
    await router.hears(a_partner(partner=OPERATOR, group="greta"), a_partner(group="greta"), an_offer())
    unnamed, named = str(uuid4()), str(uuid4())
    await router.hears(*a_case(), case=unnamed)
    unmet = (await router.said(unnamed))[-1]
    assert (type(unmet), unmet.reason) == (StepUnmet, "not-eligible")
    by_name = a_case(steps=(a_step(options=(OfferOption(offer=OFFER),)),))
    await router.hears(*by_name, case=named)
    assert (await router.proposed(named)).offer == OFFER
    async with router.database.connection() as conn:
        records = {
            row["id"]: orjson.loads(row["record"]) for row in await conn.fetch("select id, record from decision")
        }
        assert records[(await router.proposed(named)).decision]["candidates"][0]["marks"] == ["own-group"]
        await count(conn, Watch(router.database, router.model.live, router.model.taken))
        sums = await store.sums(conn, months_until(month_of(clock.now())))
    assert {key: (each.decisions, each.received, each.expected) for key, each in sums.items()} == {
        ("operator", OPERATOR, "departement:71"): (1, 1, WHOLE)
    }


async def test_a_watch_that_leads_counts_by_itself_and_another_waits(router: Router) -> None:
    watches = [Watch(router.database, router.model.live, router.model.taken, every_seconds=0.02) for _ in range(2)]
    running = [asyncio.create_task(each.run()) for each in watches]
    await router.hears(a_partner(), an_offer(), a_partner(partner="b"), an_offer(partner="b", offer="b.x"))
    for _ in range(3):
        await router.hears(*a_case(), case=str(uuid4()))
    counted = "select coalesce(sum(received), 0)::int from impartiality_count where kind = 'partner'"
    async with asyncio.timeout(20):
        while await router.value(counted) < 3:
            await asyncio.sleep(0.02)
    for each in watches:
        each.stop()
    await asyncio.gather(*running)
    assert await router.value(counted) == 3
