"""A year of choices for the tests of fairness: real matching over a small directory, stored as routing stores them.

Chance comes from a seed, so that a year is the same every time. Whoever wants a bias plants it in `secret` or `names`.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from builders import MACON
from matching_builders import ANY, index_of, offer, partner, request, room
from relais_chassis.postgres import Connection
from relais_contracts.cases import OfferOption, Option
from relais_contracts.directory import At, Zone
from relais_contracts.envelope import Payload
from relais_routing import directory
from relais_routing.matching.draw import Draw
from relais_routing.matching.match import Decision, match
from relais_routing.matching.record import record
from relais_territories import commune

LILLE: Final = "59350"
TOWNS: Final = (MACON, "71153", LILLE)
GROUPS: Final = ("greta", "afpa", "cibc", None)
OPERATORS: Final = {"cep-greta": "greta", "cep-afpa": "afpa", "cep-cibc": "cibc", "cep-seul": None}
PARTNERS: Final = tuple(f"{town}-{number}" for town in TOWNS for number in range(6))
START: Final = datetime(2025, 1, 1, 9, tzinfo=UTC)

Names = Callable[["Year", Decision], str | None]
"""The offer that a person names, who has seen what an honest draw would give; none: nobody."""


def country() -> list[Payload]:
    """Three towns with six partners each, of three groups or none, some with several places; and four operators."""
    entries: list[Payload] = [partner(name, group=group) for name, group in OPERATORS.items()]
    for number, name in enumerate(PARTNERS):
        town = commune(name.partition("-")[0])
        assert town is not None
        spot = At(commune=town.code, latitude=(town.latitude or 0) / 100_000, longitude=(town.longitude or 0) / 100_000)
        zone = Zone(kind="departement", codes=(town.departement,))
        entries += [partner(name, group=GROUPS[number % 4], commune=town.code), offer(name, at=spot, zone=zone)]
        if number % 3 == 0:
            entries.append(room(name, number=2 + number % 5))
    return entries


def one_in_five(year: "Year", honest: Decision) -> str | None:
    """One person in five names somebody, as chance would."""
    return honest.chosen.offer.offer if honest.chosen and year.chance.random() < 0.2 else None


class Year:
    """A directory, and the choices of a year on it."""

    def __init__(self, seed: int, names: Names = one_in_five) -> None:
        self.chance, self.names = random.Random(seed), names
        self.entries = country()
        self.index = index_of(*self.entries, version=len(self.entries))

    def secret(self, asked: Any) -> bytes:
        """An honest secret."""
        return self.chance.randbytes(32)

    def decisions(self, number: int) -> Iterator[tuple[str, datetime, Decision]]:
        """So many choices, evenly over the year."""
        for count in range(number):
            at = START + timedelta(days=364) * count / number
            operator, town = self.chance.choice(list(OPERATORS)), self.chance.choice(TOWNS)
            case = str(UUID(bytes=self.chance.randbytes(16), version=4))
            asked = request(case=case, now=at, operator=operator, commune=town)
            blind = request(case=case, now=at, operator="", commune=town)
            named = self.names(self, match(self.index, blind, Draw(at.date(), self.chance.randbytes(32))))
            options: tuple[Option, ...] = (ANY,) if named is None else (OfferOption(offer=named), ANY)
            asked = request(case=case, now=at, operator=operator, commune=town, options=options)
            yield case, at, match(self.index, asked, Draw(at.date(), self.secret(asked)))

    async def store(self, conn: Connection, number: int) -> None:
        """Store the directory, and so many choices with their records."""
        if await conn.fetchval("select version from directory_version") == 0:
            await directory.store(conn, [(_stream(entry), entry, START) for entry in self.entries])
        rows = [
            (case, case, "digital", at, 1, made.directory, orjson.dumps(record(made)))
            for case, at, made in self.decisions(number)
        ]
        columns = ("id", "case_id", "step", "at", "version", "directory", "record")
        await conn.copy_records_to_table("decision", records=rows, columns=columns)


class Rigged(Year):
    """Whoever keeps the secrets draws again for a favourite, once in so many times that it might lose."""

    def __init__(self, seed: int, favourite: str, bias: float) -> None:
        super().__init__(seed)
        self.favourite, self.bias = favourite, bias

    def secret(self, asked: Any) -> bytes:
        """A secret that suits, now and then."""
        found = super().secret(asked)
        if self.chance.random() >= self.bias:
            return found
        for _ in range(100):
            chosen = match(self.index, asked, Draw(asked.today, found)).chosen
            if chosen is None or chosen.offer.partner == self.favourite:
                return found
            if chosen.offer.partner.partition("-")[0] != self.favourite.partition("-")[0]:
                return found
            found = super().secret(asked)
        return found


def _stream(entry: Payload) -> str:
    """The stream that intake writes an entry of the directory on."""
    kind = entry.TYPE.split(".")[2]
    return f"{kind}/{getattr(entry, 'offer', None) or getattr(entry, 'partner', None)}"
