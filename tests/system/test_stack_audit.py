"""`relais audit`: a planted bias is shown, drawn and said by the exit status; a recount is made by routing itself."""

import json
from pathlib import Path

import pytest

from relais_chassis.postgres import Database
from relais_cli.stack import schemas
from relais_routing.directory import LiveIndex
from relais_routing.impartiality.watch import Watch
from relais_routing.places import Taken
from system.place import Place
from years import LILLE, Rigged, Year

FAVOURITE = f"{LILLE}-2"
OF_2025 = ("--since", "2025-01", "--until", "2025-12")


async def count(place: Place) -> None:
    dsn = schemas.dsn_for(place.superuser, schemas.role_of("routing"), place.database)
    async with Database(dsn, "routing", max_size=2) as database, database.connection() as conn:
        watching = Watch(database, LiveIndex(), Taken())
        while await watching.once(conn):
            pass


async def store(place: Place, year: Year, number: int) -> None:
    conn = await place.connect("routing")
    await year.store(conn, number)
    await conn.close()
    await count(place)


async def test_a_bias_is_shown_drawn_and_counted_again(place: Place, tmp_path: Path) -> None:
    await store(place, Rigged(7, FAVOURITE, 0.5), 1500)
    picture = tmp_path / "audit.svg"
    done = place.run("audit", "impartiality", *OF_2025, "--plot", str(picture))
    assert done.returncode == 1, done.stderr
    assert FAVOURITE.upper() in done.stdout
    assert "beyond what chance explains" in done.stdout
    assert FAVOURITE.upper() in picture.read_text()
    before = place.run("audit", "impartiality", *OF_2025, "--json")
    above = [row["id"] for row in json.loads(before.stdout)["rows"] if row["verdict"] == "above"]
    assert FAVOURITE in above
    assert place.run("audit", "impartiality", *OF_2025, "--territory", "departement:71").returncode == 0
    assert place.run("audit", "recount").returncode == 0
    assert "Nothing was drawn" in place.run("audit", "impartiality", *OF_2025).stdout
    await count(place)
    assert place.run("audit", "impartiality", *OF_2025, "--json").stdout == before.stdout


async def test_what_chance_explains_is_no_alarm(place: Place) -> None:
    await store(place, Year(8), 300)
    done = place.run("audit", "impartiality", *OF_2025)
    assert (done.returncode, "each received what chance explains" in done.stdout) == (0, True), done.stderr
    assert place.run("audit", "impartiality", "--since", "January").returncode == 2


@pytest.mark.parametrize(
    "territory",
    ["department:71", "departement:999", "departement:20", "region:0", "epci:71", "bassin-de-vie:XXXX9", "71", ""],
)
async def test_a_territory_that_is_none_is_refused_and_does_not_read_as_fair(place: Place, territory: str) -> None:
    done = place.run("audit", "impartiality", "--territory", territory)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{territory} is no territory known here: one is expected as in departement:71" in done.stderr


@pytest.mark.parametrize("territory", ["departement:2A", "region:27", "epci:200071579", "commune:71263", "country:FR"])
async def test_a_territory_in_which_nothing_was_drawn_says_so(place: Place, territory: str) -> None:
    done = place.run("audit", "impartiality", "--territory", territory)
    assert (done.returncode, "Nothing was drawn" in done.stdout) == (0, True), done.stderr
