"""The directory as it stood at a version, entry by entry: partners, then offers, places and closures.

For whoever wants to see it or take it elsewhere; `replays` and the index read entries by version. It changes nothing.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from relais_chassis.postgres import Connection
from relais_contracts.catalogue import parse_data
from relais_contracts.directory import (
    ClosureDeclared,
    DirectoryPayload,
    OfferDeclared,
    PartnerDeclared,
    PlacesDeclared,
)
from relais_routing.directory import STREAMS

TOGETHER: Final = 1_000
_VERSION: Final = "select coalesce(max(version), 0) from directory_entry where $1::timestamptz is null or at < $1"
_PAGE: Final = f"""
select distinct on (stream) stream, type, data from directory_entry
where stream > $1 and stream like $2 || '%' and version <= $3 order by stream, version desc limit {TOGETHER}
"""


async def version_at(conn: Connection, moment: datetime | None) -> int:
    """The directory's version just before a moment; none: the latest."""
    version: int = await conn.fetchval(_VERSION, moment)
    return version


class Standing:
    """The entries that stood at a version; `left_out` are those whose partner or offer was withdrawn."""

    def __init__(self, version: int) -> None:
        self._version, self.left_out = version, 0
        self._partners: set[str] = set()
        self._offers: set[str] = set()

    async def read(self, conn: Connection) -> AsyncIterator[DirectoryPayload]:
        """Each entry after those it refers to."""
        for kind in STREAMS:
            after = ""
            while rows := await conn.fetch(_PAGE, after, kind, self._version):
                for stream, type, data in rows:
                    after = stream
                    entry = parse_data(type, data)
                    if self._stands(entry):
                        assert isinstance(entry, DirectoryPayload)
                        yield entry

    def _stands(self, entry: object) -> bool:
        match entry:
            case PartnerDeclared():
                self._partners.add(entry.partner)
                return True
            case OfferDeclared():
                return self._kept(entry.partner in self._partners, entry.offer)
            case PlacesDeclared():
                return self._kept(entry.offer in self._offers)
            case ClosureDeclared():
                known = entry.partner in self._partners and (entry.offer is None or entry.offer in self._offers)
                return self._kept(known)
            case _:
                return False

    def _kept(self, stands: bool, offer: str | None = None) -> bool:
        self.left_out += not stands
        if stands and offer is not None:
            self._offers.add(offer)
        return stands
