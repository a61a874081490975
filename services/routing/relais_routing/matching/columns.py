"""Offers as columns of integers, so that the rules can be asked of all the offers of a zone at once.

What stands in each column of an offer's line in the `table`; `sweep` and `rooms` read them. Codes are numbers given
to names in order of arrival: they are compared for equality alone and leave no trace in a choice.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from relais_contracts.vocabularies import Audience
from relais_routing.matching.listed import Places as Declared
from relais_routing.matching.offers import Offer, Spot
from relais_routing.matching.reach import Home
from relais_routing.matching.room import STATES
from relais_routing.matching.taken import number_of

Bits = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

COLUMNS: Final = 18
LATITUDE, LONGITUDE, COMMUNE, LAND, EPCI, DENSITY, AUDIENCES, PARTNER, GROUP, *_AFTER = range(COLUMNS)
OPENS, ENDS, SHUTS, REOPENS, STARTS, ROOM, COUNT, PLACE, FLAGS = _AFTER
"""The columns. Between `SHUTS` and `REOPENS` lie all closures and suspensions.

Of the one place that an offer declares: the day its session starts (far away: none), the state of its room, how many
are free (`UNCOUNTED`: nobody counts), the number of its key. Where there are several, `PLACE` is the
complement (below nought) of their line among the `several`.
"""
UNCOUNTED: Final = -1

IN_PERSON, REMOTE, ROME, FORMACODE, COUNTED, SESSION, SEVERAL, SHUT, DATED, UNPLACED, UNREFERRED, CHOOSY, ALIKE = (
    1 << bit for bit in range(13)
)
"""Flags: ways, specialities; a place that is counted, of one session, or several places; closures or suspensions;
first or last day; no place on the map; not to be referred to; for some publics only; like another listing."""

EVERYBODY: Final = 1
PUBLICS: Final[dict[str, int]] = {name: 2 << number for number, name in enumerate(get_args(Audience))}


def publics(audiences: Iterable[str]) -> int:
    """A set of audiences in bits; what one welcomes and what one is share a bit where they meet."""
    bits = 0
    for audience in audiences:
        bits |= PUBLICS[audience]
    return bits


class Codes:
    """Numbers for names, the same name the same number."""

    def __init__(self) -> None:
        self._known: dict[str | None, int] = {}

    def of(self, name: str | None) -> int:
        """The number of a name, a new one if need be."""
        return self._known.setdefault(name, len(self._known))

    def known(self, name: str | None) -> int:
        """The number of a name; -1, which nobody has, where it was never given."""
        return self._known.get(name, -1)

    def home(self, spot: Spot) -> Home:
        """Where somebody sets out from."""
        place = None if spot.latitude is None or spot.longitude is None else (spot.latitude, spot.longitude)
        return Home(place, self.known(spot.commune), self.known(spot.epci), spot.density)

    def row(self, offer: Offer) -> tuple[int, ...]:
        """The columns of an offer, but for the line of several places."""
        spot = offer.spot
        one = offer.places[0] if len(offer.places) == 1 else None
        counted, shut = one.counted if one else None, (*offer.closures, *offer.suspensions)
        flags = (
            IN_PERSON * offer.in_person
            | REMOTE * offer.remote
            | ROME * bool(offer.rome)
            | FORMACODE * bool(offer.formacode)
            | COUNTED * (counted is not None)
            | SESSION * (one is not None and one.starts is not None)
            | SEVERAL * (len(offer.places) > 1)
            | SHUT * bool(shut)
            | DATED * ((offer.open_from, offer.open_until) != (date.min, date.max))
            | UNPLACED * (spot.latitude is None)
            | UNREFERRED * (not offer.referred)
            | CHOOSY * bool(offer.audiences)
            | ALIKE * bool(offer.alike)
        )
        return (
            spot.latitude or 0,
            spot.longitude or 0,
            self.of(spot.commune),
            self.of(spot.land),
            self.of(spot.epci),
            spot.density,
            publics(offer.audiences) if offer.audiences else EVERYBODY,
            self.of(offer.partner),
            -2 if offer.group is None else self.of(offer.group),
            offer.open_from.toordinal(),
            offer.open_until.toordinal(),
            min([first.toordinal() for first, _ in shut], default=0),
            max([last.toordinal() for _, last in shut], default=0),
            *(place_of(one) if one else NO_PLACE),
            flags,
        )


Place = tuple[int, int, int, int]
NO_PLACE: Final[Place] = (date.max.toordinal(), STATES["open"], UNCOUNTED, 0)


def place_of(declared: Declared) -> Place:
    """The day a place's session starts, its state, how many are free, the number of its key."""
    starts, counted = declared.starts or date.max, declared.counted
    return (
        starts.toordinal(),
        STATES[declared.state],
        UNCOUNTED if counted is None else counted,
        number_of(declared.key),
    )
