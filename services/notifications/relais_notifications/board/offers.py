"""A partner's own offers: the places it declared, how many are free now, and whether people look for one in vain.

Kept from directory and demand in the stream's transaction, read by the partner's page. It reserves nothing: routing
does, and what is counted here is counted the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_contracts import labels
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.directory import OfferDeclared, OfferWithdrawn, PlacesDeclared
from relais_contracts.envelope import Payload
from relais_notifications.board.holding import HOLDS
from relais_notifications.board.places import place
from relais_notifications.board.present import commune_name
from relais_notifications.board.story import PARIS
from relais_notifications.board.views import View

MOST: Final = 200
"""Offers shown at a time: those in demand first."""

_KNOW: Final = """
UPDATE board_offer o SET actor = new.actor, needs = string_to_array(new.needs, ' '), withdrawn = new.withdrawn
FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[]) AS new(id, actor, needs, withdrawn) WHERE o.id = new.id
"""
_PLACES: Final = """
INSERT INTO board_place (place, offer, state, number, at, starts, ends)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::date[], $7::date[])
    AS new(place, offer, state, number, at, starts, ends) ORDER BY place
ON CONFLICT (place) DO UPDATE
SET state = excluded.state, number = excluded.number, at = excluded.at, starts = excluded.starts, ends = excluded.ends
"""
_DEMAND: Final = """
INSERT INTO board_demand (offer, people, since, commune, departement, territories) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (offer) DO UPDATE SET people = excluded.people, since = excluded.since
"""
_OPENED: Final = "DELETE FROM board_demand WHERE offer = ANY($1)"

_OFFERS: Final = """
SELECT o.id, o.name, o.actor, o.needs, d.people, d.since
FROM board_offer o LEFT JOIN board_demand d ON d.offer = o.id
WHERE o.partner = $1 AND NOT o.withdrawn
ORDER BY d.people IS NULL, o.name, o.id LIMIT $2
"""
_THEIR_PLACES: Final = """
SELECT place, offer, state, number, at, starts, ends FROM board_place
WHERE offer = ANY($1) AND (starts IS NULL OR starts >= $2) ORDER BY starts NULLS FIRST
"""
_TAKEN: Final = f"""
SELECT p.place, count(*) FROM board_place p, board_item i WHERE p.place = ANY($1) AND {HOLDS} GROUP BY p.place
"""


_IN_DEMAND: Final = """
SELECT o.name, coalesce(organisation.name, o.partner) AS partner, d.commune, d.people, d.since
FROM board_demand d JOIN board_offer o ON o.id = d.offer LEFT JOIN organisation ON organisation.id = o.partner
WHERE d.departement = ANY($1) AND NOT o.withdrawn
    AND ($2::text[] IS NULL OR d.territories && $2)
    AND ($3::text IS NULL OR d.territories @> ARRAY[$3])
    AND ($4::text IS NULL OR o.partner = $4)
    AND ($5::text IS NULL OR o.actor = $5)
ORDER BY d.people DESC, d.since, o.id LIMIT 20
"""


async def keep(conn: Connection, payloads: Iterable[Payload]) -> None:
    """Bring offers, places and demand up to date with a batch; the last word of each counts."""
    offers: dict[str, tuple[str | None, str, bool]] = {}
    places: dict[str, PlacesDeclared] = {}
    demand: dict[str, DemandPlacesRequested] = {}
    for told in payloads:
        match told:
            case OfferDeclared():
                offers[told.offer] = (told.actor, " ".join(told.needs), False)
            case OfferWithdrawn():
                offers[told.offer] = (None, "", True)
            case PlacesDeclared():
                places[f"{told.offer}/{told.session.starts}" if told.session else told.offer] = told
            case DemandPlacesRequested():
                demand[told.offer] = told
            case _:
                pass
    if offers:
        await conn.execute(_KNOW, list(offers), *map(list, zip(*offers.values(), strict=True)))
    if places:
        await _declare(conn, places)
    for asked in demand.values():
        where = place(asked.commune)
        of = (asked.offer, asked.people, asked.since, asked.commune, where.departement, list(where.territories))
        await conn.execute(_DEMAND, *of)


async def _declare(conn: Connection, places: Mapping[str, PlacesDeclared]) -> None:
    rows = [
        (
            *(name, told.offer, told.state, told.number, told.at),
            *((told.session.starts, told.session.ends) if told.session else (None, None)),
        )
        for name, told in places.items()
    ]
    await conn.execute(_PLACES, *map(list, zip(*rows, strict=True)))
    opened = [told.offer for told in places.values() if told.state != "full" and told.number != 0]
    if opened:
        await conn.execute(_OPENED, opened)


async def read(conn: Connection, partner: str, now: datetime) -> dict[str, Any]:
    """The partner's offers with places and demand; `now` is what a declaration may call `at`."""
    offers = await conn.fetch(_OFFERS, partner, MOST)
    ids = [row["id"] for row in offers]
    places = await conn.fetch(_THEIR_PLACES, ids, now.astimezone(PARIS).date())
    counted = [row["place"] for row in places if row["number"] is not None]
    taken = dict(await conn.fetch(_TAKEN, counted)) if counted else {}
    return {
        "now": now,
        "offers": [_offer(row, [each for each in places if each["offer"] == row["id"]], taken) for row in offers],
    }


async def in_demand(conn: Connection, view: View) -> list[dict[str, Any]]:
    """Full offers whose partner was asked to open places, for coordinators: most looked for first."""
    if view.role not in ("coordinator", "admin") or view.impossible:
        return []
    territories = list(view.territories) if view.territories is not None else None
    rows = await conn.fetch(_IN_DEMAND, list(view.departements), territories, view.within, view.partner, view.actor)
    return [{**dict(row), "commune": commune_name(row["commune"])} for row in rows]


def _offer(row: Any, places: Sequence[Any], taken: dict[str, int]) -> dict[str, Any]:
    return {
        "offer": row["id"],
        "name": row["name"],
        "needs": [labels.NEEDS.get(need, need) for need in row["needs"] or ()],
        "demand": None if row["people"] is None else {"people": row["people"], "since": row["since"]},
        "places": [_place(each, taken) for each in places],
    }


def _place(row: Any, taken: dict[str, int]) -> dict[str, Any]:
    session: dict[str, date] | None = {"starts": row["starts"], "ends": row["ends"]} if row["starts"] else None
    counts = row["number"] is not None and row["state"] in ("open", "assessment")
    free = max(0, row["number"] - taken.get(row["place"], 0)) if counts else None
    return {"state": row["state"], "number": row["number"], "free": free, "at": row["at"], "session": session}
