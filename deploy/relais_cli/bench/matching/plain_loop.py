"""The same choice as a plain loop over all offers: what one would write first, cheap questions before dear ones.

It answers with those among whom the lot decides. Used only to compare with.
"""

from collections.abc import Sequence
from datetime import date

from relais_cli.bench.matching.plain import FULL, Plain
from relais_routing.matching.offers import Spot, spot_of
from relais_routing.matching.reach import REMOTE, band, estimate
from relais_routing.matching.request import Request
from relais_territories import FRANCE


def choice(offers: Sequence[Plain], request: Request, network: str | None) -> set[str]:
    """The best of all offers for a person who names nobody; `network` is the operator's."""
    commune = FRANCE.commune(request.commune)
    assert commune is not None
    home, territories = spot_of(request.commune, commune), FRANCE.territories_of(commune)
    own = {request.operator, network or request.operator}
    best, found = (FULL + 1, FULL), set[str]()
    for offer in offers:
        if (
            request.need not in offer.needs
            or request.actor != offer.actor
            or offer.zone.isdisjoint(territories)
            or (offer.audiences and offer.audiences.isdisjoint(request.audiences))
            or (offer.rome and request.rome and offer.rome.isdisjoint(request.rome))
            or (offer.formacode and request.formacode and offer.formacode.isdisjoint(request.formacode))
            or offer.partner in own
            or offer.network in own
            or not offer.opens <= request.today <= offer.ends
            or any(first <= request.today <= last for first, last in offer.closed)
        ):
            continue
        rank, room = _rank(offer, request, home), _room(offer, request.today)
        if rank is None or room == FULL or (rank, room) > best:
            continue
        if (rank, room) < best:
            best, found = (rank, room), set()
        found.add(offer.offer)
    return found


def _rank(offer: Plain, request: Request, home: Spot) -> int | None:
    """The nearest way: a band of minutes, or at a distance; none where the person cannot be helped."""
    ways = []
    if offer.in_person and offer.spot.land == home.land:
        minutes = estimate(home, offer.spot, request.means)
        if minutes is not None and minutes <= request.reach_minutes:
            ways.append(band(minutes))
    if offer.remote and request.remote != "refused":
        ways.append(-1 if request.remote == "preferred" else REMOTE)
    return min(ways, default=None)


def _room(offer: Plain, today: date) -> int:
    """The best room of its sessions to come and its undated places; an offer that declares none is open."""
    if not offer.rooms:
        return 0
    return min((room.state for room in offer.rooms if room.starts is None or room.starts >= today), default=FULL)
