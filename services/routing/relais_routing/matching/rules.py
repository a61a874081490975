"""The rules: who may help this person. Each is a named function with one verdict, or none where the offer passes.

Matching asks them in this order; anybody may read them. None of them ranks, and none sees who would profit.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from relais_routing.matching.ask import Ask, Look
from relais_routing.matching.offers import Offer
from relais_routing.matching.room import FULL
from relais_routing.matching.verdicts import Verdict

VERSION: Final = "3"
"""Version of rules, order, speeds and draw together; kept in every decision record."""

Rule = Callable[[Ask, Look], Verdict | None]


def serves_need(ask: Ask, look: Look) -> Verdict | None:
    """The offer serves the step's need; where both name occupations (or training domains), they share one."""
    offer = look.offer
    if ask.request.need not in offer.needs:
        return Verdict.OTHER_NEED
    if ask.rome and offer.rome and ask.rome.isdisjoint(offer.rome):
        return Verdict.OTHER_OCCUPATION
    if ask.formacode and offer.formacode and ask.formacode.isdisjoint(offer.formacode):
        return Verdict.OTHER_OCCUPATION
    return None


def is_actor(ask: Ask, look: Look) -> Verdict | None:
    """The offer is of the kind of partner that the step names."""
    return None if look.offer.actor == ask.request.actor else Verdict.OTHER_ACTOR


def serves_territory(ask: Ask, look: Look) -> Verdict | None:
    """The person lives in the offer's zone."""
    return Verdict.OUT_OF_TERRITORY if look.offer.zone.isdisjoint(ask.territories) else None


def is_reachable(ask: Ask, look: Look) -> Verdict | None:
    """The person can get there within the minutes accepted, or be helped at a distance; whom one names, one reaches."""
    return look.way.why


def welcomes_audience(ask: Ask, look: Look) -> Verdict | None:
    """The offer welcomes everybody, or one of the publics the person belongs to."""
    audiences = look.offer.audiences
    return Verdict.OTHER_AUDIENCE if audiences and audiences.isdisjoint(ask.audiences) else None


def takes_referrals(ask: Ask, look: Look) -> Verdict | None:
    """A professional may send somebody there; some offers are asked for by the person alone."""
    return None if look.offer.referred else Verdict.SELF_REFERRAL


def is_independent(ask: Ask, look: Look) -> Verdict | None:
    """Operator and partner are not of one group, unless the person chose the partner by name."""
    return Verdict.OWN_GROUP if not look.named and of_one_group(ask, look.offer) else None


def is_open(ask: Ask, look: Look) -> Verdict | None:
    """Today lies within the offer's dates, outside its partner's closures, and the offer is not suspended."""
    offer = look.offer
    if not offer.open_from <= ask.today <= offer.open_until:
        return Verdict.ENDED if ask.today > offer.open_until else Verdict.NOT_YET_OPEN
    return shut(offer, ask.today)


def has_room(ask: Ask, look: Look) -> Verdict | None:
    """A place is free, or there is an assessment or a waiting list to get one."""
    return Verdict.FULL if look.room.state == FULL else None


def is_untried(ask: Ask, look: Look) -> Verdict | None:
    """The step has not been proposed to this offer before."""
    return Verdict.ALREADY_TRIED if look.offer.offer in ask.excluded else None


def shut(offer: Offer, today: date) -> Verdict | None:
    """Whether a day lies in a closure of the partner, or in a suspension of the offer."""
    if any(first <= today <= last for first, last in offer.closures):
        return Verdict.CLOSED
    if any(first <= today <= last for first, last in offer.suspensions):
        return Verdict.SUSPENDED
    return None


def of_one_group(ask: Ask, offer: Offer) -> bool:
    """Whether operator and partner are one organisation, or share a network or mother organisation."""
    operator = ask.request.operator
    if offer.partner == operator or operator == offer.group:
        return True
    return ask.group is not None and ask.group in (offer.group, offer.partner)


RULES: Final[tuple[Rule, ...]] = (
    serves_need,
    is_actor,
    serves_territory,
    is_reachable,
    welcomes_audience,
    takes_referrals,
    is_independent,
    is_open,
    has_room,
    is_untried,
)

ANSWERED_BY_INDEX: Final[frozenset[Rule]] = frozenset((is_actor, serves_territory))
"""What every offer that the index gives for a need and a territory has passed already."""


def verdicts(ask: Ask, look: Look, rules: tuple[Rule, ...] = RULES) -> tuple[Verdict, ...]:
    """All verdicts that set an offer aside; none where it is eligible."""
    return tuple([verdict for rule in rules if (verdict := rule(ask, look)) is not None])
