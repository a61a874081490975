"""data·inclusion v1: structures become partners, services become offers.

Field by field after the published schema (services and structures, version 1). What the schema leaves open is filled
by a rule and marked: no public means everybody, no zone means the commune's département. A service's contact (name,
mail, phone) may be a natural person's and is left out, as decision 0013 says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.actors import actor_of
from relais_intake.directory.adapters.lines import Left, Turned, Unfit
from relais_intake.directory.adapters.places import at_of, commune_of
from relais_intake.directory.adapters.texts import SHORT, Row, cut
from relais_intake.directory.adapters.turning import filled, restricted, strict, tried
from relais_intake.directory.adapters.zones import departement_of, zone_of
from relais_territories import FRANCE, Commune

Values: TypeAlias = Mapping[str, object]
MODES: Final = {"en-presentiel": "in-person", "a-distance": "remote"}
PARTNER_FIELDS: Final = {
    "partner": "id",
    "name": "nom",
    "group": "reseaux_porteurs",
    "email": "courriel",
    "siret": "siret",
}
OFFER_FIELDS: Final = {
    "offer": "id",
    "partner": "structure_id",
    "name": "nom",
    "needs": "thematiques",
    "audiences": "publics",
    "modes": "modes_accueil",
    "quality": "score_qualite",
    "mobilisation.by": "mobilisable_par",
    "mobilisation.ways": "modes_mobilisation",
    "details.kind": "type",
    "details.fees": "frais",
}
"""The contract's field and data·inclusion's."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What services take over from their structure, kept while a file is read."""

    networks: tuple[str, ...]
    commune: str | None
    opening_hours: str | None


@dataclass(slots=True)
class Structures:
    """The structures read so far by id; `cut` where a file broke off among them, so that others may be missing."""

    known: dict[str, Structure] = field(default_factory=dict)
    cut: bool = False

    def of(self, identifier: str) -> Structure:
        """The structure of a service, an empty one where the files hold none; Unfit where it may have been cut off."""
        if identifier not in self.known and self.cut:
            raise Unfit(f"structure_id: {identifier[:40]} is not among the structures before the cut")
        return self.known.get(identifier, Structure((), None, None))


def partner(number: int, values: Values, structures: Structures) -> Turned | Left:
    """The partner that a structure is; it is remembered for its services."""
    row = Row(values)
    return tried(number, row, f"partner/{_id(values, 'id')}", lambda one: _partner(one, structures), PARTNER_FIELDS)


def offer(number: int, values: Values, structures: Structures) -> Turned | Left:
    """The offer that a service is."""
    row = Row(values)
    return tried(number, row, f"offer/{_id(values, 'id')}", lambda one: _offer(one, structures), OFFER_FIELDS)


def _id(values: Values, name: str) -> str:
    identifier = values.get(name)
    return identifier if isinstance(identifier, str) else ""


def _partner(row: Row, structures: Structures) -> DirectoryPayload:
    networks = row.texts("reseaux_porteurs")
    hours = row.told("horaires_accueil", SHORT)
    kept = Structure(tuple(networks), None, hours)
    structures.known[row.text("id")] = kept
    commune = commune_of(row)
    structures.known[row.text("id")] = Structure(kept.networks, commune.code, hours)
    siret = row.text("siret")
    if siret and not (siret.isascii() and siret.isdigit() and len(siret) == 14):
        row.notes.append(f"siret: {siret[:40]} is not fourteen digits")
        siret = ""
    return strict(
        PartnerDeclared,
        partner=row.text("id"),
        name=row.told("nom", SHORT),
        group=networks[0] if networks else None,
        commune=commune.code,
        email=row.text("courriel") or None,
        siret=siret or None,
        site=row.link("site_web") or row.link("lien_source"),
        updated=row.day("date_maj"),
    )


def _offer(row: Row, structures: Structures) -> DirectoryPayload:
    structure = structures.of(row.text("structure_id"))
    needs, audiences, modes = row.texts("thematiques"), row.texts("publics"), row.texts("modes_accueil")
    if not needs:
        raise Unfit("thematiques: none is given; there is nothing to match it by")
    commune = _commune(row, structure)
    zone, widened = zone_of(row.texts("zone_eligibilite"), commune)
    at = at_of(row, commune)
    row.assumed += ["actor", *(["zone"] if zone is None or widened else [])]
    row.assumed += [*([] if modes else ["modes"]), *([] if audiences else ["audiences"])]
    return strict(
        OfferDeclared,
        offer=row.text("id"),
        partner=row.text("structure_id"),
        name=row.told("nom", SHORT),
        actor=actor_of(structure.networks, needs),
        needs=needs,
        audiences=restricted(audiences, "publics"),
        zone=zone or departement_of(commune),
        at=at,
        modes=[MODES.get(mode, mode) for mode in modes] or ["in-person"],
        updated=row.day("date_maj"),
        quality=row.amount("score_qualite", 0, 1),
        source=cut(row.text("source"), SHORT) or None,
        mobilisation=_mobilisation(row),
        details=_details(row, structure),
        assumed=list(dict.fromkeys(row.assumed)),
    )


def _commune(row: Row, structure: Structure) -> Commune:
    """The service's commune; its structure's where it names none, and then `at` is assumed."""
    if any(row.text(name) for name in ("code_insee", "commune", "code_postal")) or structure.commune is None:
        return commune_of(row)
    row.assumed.append("at")
    commune = FRANCE.commune(structure.commune)
    assert commune is not None
    return commune


def _mobilisation(row: Row) -> dict[str, object] | None:
    return filled(
        by=row.texts("mobilisable_par"),
        ways=row.texts("modes_mobilisation"),
        link=row.link("lien_mobilisation"),
        note=row.told("mobilisation_precisions"),
    )


def _details(row: Row, structure: Structure) -> dict[str, object] | None:
    address = " ".join(filter(None, (row.told("adresse", SHORT), row.told("complement_adresse", SHORT))))
    weeks = row.amount("nombre_semaines", 1, 10_000)
    return filled(
        kind=row.text("type") or None,
        description=row.told("description"),
        address=cut(address, SHORT) or None,
        opening_hours=row.told("horaires_accueil", SHORT) or structure.opening_hours,
        conditions=row.told("conditions_acces"),
        audiences_note=row.told("publics_precisions"),
        fees=row.text("frais") or None,
        fees_note=row.told("frais_precisions"),
        weeks=None if weeks is None else round(weeks),
        hours_a_week=row.amount("volume_horaire_hebdomadaire", 0, 168),
        link=row.link("lien_source"),
    )
