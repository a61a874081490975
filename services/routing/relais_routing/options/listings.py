"""What people read of an offer before they choose it: how fresh it is, how one asks for it, what it may be twice of.

Read from the declared entries of the offers shown alone. No rule looks at it.
"""

from collections.abc import Sequence
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_contracts.catalogue import parse_data
from relais_contracts.directory import OfferDeclared
from relais_routing.matching.index import Index

_DECLARED: Final = """
select distinct on (stream) type, data from directory_entry
where stream = any($1::text[]) and version <= $2 order by stream, version desc
"""


async def complete(conn: Connection, index: Index, found: Sequence[dict[str, Any]]) -> None:
    """Adds to each candidate of these answers what was declared of it; `index` says what it may be twice of."""
    names = {each["offer"] for answer in found for each in answer["candidates"]}
    version = max(answer["directory"] for answer in found)
    rows = await conn.fetch(_DECLARED, [f"offer/{name}" for name in sorted(names)], version)
    parsed = [parse_data(type, data) for type, data in rows]
    declared = {each.offer: each for each in parsed if isinstance(each, OfferDeclared)}
    for answer in found:
        for candidate in answer["candidates"]:
            candidate.pop("cluster", None)
            candidate |= _read(declared.get(candidate["offer"])) | {"alike": _alike(index, candidate["offer"])}


def _read(offer: OfferDeclared | None) -> dict[str, Any]:
    """Freshness and mobilisation; nothing where it was withdrawn a moment ago."""
    if offer is None:
        return {"updated": None, "quality": None, "assumed": [], "source": None, "mobilisation": None}
    asked = offer.mobilisation
    return {
        "updated": offer.updated.isoformat() if offer.updated else None,
        "quality": offer.quality,
        "assumed": list(offer.assumed),
        "source": offer.source,
        "mobilisation": asked.model_dump(mode="json", exclude_none=True) if asked else None,
    }


def _alike(index: Index, offer: str) -> list[dict[str, Any]]:
    """Other listings of what is likely the same service, and why."""
    cluster = index.cluster_of(offer)
    links = [link for link in cluster.links if offer in (link.one, link.other)] if cluster else []
    return [{"offer": link.other if link.one == offer else link.one, "why": list(link.why)} for link in links]
