"""The same choice as a plain SQL query: tables, the right index, one prepared statement on one connection.

It answers with those among whom the lot decides; it draws none and keeps no record. Used only to compare with.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_cli.bench.matching.plain import Plain
from relais_routing.matching.offers import Spot, spot_of
from relais_routing.matching.reach import REMOTE, SPEEDS
from relais_routing.matching.reach import setting as setting_of
from relais_routing.matching.request import Request
from relais_territories import FRANCE

Row = tuple[Any, ...]
BANDS: Final = (15, 30, 60)
OWN: Final = 2
"""Where the query looks for the speeds within the home's own intercommunality."""


async def load(conn: Connection, schema: str, offers: Sequence[Plain]) -> None:
    """Puts offers into tables of a schema of their own, with their index and statistics."""
    await conn.execute(f"create schema {schema}; set search_path = {schema}; {_sql('tables')}")
    rows = {
        "offer": map(_offer, offers),
        "serving": _serving(offers),
        "room": _rooms(offers),
        "closed": _closed(offers),
    }
    for table, records in rows.items():
        await conn.copy_records_to_table(table, records=records, schema_name=schema)
    await conn.execute("vacuum analyze")


async def prepared(conn: Connection, schema: str) -> Any:
    """The query, ready to be asked again and again."""
    await conn.execute(f"set search_path = {schema}")
    return await conn.prepare(_sql("choice"))


def inputs(request: Request, network: str | None) -> Row:
    """What the query is told of a person who names nobody; `network` is the operator's."""
    commune = FRANCE.commune(request.commune)
    assert commune is not None
    home, remote = spot_of(request.commune, commune), {"refused": None, "preferred": -1}.get(request.remote, REMOTE)
    minutes = (*BANDS, request.reach_minutes)
    bounds = [farthest(request.means, setting, most) for most in minutes for setting in settings(home)]
    return (
        *(request.actor, request.need, list(FRANCE.territories_of(commune))),
        *(home.commune, home.latitude, home.longitude, home.land, home.epci, OWN),
        *(bounds, remote, list(request.audiences), list(request.rome), list(request.formacode)),
        *(request.operator, network, request.today),
    )


def settings(home: Spot) -> tuple[int, int, int]:
    """The settings of the ways from a home: to the countryside, to towns, within its own intercommunality."""
    country, town = (setting_of(home, home._replace(epci="elsewhere", density=dense)) for dense in (0, 1))
    return country, town, setting_of(home, home)


def farthest(means: tuple[str, ...], setting: int, minutes: int) -> int:
    """The square of the first metre beyond what some means reach in so many minutes; nought where they reach nothing.

    The estimate turned round: it grows with the distance, so that comparing squares answers the same.
    """
    speeds = [speed for name in means for speed in SPEEDS[setting][name] if speed.lost <= minutes]
    reached = [(minutes - speed.lost) * speed.kmh * 100_000 // (speed.circuity * 60) for speed in speeds]
    return (max(reached, default=-1) + 1) ** 2


def _offer(offer: Plain) -> Row:
    spot = offer.spot
    return (
        *(offer.offer, offer.partner, offer.network),
        *(sorted(offer.audiences), sorted(offer.rome), sorted(offer.formacode)),
        *(spot.commune, spot.latitude, spot.longitude, spot.land, spot.epci, spot.density),
        *(offer.in_person, offer.remote, offer.opens, offer.ends),
    )


def _serving(offers: Sequence[Plain]) -> Iterator[Row]:
    for offer in offers:
        for need in offer.needs:
            for territory in offer.zone:
                yield offer.actor, need, territory, offer.offer


def _rooms(offers: Sequence[Plain]) -> Iterator[Row]:
    return ((offer.offer, room.starts, room.state, room.free) for offer in offers for room in offer.rooms)


def _closed(offers: Sequence[Plain]) -> Iterator[Row]:
    return ((offer.offer, *days) for offer in offers for days in offer.closed)


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"sql/{name}.sql").read_text("utf-8")
