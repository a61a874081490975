"""A request made ready for judging: the person's home, day and limits, looked up once per match.

`match` makes it; rules read it together with a look at one offer. Pure.
"""

from datetime import date
from typing import NamedTuple, Self

from relais_contracts.cases import AnyOption, Option
from relais_routing.matching.offers import Offer, Spot, spot_of
from relais_routing.matching.reach import REMOTE, band, estimate
from relais_routing.matching.request import Request
from relais_routing.matching.room import Room
from relais_routing.matching.taken import Taken
from relais_routing.matching.verdicts import Verdict
from relais_territories import France


class Ask(NamedTuple):
    """The request, and what is derived of it."""

    request: Request
    home: Spot
    territories: frozenset[str]
    today: date
    audiences: frozenset[str]
    rome: frozenset[str]
    formacode: frozenset[str]
    excluded: frozenset[str]
    group: str | None
    taken: Taken

    @classmethod
    def of(cls, request: Request, group: str | None, taken: Taken, france: France) -> Self:
        """The request, ready to judge by."""
        commune = france.commune(request.commune)
        return cls(
            request=request,
            home=spot_of(request.commune, commune),
            territories=france.territories_of(commune) if commune else frozenset((f"commune:{request.commune}",)),
            today=request.today,
            audiences=frozenset(request.audiences),
            rome=frozenset(request.rome),
            formacode=frozenset(request.formacode),
            excluded=frozenset(request.excluded),
            group=group,
            taken=taken,
        )


class Limits(NamedTuple):
    """What one option allows: whom the person names, the person reaches."""

    named: bool
    in_person: bool
    remote: bool
    minutes: int


class Way(NamedTuple):
    """How the person gets to an offer: rank in the order, number in `BANDS`, minutes on site; or why not."""

    rank: int
    band: int
    minutes: int | None
    why: Verdict | None = None
    beyond: bool = False


class Look(NamedTuple):
    """One offer under one option."""

    offer: Offer
    named: bool
    way: Way
    room: Room


def limits_of(request: Request, option: Option) -> Limits:
    """The limits of an option. What an option says goes before what the person said of mobility in general."""
    if not isinstance(option, AnyOption):
        return Limits(True, True, True, request.reach_minutes)
    modes = option.modes
    minutes = request.reach_minutes if option.within_minutes is None else option.within_minutes
    remote = "remote" in modes if modes else request.remote != "refused"
    return Limits(False, not modes or "in-person" in modes, remote, minutes)


def way_of(ask: Ask, offer: Offer, limits: Limits) -> Way:
    """The best way to one offer within the limits, by `estimate`."""
    return way_in(estimate(ask.home, offer.spot, ask.request.means), ask, offer, limits)


def way_in(minutes: int | None, ask: Ask, offer: Offer, limits: Limits) -> Way:
    """The best way to an offer that is so many minutes away: the nearest band, on site or at a distance."""
    way = _on_site(minutes, ask, offer, limits) if offer.in_person and limits.in_person else None
    refused = ask.request.remote == "refused"
    if offer.remote and limits.remote and not (refused and way and limits.named):
        rank = remote_rank(ask.request)
        if way is None or way.why is not None or way.rank > rank:
            return Way(rank, REMOTE, None)
    if way is not None:
        return way
    return Way(4, 4, None, Verdict.REMOTE_REFUSED if offer.remote and refused else Verdict.OTHER_MODE)


def remote_rank(request: Request) -> int:
    """Where help at a distance comes in the order: after an hour's way, or before everything."""
    return -1 if request.remote == "preferred" else REMOTE


def _on_site(minutes: int | None, ask: Ask, offer: Offer, limits: Limits) -> Way:
    if minutes is None:
        why = Verdict.PLACE_UNKNOWN
    elif ask.home.land != offer.spot.land:
        why, minutes = Verdict.NO_ROAD, None
    elif minutes > limits.minutes:
        why = Verdict.TOO_FAR
    else:
        found = band(minutes)
        return Way(found, found, minutes)
    return Way(4, 4, minutes, None if limits.named else why, beyond=True)
