"""data·inclusion v1: structures become partners, services become offers.

Field by field after the published schema (services and structures, version 1). What the schema leaves open is filled
by a rule and marked: no public means everybody, no zone means the commune's département.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import ValidationError
from pydantic_core import to_json

from relais_contracts.catalogue import parse_data
from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared, Zone
from relais_contracts.vocabularies import Mode
from relais_intake.directory.adapters.actors import actor_of
from relais_intake.directory.adapters.lines import Left, Turned
from relais_intake.directory.adapters.places import at_of, commune_of, text_of
from relais_intake.directory.adapters.zones import departement_of, zone_of

Row = Mapping[str, object]
_MODES: dict[str, Mode] = {"en-presentiel": "in-person", "a-distance": "remote"}


def turn(structures: Sequence[Row], services: Sequence[Row]) -> Iterator[Turned | Left]:
    """Partners first, then offers; rows are counted through both lists, from 1."""
    by_id = {text_of(structure, "id"): structure for structure in structures}
    for row, structure in enumerate(structures, 1):
        yield _tried(row, _partner, structure)
    for row, service in enumerate(services, len(structures) + 1):
        networks = _texts(by_id.get(text_of(service, "structure_id"), {}), "reseaux_porteurs")
        yield _tried(row, lambda one, names=networks: _offer(one, names), service)


def _tried(row: int, turn_one: object, given: Row) -> Turned | Left:
    assert callable(turn_one)
    try:
        turned = turn_one(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return Left(row, f"/{'/'.join(map(str, first['loc']))}: {first['msg']}")
    return Left(row, turned) if isinstance(turned, str) else Turned(row, turned)


def _partner(structure: Row) -> DirectoryPayload | str:
    commune = commune_of(structure)
    if commune is None:
        return f"commune not found: {text_of(structure, 'commune')} {text_of(structure, 'code_postal')}"
    networks = _texts(structure, "reseaux_porteurs")
    return strict(
        PartnerDeclared,
        partner=text_of(structure, "id"),
        name=text_of(structure, "nom")[:200],
        group=networks[0] if networks else None,
        commune=commune.code,
        email=text_of(structure, "courriel") or None,
    )


def _offer(service: Row, networks: Sequence[str]) -> DirectoryPayload | str:
    commune = commune_of(service)
    if commune is None:
        return f"commune not found: {text_of(service, 'commune')} {text_of(service, 'code_postal')}"
    needs = _texts(service, "thematiques")
    if not needs:
        return "no thématique: nothing to match it by"
    zone, widened = zone_of(_texts(service, "zone_eligibilite"))
    at, placed = at_of(service, commune)
    modes = tuple(_MODES[mode] for mode in _texts(service, "modes_accueil") if mode in _MODES)
    assumed = [
        "actor",
        *(["zone"] if zone is None or widened else []),
        *(["at"] if placed else []),
        *(["modes"] if not modes else []),
        *(["audiences"] if not _texts(service, "publics") else []),
    ]
    return offer(
        identifier=text_of(service, "id"),
        partner=text_of(service, "structure_id"),
        name=text_of(service, "nom"),
        networks=networks,
        needs=needs,
        audiences=_texts(service, "publics"),
        zone=zone or departement_of(commune),
        at=at,
        modes=modes or ("in-person",),
        updated=_day(service, "date_maj"),
        quality=service.get("score_qualite"),
        assumed=assumed,
    )


def offer(
    *,
    identifier: str,
    partner: str,
    name: str,
    networks: Sequence[str],
    needs: Sequence[str],
    audiences: Sequence[str],
    zone: Zone,
    at: object,
    modes: Sequence[str],
    updated: date | None,
    quality: object,
    assumed: Sequence[str],
) -> DirectoryPayload:
    """An offer of another maker's values; raises ValidationError where one does not fit."""
    return strict(
        OfferDeclared,
        offer=identifier,
        partner=partner,
        name=name[:200],
        actor=actor_of(networks, needs),
        needs=list(needs),
        audiences=[] if "tous-publics" in audiences else list(audiences),
        zone=zone,
        at=at,
        modes=list(dict.fromkeys(modes)),
        updated=updated,
        quality=quality if isinstance(quality, int | float) else None,
        assumed=list(assumed),
    )


def strict(model: type[DirectoryPayload], **fields: object) -> DirectoryPayload:
    """An entry judged as if it had come over the wire."""
    payload = parse_data(model.TYPE, to_json(fields, by_alias=True))
    assert isinstance(payload, model)
    return payload


def _texts(row: Row, name: str) -> list[str]:
    value = row.get(name)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _day(row: Row, name: str) -> date | None:
    try:
        return date.fromisoformat(text_of(row, name)[:10])
    except ValueError:
        return None
