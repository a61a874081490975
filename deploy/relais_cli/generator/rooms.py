"""Invented room: places counted or not, dated sessions, waiting lists, closures of partners, offers suspended.

All days lie around the given one, so that some are over, some hold, some are to come.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from relais_cli.generator.proportions import Weighted, assumed
from relais_contracts.directory import ClosureDeclared, OfferDeclared, PlacesDeclared, Session
from relais_contracts.vocabularies import PlacesState


class Rooms:
    """Draws what comes with an offer or a partner."""

    def __init__(self, random: Random, today: date) -> None:
        self._random, self._today = random, today
        self._at = datetime.combine(today, time(), UTC)
        self._states: Weighted[str] = Weighted(assumed("places")["weights"])
        self._how_many: Weighted[str] = Weighted(assumed("sessions")["how_many"])

    def places(self, offer: OfferDeclared) -> Iterator[PlacesDeclared]:
        """Its sessions, or its room without dates, or nothing."""
        figures, random = assumed("sessions"), self._random
        if random.random() < (figures["training"] if offer.actor == "training-body" else figures["share"]):
            yield from self._sessions(offer)
        elif random.random() < assumed("places")["share"]:
            drawn = self._states.draw(random)
            state: PlacesState = "open" if drawn == "counted" else drawn  # type: ignore[assignment]
            number = random.randint(*assumed("places")["places"]) if drawn == "counted" else None
            yield PlacesDeclared(offer=offer.offer, state=state, number=number, at=self._at)

    def _sessions(self, offer: OfferDeclared) -> Iterator[PlacesDeclared]:
        figures, random = assumed("sessions"), self._random
        begins = random.sample(range(*figures["begins"]), int(self._how_many.draw(random)))
        for days in sorted(begins):
            starts = self._today + timedelta(days=days)
            session = Session(starts=starts, ends=starts + timedelta(days=random.randint(*figures["lasts"])))
            number = random.randint(*figures["places"]) if random.random() < figures["free"] else 0
            state: PlacesState = "open" if number else "full"
            yield PlacesDeclared(offer=offer.offer, state=state, number=number, at=self._at, session=session)

    def closed(self, partner: str) -> Iterator[ClosureDeclared]:
        """When a whole partner is closed."""
        if self._random.random() < assumed("closures")["partners"]:
            yield self._closure(partner, None)

    def suspended(self, offer: OfferDeclared) -> Iterator[ClosureDeclared]:
        """When one offer is suspended."""
        if self._random.random() < assumed("closures")["offers"]:
            yield self._closure(offer.partner, offer.offer)

    def _closure(self, partner: str, offer: str | None) -> ClosureDeclared:
        figures, random = assumed("closures"), self._random
        begins = self._today + timedelta(days=random.randint(*figures["begins"]))
        until = begins + timedelta(days=random.randint(*figures["lasts"]))
        days: dict[str, Any] = {"from": begins, "until": until}
        return ClosureDeclared(partner=partner, offer=offer, reason=random.choice(figures["reasons"]), **days)
