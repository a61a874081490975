"""What is kept of a declared organisation and offer: what rules look at, and how fresh and how to ask for it.

The directory keeps these instead of the events, so that a country fits in memory: texts that only people read
(descriptions, addresses, links) stay with intake. It judges nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Self

from relais_contracts.directory import At, Mobilisation, OfferDeclared, PartnerDeclared, PlacesDeclared
from relais_contracts.vocabularies import Actor, MobilisationWay, PlacesState, ZoneKind

EVERYBODY: Final = "tous-publics"

_SETS: Final[dict[tuple[str, ...], frozenset[str]]] = {}


class Point(NamedTuple):
    """Where an offer is given: commune, hundred-thousandths of a degree; `assumed` where a source did not say."""

    commune: str
    latitude: int
    longitude: int
    assumed: bool


class Places(NamedTuple):
    """What is declared of places: their key, state, number free `at` a moment, first day of their session."""

    key: str
    state: PlacesState
    number: int | None
    at: datetime
    starts: date | None

    @classmethod
    def of(cls, declared: PlacesDeclared) -> Self:
        """What is kept of it."""
        starts = declared.session.starts if declared.session else None
        return cls(place_key(declared), declared.state, declared.number, declared.at, starts)

    @property
    def counted(self) -> int | None:
        """How many were free, where what others take leaves one less."""
        return None if self.state == "waiting-list" else self.number


def place_key(places: PlacesDeclared) -> str:
    """What reservations are counted on: the offer, or `<offer>/<first day>` for a session."""
    return f"{places.offer}/{places.session.starts.isoformat()}" if places.session else places.offer


@dataclass(frozen=True, slots=True)
class Organisation:
    """A partner, or an operator, as declared."""

    partner: str
    name: str
    group: str | None
    commune: str
    siret: str | None

    @classmethod
    def of(cls, declared: PartnerDeclared) -> Self:
        """What is kept of it."""
        return cls(declared.partner, declared.name, declared.group, declared.commune, declared.siret)


@dataclass(frozen=True, slots=True)
class Listing:
    """An offer as declared; `audiences` empty means everybody, `by` empty that it does not say who may ask."""

    offer: str
    partner: str
    name: str
    actor: Actor
    needs: frozenset[str]
    audiences: frozenset[str]
    zone: tuple[ZoneKind, tuple[str, ...]]
    at: Point | None
    modes: frozenset[str]
    rome: frozenset[str]
    formacode: frozenset[str]
    open_from: date | None
    open_until: date | None
    updated: date | None
    quality: float | None
    source: str
    by: frozenset[str]
    ways: tuple[MobilisationWay, ...]

    @property
    def home(self) -> str:
        """The commune where it is given; empty where it has no place of its own."""
        return self.at.commune if self.at else ""

    @classmethod
    def of(cls, declared: OfferDeclared) -> Self:
        """What is kept of it."""
        asked = declared.mobilisation or _UNSAID
        everybody = EVERYBODY in declared.audiences
        return cls(
            offer=declared.offer,
            partner=declared.partner,
            name=declared.name,
            actor=declared.actor,
            needs=_set(declared.needs),
            audiences=_set(() if everybody else declared.audiences),
            zone=(declared.zone.kind, declared.zone.codes),
            at=_point(declared.at, "at" in declared.assumed) if declared.at else None,
            modes=_set(declared.modes),
            rome=_set(declared.rome),
            formacode=_set(declared.formacode),
            open_from=declared.open_from,
            open_until=declared.open_until,
            updated=declared.updated,
            quality=declared.quality,
            source=source_of(declared),
            by=_set(asked.by),
            ways=asked.ways,
        )


_UNSAID: Final = Mobilisation()


def source_of(offer: OfferDeclared) -> str:
    """Who lists an offer: the prefix of its id, else whoever declared it."""
    prefix, separator, _ = offer.offer.partition("--")
    return prefix if separator else offer.declared_by or ""


def _point(at: At, assumed: bool) -> Point:
    return Point(at.commune, round(at.latitude * 100_000), round(at.longitude * 100_000), assumed)


def _set(names: Iterable[str]) -> frozenset[str]:
    """A set of words of the language: the same set is kept once, however many offers have it."""
    words = tuple(names)
    known = _SETS.get(words)
    return known if known is not None else _SETS.setdefault(words, frozenset(words))
