"""One entry of the directory: a partner, an offer, its places or a closure, as last declared.

The state of a directory stream; `decider` reads it, snapshots keep it. It knows no other entry.
"""

from dataclasses import dataclass
from typing import Final

from relais_contracts.catalogue import dump, parse_data
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    DirectoryPayload,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
)

TYPES: Final[dict[str, type[DirectoryPayload]]] = {
    model.TYPE: model
    for model in (
        PartnerDeclared,
        PartnerWithdrawn,
        OfferDeclared,
        OfferWithdrawn,
        PlacesDeclared,
        ClosureDeclared,
        ClosureWithdrawn,
    )
}
GONE: Final = (PartnerWithdrawn, OfferWithdrawn, ClosureWithdrawn)
STREAMS: Final = ("partner", "offer", "places", "closure")


@dataclass(frozen=True, slots=True)
class Entry:
    """The last word on an entry; none before the first."""

    last: DirectoryPayload | None = None

    @property
    def is_there(self) -> bool:
        """Declared, and not withdrawn since."""
        return self.last is not None and not isinstance(self.last, GONE)


def stream_of(payload: DirectoryPayload) -> str:
    """The stream an entry lives on.

    `offer/<id>`; `places/<offer>/<first day>` for a dated session; `closure/<partner>/<first day>/<offer>` where that
    offer alone is suspended.
    """
    match payload:
        case PartnerDeclared() | PartnerWithdrawn():
            return f"partner/{payload.partner}"
        case OfferDeclared() | OfferWithdrawn():
            return f"offer/{payload.offer}"
        case PlacesDeclared(session=None):
            return f"places/{payload.offer}"
        case PlacesDeclared(session=session) if session is not None:
            return f"places/{payload.offer}/{session.starts}"
        case ClosureDeclared(offer=None) | ClosureWithdrawn(offer=None):
            return f"closure/{payload.partner}/{payload.from_}"
        case ClosureDeclared() | ClosureWithdrawn():
            return f"closure/{payload.partner}/{payload.from_}/{payload.offer}"
        case _:
            raise ValueError(f"not an entry of the directory: {type(payload).__name__}")


def evolve(_: Entry, payload: DirectoryPayload) -> Entry:
    """The last word counts."""
    return Entry(payload)


def to_snapshot(entry: Entry) -> bytes | None:
    """The entry as bytes: its type, a line feed, its data."""
    return None if entry.last is None else entry.last.TYPE.encode() + b"\n" + dump(entry.last)


def from_snapshot(snapshot: bytes) -> Entry:
    """The entry of such bytes."""
    name, _, data = snapshot.partition(b"\n")
    last = parse_data(name.decode(), data)
    assert isinstance(last, DirectoryPayload)
    return Entry(last)
