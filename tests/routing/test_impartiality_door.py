"""`GET /v1/impartiality`: coordinators see their départements, operators what went to their own group."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest

from relais_chassis.commands import Command
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_routing.directory import LiveIndex
from relais_routing.impartiality.alarms import RaiseAlarm
from relais_routing.impartiality.watch import Watch
from relais_routing.places import Taken
from relais_routing.shares import Shares, departements
from relais_territories import FRANCE
from routers import router_on
from routing.doors import asked
from years import Year

Ask: TypeAlias = Callable[..., Any]
OF_2025 = {"since": "2025-01", "until": "2025-12"}
ALARM = ImpartialityAlarmRaised(
    operator="cep-greta",
    group="greta",
    commune="71270",
    decisions=20,
    received=19,
    expected=5.0,
    most=17.5,
    since=datetime(2025, 12, 31, tzinfo=UTC),
    month="2025-11",
)


@pytest.fixture
async def ask(postgres: str, tmp_path: Path) -> AsyncIterator[Ask]:
    """Answers of the door, on a counted year, by role and organisation."""
    async with router_on(postgres) as router:
        database = router.database
        async with database.connection() as conn:
            await Year(11).store(conn, 400)
            watching = Watch(database, LiveIndex(), Taken())
            while await watching.once(conn):
                pass
        said = Command("impartiality/cep-greta", RaiseAlarm(ALARM, 0, None), None, ALARM.since)
        await router.transactor.transact([said])
        async with asked(tmp_path, lambda door: Shares(database, door).router()) as client:

            async def asking(role: str, org: str = "somebody", *territories: str, **params: str) -> httpx.Response:
                return await client(role, org, *territories).get("/v1/impartiality", params={**OF_2025, **params})

            yield asking


async def rows(answer: httpx.Response) -> set[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return {(row["kind"], row["id"]) for row in answer.json()["rows"]}


async def test_a_coordinator_sees_its_departements_alone(ask: Ask) -> None:
    nord = await rows(await ask("coordinator", "dreets", "departement:59"))
    assert {id.partition("-")[0] for kind, id in nord if kind == "partner"} == {"59350"}
    region = await rows(await ask("coordinator", "dreets", "region:27"))
    assert {id.partition("-")[0] for kind, id in region if kind == "partner"} == {"71270", "71153"}
    assert await rows(await ask("coordinator", "dreets")) == set()
    foreign = await ask("coordinator", "dreets", "departement:59", territory="departement:71")
    assert await rows(foreign) == set()


async def test_an_operator_sees_its_own_group_alone(ask: Ask) -> None:
    assert await rows(await ask("operator", "cep-greta")) == {("operator", "cep-greta")}
    assert await rows(await ask("operator", "cep-seul")) == set()


async def test_the_month_of_an_alarm_is_told_to_whom_it_concerns(ask: Ask) -> None:
    asked = {
        "itself": await ask("operator", "cep-greta"),
        "another": await ask("operator", "cep-afpa"),
        "here": await ask("coordinator", "dreets", "departement:71"),
        "elsewhere": await ask("coordinator", "dreets", "departement:59"),
        "admin": await ask("admin"),
    }
    told = {who for who, answer in asked.items() if answer.json()["raised"] == {"cep-greta": "2025-11"}}
    assert told == {"itself", "here", "admin"}
    assert asked["another"].json()["raised"] == asked["elsewhere"].json()["raised"] == {}
    assert ("operator", "cep-greta") in await rows(asked["elsewhere"])


async def test_others_may_not_ask(ask: Ask) -> None:
    assert {(await ask(role)).status_code for role in ("partner", "directory")} == {403}


async def test_an_administrator_sees_everything_and_narrows_it_without_another_verdict(ask: Ask) -> None:
    everything = (await ask("admin")).json()
    group = (await ask("admin", group="greta")).json()
    assert group["looked_at"] == everything["looked_at"] == len(everything["rows"])
    assert {row["group"] for row in group["rows"]} == {"greta"}
    assert [row for row in everything["rows"] if row["group"] == "greta"] == group["rows"]
    here = await rows(await ask("admin", territory="departement:59"))
    assert ("partner", "59350-1") in here
    assert ("partner", "71270-1") not in here


async def test_a_period_begins_and_ends_with_a_month(ask: Ask) -> None:
    summer = (await ask("admin", since="2025-06", until="2025-08")).json()
    assert (summer["since"], summer["until"], summer["alarms"]) == ("2025-06", "2025-08", 0)
    drawn = sum(row["received"] for row in summer["rows"] if row["kind"] == "partner" and not row["territory"])
    assert 0 < drawn < 200
    assert (await ask("admin", since="2025-13")).status_code == 422
    assert await rows(await ask("admin", since="2024-01", until="2024-12")) == set()


@pytest.mark.parametrize("territory", ["", "71", "ville:71270", "epci:200070308x", "epci:" + "1" * 11, "epci:1\n"])
async def test_a_territory_says_its_kind_and_its_code(ask: Ask, territory: str) -> None:
    assert (await ask("admin", territory=territory)).status_code == 422


def test_territories_that_nobody_knows_are_not_walked_for_and_not_remembered() -> None:
    departements("epci:200070308")
    walked = FRANCE._communes_of
    known = len(walked)
    assert {departements(f"epci:{code}") for code in range(100_000)} == {frozenset()}
    assert FRANCE._communes_of is walked
    assert len(walked) == known


@pytest.mark.parametrize(
    ("territory", "found"),
    [("commune:71270", {"71"}), ("departement:974", {"974"}), ("epci:200070308", {"71", "01"}), ("epci:0", set())],
)
def test_smaller_territories_stand_for_the_departements_they_touch(territory: str, found: set[str]) -> None:
    assert {each.partition(":")[2] for each in departements(territory)} == found
    assert len(departements("country:FR")) > 100
