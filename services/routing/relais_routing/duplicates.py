"""Likely duplicates in the directory, for those who can put them right: listings that seem to be one service, and why.

HTTP reads only, through `door`. Nothing is merged: a wrong merge would hide a partner.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from relais_chassis.access import Caller
from relais_chassis.postgres import Database
from relais_routing.door import Door
from relais_routing.matching.index import Index
from relais_routing.matching.likeness import Cluster, Why
from relais_routing.model import RoutingModel
from relais_territories import FRANCE

REASONS: Final[dict[Why, str]] = {
    Why.NAME: "même commune, même nom de service et même organisation",
    Why.REGISTER: "même établissement (SIRET) et même nom de service",
    Why.POINT: "même adresse, même organisation, même type de partenaire et mêmes besoins",
    Why.AGAIN: "même service du même partenaire, saisi plusieurs fois",
}
MOST: Final = 500


class Duplicates:
    """Answers from the directory in memory."""

    def __init__(self, database: Database, model: RoutingModel, door: Door) -> None:
        self._database, self._model, self._door = database, model, door

    def router(self) -> APIRouter:
        """The one route."""
        router = APIRouter(prefix="/v1")
        router.add_api_route("/directory/duplicates", self.duplicates)
        return router

    async def duplicates(
        self,
        request: Request,
        after: Annotated[str, Query(max_length=128, description="The last `cluster` of the page before.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    ) -> Response:
        """Clusters of listings that are likely one service, in order of their keys; `next` where there are more."""
        caller = self._door.caller(request, "directory", "coordinator", "admin")
        async with self._database.connection() as conn:
            await self._model.live.refresh(conn)
        index = self._model.live.index
        found = [each for each in index.clusters() if each.key > after and _concerns(index, each, caller)]
        page = {"clusters": [told(index, each) for each in found[:limit]], "total": len(found)}
        return JSONResponse(page | ({"next": found[limit - 1].key} if len(found) > limit else {}))


def told(index: Index, cluster: Cluster) -> dict[str, Any]:
    """A cluster: its listings with their sources, and the reasons in codes and in French."""
    return {
        "cluster": cluster.key,
        "members": [_member(index, name) for name in cluster.members],
        "links": [
            {"one": link.one, "other": link.other, "why": list(link.why), "text": reason(link.why)}
            for link in cluster.links
        ],
    }


def reason(why: tuple[Why, ...]) -> str:
    """The reasons of a link in French."""
    return " ; ".join(REASONS[each] for each in why)


def _member(index: Index, name: str) -> dict[str, Any]:
    offer, listing = index.offer(name), index.declared(name)
    assert offer is not None
    assert listing is not None
    return {
        "offer": name,
        "name": offer.name,
        "partner_name": offer.partner_name,
        "commune": offer.spot.commune,
        "source": listing.source,
        "updated": listing.updated.isoformat() if listing.updated else None,
    }


def _concerns(index: Index, cluster: Cluster, caller: Caller) -> bool:
    """Coordinators see what lies in their territories, the others everything."""
    if caller.role != "coordinator":
        return True
    offers = [offer for name in cluster.members if (offer := index.offer(name))]
    communes = [known for offer in offers if (known := FRANCE.commune(offer.spot.commune))]
    return any(not FRANCE.territories_of(known).isdisjoint(caller.territories) for known in communes)
