"""What may be declared in the directory, and by whom.

Reads top to bottom: what is asked, what is known of other entries, what may happen next. Pure; the same declaration
twice is nothing new, so importing a file again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from relais_chassis.decider import Refused
from relais_contracts.directory import (
    ClosureDeclared,
    DirectoryPayload,
    OfferDeclared,
    OfferWithdrawn,
    PartnerWithdrawn,
    PlacesDeclared,
)
from relais_intake.directory.entry import Entry

# What is asked


@dataclass(frozen=True, slots=True)
class Declare:
    """Somebody declares or withdraws an entry; `role` and `org` as in the token."""

    payload: DirectoryPayload
    role: str
    org: str


# What is known of other entries


class Others(Protocol):
    """The entries a declaration refers to, by stream."""

    def of(self, stream: str) -> Entry: ...


@dataclass(frozen=True, slots=True)
class Known:
    """Others from a mapping; an entry that is not in it was never declared."""

    entries: Mapping[str, Entry]

    def of(self, stream: str) -> Entry:
        """The entry of a stream."""
        return self.entries.get(stream, Entry())


# What may happen next


def decide(entry: Entry, asked: Declare, others: Others) -> list[DirectoryPayload]:
    """The entry's next word; none where nothing is new. Refused where it is not the asker's, or refers to nothing."""
    new = asked.payload.model_copy(update={"declared_by": _author(entry, asked, others)})
    if entry.last == new:
        return []
    match new:
        case PartnerWithdrawn() | OfferWithdrawn() if not entry.is_there:
            return []
        case OfferDeclared():
            _must_be_there(others.of(f"partner/{new.partner}"), "partner", new.partner)
        case PlacesDeclared():
            _must_be_there(others.of(f"offer/{new.offer}"), "offer", new.offer)
            _must_not_be_older(entry, new)
        case ClosureDeclared():
            _must_be_there(others.of(f"partner/{new.partner}"), "partner", new.partner)
        case _:
            pass
    return [new]


def _author(entry: Entry, asked: Declare, others: Others) -> str:
    """Whose entry it stays; a partner speaks for itself on places and closures, and takes nothing over by it."""
    if asked.role == "partner":
        if _partner_concerned(asked.payload, others) != asked.org:
            raise Refused("not-yours", "a partner declares its own places and closures only", status=403)
    elif asked.role not in ("directory", "admin"):
        raise Refused("wrong-role", "the directory is declared by roles directory and partner", status=403)
    elif asked.role == "directory":
        holder = _holder(entry, asked, others)
        if holder not in (None, asked.org):
            raise Refused("not-yours", f"this entry is for {holder} to declare", status=403)
    return asked.org


def _holder(entry: Entry, asked: Declare, others: Others) -> str | None:
    """Whose an entry is: places go with their offer, closures with their partner; none: nobody's yet."""
    match asked.payload:
        case PlacesDeclared(offer=offer):
            about = others.of(f"offer/{offer}")
        case ClosureDeclared(partner=partner):
            about = others.of(f"partner/{partner}")
        case _:
            about = entry
    return about.last.declared_by if about.last else None


def _partner_concerned(payload: DirectoryPayload, others: Others) -> str | None:
    match payload:
        case ClosureDeclared():
            return payload.partner
        case PlacesDeclared():
            offer = others.of(f"offer/{payload.offer}").last
            return offer.partner if isinstance(offer, OfferDeclared) else None
        case _:
            return None


def _must_be_there(other: Entry, kind: str, identifier: str) -> None:
    if not other.is_there:
        raise Refused(f"unknown-{kind}", f"{kind} {identifier} is not declared, or was withdrawn")


def _must_not_be_older(entry: Entry, new: PlacesDeclared) -> None:
    if isinstance(entry.last, PlacesDeclared) and new.at < entry.last.at:
        raise Refused("older", f"places are known as of {entry.last.at.isoformat()}", known=entry.last.at.isoformat())
