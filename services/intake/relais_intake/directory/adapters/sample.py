"""A flat list of services as a public data·inclusion page shows them: no id, no INSEE code, no modes, publics or zone.

Ids come from source and link, else from a digest; communes from name and post code; what is absent is assumed, and
marked.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from relais_contracts.directory import DirectoryPayload, PartnerDeclared
from relais_intake.directory.adapters.data_inclusion import offer, strict
from relais_intake.directory.adapters.lines import Left, Turned, short_digest
from relais_intake.directory.adapters.places import at_of, commune_of, text_of
from relais_intake.directory.adapters.zones import departement_of
from relais_territories import Commune

Row = Mapping[str, object]


def turn(rows: Sequence[Row]) -> Iterator[Turned | Left]:
    """Each row's partner (once) and its offer, in order."""
    shared = Counter(_link(row) for row in rows if _link(row))
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        commune = commune_of(row)
        if commune is None:
            yield Left(number, f"commune not found: {text_of(row, 'commune')} {text_of(row, 'code_postal')}")
            continue
        try:
            partner = _partner(row, commune)
            turned = _offer(row, commune, partner.partner, alone=shared[_link(row)] == 1)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            yield Left(number, f"/{'/'.join(map(str, first['loc']))}: {first['msg']}")
            continue
        if partner.partner not in seen:
            seen.add(partner.partner)
            yield Turned(number, partner)
        yield Turned(number, turned)


def _link(row: Row) -> str:
    link = text_of(row, "lien_source")
    return f"{text_of(row, 'source')} {link}" if link else ""


def _partner(row: Row, commune: Commune) -> PartnerDeclared:
    name, source = text_of(row, "structure_name") or text_of(row, "nom"), text_of(row, "source")
    payload = strict(
        PartnerDeclared,
        partner=f"{source}--{short_digest('structure', source, name.casefold(), commune.code)}",
        name=name[:200],
        group=source if source == "france-travail" else None,
        commune=commune.code,
    )
    assert isinstance(payload, PartnerDeclared)
    return payload


def _offer(row: Row, commune: Commune, partner: str, *, alone: bool) -> DirectoryPayload:
    at, placed = at_of(row, commune)
    needs = row.get("thematiques")
    source = text_of(row, "source")
    return offer(
        identifier=f"{source}--{short_digest(_link(row)) if alone else short_digest(_content(row))}",
        partner=partner,
        name=text_of(row, "nom") or text_of(row, "structure_name"),
        networks=[source],
        needs=[need for need in needs if isinstance(need, str)] if isinstance(needs, list) else [],
        audiences=[],
        zone=departement_of(commune),
        at=at,
        modes=["in-person"],
        updated=None,
        quality=None,
        assumed=[
            "actor",
            "zone",
            "audiences",
            "modes",
            *(["at"] if placed else []),
            *([] if text_of(row, "nom") else ["name"]),
        ],
    )


def _content(row: Row) -> list[object]:
    return [row.get(name) for name in ("source", "lien_source", "nom", "structure_name", "commune", "code_postal")]
