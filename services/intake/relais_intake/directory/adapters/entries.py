"""One row of a table as a partner and its offer: the columns of the plain format, whatever a file calls them.

Behind every reading. It fills in what a rule may, marks it, and names the file's own column in a reason.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.actors import actor_of
from relais_intake.directory.adapters.lines import Left, Turned, Unfit
from relais_intake.directory.adapters.named import FORMER, commune_named
from relais_intake.directory.adapters.places import at_of, commune_of
from relais_intake.directory.adapters.texts import SHORT, Row, cut
from relais_intake.directory.adapters.turning import filled, restricted, strict, tried
from relais_intake.directory.adapters.zones import departement_of, zone_named
from relais_territories import FRANCE, Commune

COLUMNS: Final = (
    "partner", "partner_name", "group", "siret", "email", "site", "offer", "name", "actor", "needs",
    "audiences", "zone", "modes", "rome", "formacode", "commune", "city", "post_code", "address", "latitude",
    "longitude", "departement", "named_in", "seat", "open_from", "open_until", "updated", "quality", "source",
    "kind", "description", "opening_hours", "conditions", "audiences_note", "fees", "fees_note", "weeks",
    "hours_a_week", "link", "mobilisation_by", "mobilisation_ways", "mobilisation_link", "mobilisation_note",
)  # fmt: skip
_LISTED: Final = re.compile(r"\s*[|;,]\s*")
_ADDRESS: Final = re.compile(r"\b(\d{5})\s+(\D[^\d]*)$")
_OF: Final = {
    "name": "name",
    "partner": "partner",
    "mobilisation.by": "mobilisation_by",
    "mobilisation.ways": "mobilisation_ways",
    "details.kind": "kind",
    "details.fees": "fees",
}


def turn(
    number: int, values: Mapping[str, str], columns: Mapping[str, str], assumed: Sequence[str]
) -> Iterator[Turned | Left]:
    """The partner, and the offer where the row has one; the reason alone where either cannot be.

    `columns` gives the file's name of a column, `assumed` the columns that no cell filled.
    """
    names = {**{ours: columns.get(ours, ours) for ours in COLUMNS}, **{k: columns.get(v, v) for k, v in _OF.items()}}
    of_partner = {**names, "name": names["partner_name"]}
    row = Row(values)
    partner = tried(number, row, f"partner/{values.get('partner', '')}", lambda one: _partner(one, names), of_partner)
    if isinstance(partner, Left) or not any(values.get(name) for name in ("offer", "name", "needs")):
        stream = f"offer/{values['offer']}" if values.get("offer") else None
        yield Left(number, partner.reason, stream or partner.entry) if isinstance(partner, Left) else partner
        return
    of = Row(values)
    of.assumed += [name for name in assumed if name in OfferDeclared.model_fields or name == "group"]
    offer = tried(number, of, f"offer/{values.get('offer', '')}", lambda one: _offer(one, names), names)
    if isinstance(offer, Turned):
        yield partner
    yield offer


def _partner(row: Row, names: Mapping[str, str]) -> DirectoryPayload:
    return strict(
        PartnerDeclared,
        partner=row.text("partner"),
        name=row.told("partner_name", SHORT),
        group=cut(row.text("group"), SHORT) or None,
        commune=_commune(row, names).code,
        email=row.text("email") or None,
        siret=row.text("siret").replace(" ", "") or None,
        site=row.link("site"),
        updated=row.day("updated"),
    )


def _offer(row: Row, names: Mapping[str, str]) -> DirectoryPayload:
    commune, needs, modes = _commune(row, names), _codes(row, "needs"), _codes(row, "modes")
    zone, widened = zone_named(_codes(row, "zone"), commune, names["zone"])
    at = at_of(row, commune)
    row.assumed += [*([] if row.text("actor") else ["actor"]), *([] if modes else ["modes"])]
    row.assumed += ["zone"] if zone is None or widened else []
    return strict(
        OfferDeclared,
        offer=row.text("offer"),
        partner=row.text("partner"),
        name=row.told("name", SHORT) or row.told("partner_name", SHORT),
        actor=row.text("actor") or actor_of([row.text("group")], needs),
        needs=needs,
        audiences=restricted(_codes(row, "audiences"), names["audiences"]),
        zone=zone or departement_of(commune),
        at=at,
        modes=modes or ["in-person"],
        rome=_codes(row, "rome"),
        formacode=_codes(row, "formacode"),
        open_from=row.text("open_from") or None,
        open_until=row.text("open_until") or None,
        updated=row.day("updated"),
        quality=row.amount("quality", 0, 1),
        source=cut(row.text("source"), SHORT) or None,
        mobilisation=filled(
            by=_codes(row, "mobilisation_by"),
            ways=_codes(row, "mobilisation_ways"),
            link=row.link("mobilisation_link"),
            note=row.told("mobilisation_note"),
        ),
        details=_details(row),
        assumed=list(dict.fromkeys(row.assumed)),
    )


def _details(row: Row) -> dict[str, object] | None:
    weeks = row.amount("weeks", 1, 10_000)
    return filled(
        kind=row.text("kind") or None,
        description=row.told("description"),
        address=row.told("address", SHORT),
        opening_hours=row.told("opening_hours", SHORT),
        conditions=row.told("conditions"),
        audiences_note=row.told("audiences_note"),
        fees=row.text("fees") or None,
        fees_note=row.told("fees_note"),
        weeks=None if weeks is None else round(weeks),
        hours_a_week=row.amount("hours_a_week", 0, 168),
        link=row.link("link"),
    )


def _codes(row: Row, name: str) -> list[str]:
    return list(dict.fromkeys(filter(None, _LISTED.split(row.text(name)))))


def _commune(row: Row, names: Mapping[str, str]) -> Commune:
    """By its code, its name and post code, the end of an address, or the name of the agency; Unfit where none says."""
    if row.text("commune") or row.text("city"):
        return commune_of(row, "commune", "city", "post_code")
    written = _ADDRESS.search(row.text("address"))
    if written:
        return commune_of(Row({"city": written[2], "post_code": written[1]}), "commune", "city", "post_code")
    if row.text("named_in"):
        return _named(row, names)
    said = row.text("address")[:80]
    raise Unfit(f"{names['address']}: no post code and commune at the end of {said}" if said else "no commune is given")


def _named(row: Row, names: Mapping[str, str]) -> Commune:
    departement = row.text("departement").zfill(2)
    if not FRANCE.is_known("departement", departement):
        raise Unfit(f"{names['departement']}: {row.text('departement')[:20] or 'nothing'} is no département")
    try:
        found = commune_named(row.text("named_in"), departement)
    except Unfit as unfit:
        seat = FRANCE.commune(row.text("seat")[:5])
        if seat is None or departement not in (seat.departement, FORMER.get(seat.departement)):
            raise Unfit(f"{names['named_in']}: {unfit}") from None
        found = seat
    return found
