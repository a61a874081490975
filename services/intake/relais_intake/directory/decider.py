"""What may be declared in the directory, and by whom.

Reads top to bottom: what is asked, what is known of other entries, what may happen next. Pure; the same declaration
twice is nothing new, so importing a file again changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from relais_chassis.decider import Refused
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    DirectoryPayload,
    OfferDeclared,
    PlacesDeclared,
)
from relais_intake.directory.entry import GONE, Entry, stream_of

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a sender may be ahead."""

# What is asked


@dataclass(frozen=True, slots=True)
class Declare:
    """Somebody declares or withdraws an entry; `role` and `org` as in the token."""

    payload: DirectoryPayload
    role: str
    org: str


# What is known of other entries


class Others(Protocol):
    """The entries a declaration refers to, by stream, and the closures of a partner."""

    def of(self, stream: str) -> Entry: ...

    def closures_of(self, partner: str) -> Iterable[ClosureDeclared]: ...


@dataclass(frozen=True, slots=True)
class Known:
    """Others from mappings; an entry that is not in them was never declared. `closures` are those of each partner."""

    entries: Mapping[str, Entry]
    closures: Mapping[str, Iterable[str]] = field(default_factory=dict)

    def of(self, stream: str) -> Entry:
        """The entry of a stream."""
        return self.entries.get(stream, Entry())

    def closures_of(self, partner: str) -> Iterator[ClosureDeclared]:
        """What stands of them, suspensions of its offers included."""
        for stream in self.closures.get(partner, ()):
            last = self.of(stream).last
            if isinstance(last, ClosureDeclared):
                yield last


# What may happen next


def decide(entry: Entry, asked: Declare, others: Others, now: datetime) -> list[DirectoryPayload]:
    """The entry's next word; none where nothing is new. Refused where it is not the asker's, or refers to nothing."""
    new = asked.payload.model_copy(update={"declared_by": _author(entry, asked, others)})
    if entry.last == new:
        return []
    match new:
        case OfferDeclared():
            _must_be_there(others.of(f"partner/{new.partner}"), "partner", new.partner)
        case PlacesDeclared():
            _must_be_there(others.of(f"offer/{new.offer}"), "offer", new.offer)
            _must_not_be_ahead(new, now)
            _must_not_be_older(entry, new, now)
        case ClosureDeclared():
            _must_be_there(others.of(f"partner/{new.partner}"), "partner", new.partner)
            _must_be_its_offer(new, others)
            _must_not_overlap(new, others)
        case _ if isinstance(new, GONE) and not entry.is_there:
            return []
    return [new]


def _author(entry: Entry, asked: Declare, others: Others) -> str:
    """Whose entry it stays; a partner speaks for itself on places and closures, and takes nothing over by it."""
    if asked.role == "partner":
        if _partner_concerned(asked.payload, others) != asked.org:
            raise Refused("not-yours", "a partner declares its own places and closures only", status=403)
    elif asked.role not in ("directory", "admin"):
        raise Refused("wrong-role", "the directory is declared by roles directory and partner", status=403)
    elif asked.role == "directory":
        for what, holder in _holders(entry, asked.payload, others):
            if holder not in (None, asked.org):
                raise Refused("not-yours", f"{what} is for {holder} to declare", status=403)
    return asked.org


def _holders(entry: Entry, payload: DirectoryPayload, others: Others) -> Iterator[tuple[str, str | None]]:
    """Whose consent an entry needs: places go with their offer, closures and new offers with their partner."""
    match payload:
        case PlacesDeclared(offer=offer):
            yield f"offer {offer}", _signed(others.of(f"offer/{offer}"))
        case ClosureDeclared(partner=partner) | ClosureWithdrawn(partner=partner):
            yield f"partner {partner}", _signed(others.of(f"partner/{partner}"))
        case OfferDeclared(partner=partner):
            yield "this offer", _signed(entry)
            yield f"partner {partner}", _signed(others.of(f"partner/{partner}"))
        case _:
            yield "this entry", _signed(entry)


def _signed(entry: Entry) -> str | None:
    return entry.last.declared_by if entry.last else None


def _partner_concerned(payload: DirectoryPayload, others: Others) -> str | None:
    match payload:
        case ClosureDeclared() | ClosureWithdrawn():
            return payload.partner
        case PlacesDeclared():
            offer = others.of(f"offer/{payload.offer}").last
            return offer.partner if isinstance(offer, OfferDeclared) else None
        case _:
            return None


def _must_be_there(other: Entry, kind: str, identifier: str) -> None:
    if not other.is_there:
        raise Refused(f"unknown-{kind}", f"{kind} {identifier} is not declared, or was withdrawn")


def _must_not_be_ahead(new: PlacesDeclared, now: datetime) -> None:
    """Nobody knows what will be free; whatever comes until then would be older."""
    if new.at > now + AHEAD:
        detail = f"expected the moment the number is true of, {now.isoformat()} or before"
        raise Refused("ahead", detail, status=422, errors=[{"pointer": "/data/at", "detail": detail}])


def _must_not_be_older(entry: Entry, new: PlacesDeclared, now: datetime) -> None:
    """The last word counts; one from the future, taken in before it was refused, stands in nobody's way."""
    if isinstance(entry.last, PlacesDeclared) and new.at < entry.last.at <= now + AHEAD:
        raise Refused("older", f"places are known as of {entry.last.at.isoformat()}", known=entry.last.at.isoformat())


def _must_be_its_offer(new: ClosureDeclared, others: Others) -> None:
    if new.offer is None:
        return
    offer = others.of(f"offer/{new.offer}")
    _must_be_there(offer, "offer", new.offer)
    if isinstance(offer.last, OfferDeclared) and offer.last.partner != new.partner:
        raise Refused("not-its-offer", f"offer {new.offer} is not of partner {new.partner}")


def _must_not_overlap(new: ClosureDeclared, others: Others) -> None:
    """Two closures of the same partner, or two suspensions of the same offer, never share a day."""
    own = stream_of(new)
    for other in others.closures_of(new.partner):
        if other.offer == new.offer and stream_of(other) != own and _share_a_day(new, other):
            until = other.until.isoformat()
            detail = (
                f"closed from {other.from_} until {until} already; withdraw that closure first, or choose other days"
            )
            raise Refused("overlapping", detail, overlaps=stream_of(other))


def _share_a_day(one: ClosureDeclared, other: ClosureDeclared) -> bool:
    return one.from_ <= other.until and other.from_ <= one.until
