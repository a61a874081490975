"""A flat list of services as a public data·inclusion page shows them: no id, no INSEE code, no modes, publics or zone.

Ids come from source and link, else from a digest; communes from name and post code; what is absent is assumed, and
marked. `area` is the label of the extract, not of the service: nothing is made of it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.actors import BY_NETWORK, actor_of
from relais_intake.directory.adapters.lines import Left, Turned, Unfit, short_digest
from relais_intake.directory.adapters.places import at_of, commune_of
from relais_intake.directory.adapters.texts import SHORT, Row
from relais_intake.directory.adapters.turning import filled, strict, tried
from relais_intake.directory.adapters.zones import departement_of
from relais_territories import by_name_and_postcode

Values: TypeAlias = Mapping[str, object]
FIELDS: Final = {"name": "nom", "needs": "thematiques", "offer": "source", "partner": "source"}


@dataclass(slots=True)
class Shared:
    """What one must know of the whole list before its first row: links of several services, what structures say."""

    links: Counter[bytes] = field(default_factory=Counter)
    structures: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    """The first name and the first site of each."""

    @classmethod
    def of(cls, rows: Iterable[Values]) -> "Shared":
        """Read the list once; eight bytes a link, a name and a site a structure are kept."""
        shared = cls()
        for values in rows:
            if link := _link(values):
                shared.links[_short(link)] += 1
            key = _short(_structure(values))
            name, site = shared.structures.get(key, (_name(values), ""))
            shared.structures[key] = name, site or _said(values, "site_web")
        return shared

    def is_alone(self, values: Values) -> bool:
        """Whether the row's link belongs to no other row."""
        return bool(_link(values)) and self.links[_short(_link(values))] == 1

    def structure(self, values: Values) -> dict[str, str]:
        """Name and site of the row's structure, whichever of its rows says them."""
        name, site = self.structures.get(_short(_structure(values)), (_name(values), ""))
        return {"structure_name": name, "site_web": site}


def turn(number: int, values: Values, shared: Shared) -> Iterator[Turned | Left]:
    """The row's partner and its offer; the reason alone where the row gives no offer."""
    partner_row = Row({**values, **shared.structure(values)})
    partner = tried(number, partner_row, "", _partner, FIELDS)
    if isinstance(partner, Left):
        yield Left(number, partner.reason, f"offer/{_identifier(values, shared)}")
        return
    assert isinstance(partner.payload, PartnerDeclared)
    of, stream = partner.payload.partner, f"offer/{_identifier(values, shared)}"
    offer = tried(number, Row(values), stream, lambda row: _offer(row, of, _identifier(values, shared)), FIELDS)
    if isinstance(offer, Turned):
        yield partner
    yield offer


def _partner(row: Row) -> DirectoryPayload:
    source, commune = row.text("source"), commune_of(row)
    name = row.text("structure_name")
    if not source:
        raise Unfit("source: nothing is given; ids begin with it")
    return strict(
        PartnerDeclared,
        partner=f"{source}--{short_digest('structure', source, name.casefold(), commune.code)}",
        name=row.told("structure_name", SHORT),
        group=source if source in BY_NETWORK else None,
        commune=commune.code,
        site=row.link("site_web"),
    )


def _offer(row: Row, partner: str, identifier: str) -> DirectoryPayload:
    source, commune, needs = row.text("source"), commune_of(row), row.texts("thematiques")
    mobilisation = row.link("lien_mobilisation")
    at = at_of(row, commune)
    row.assumed += ["actor", "zone", "audiences", "modes", *([] if row.text("nom") else ["name"])]
    return strict(
        OfferDeclared,
        offer=identifier,
        partner=partner,
        name=row.told("nom", SHORT) or row.told("structure_name", SHORT),
        actor=actor_of([source], needs),
        needs=needs,
        zone=departement_of(commune),
        at=at,
        modes=["in-person"],
        source=source,
        mobilisation=mobilisation and {"ways": ["utiliser-lien-mobilisation"], "link": mobilisation},
        details=filled(description=row.told("description"), link=row.link("lien_source")),
        assumed=row.assumed,
    )


def _identifier(values: Values, shared: Shared) -> str:
    content = [
        values.get(name) for name in ("source", "lien_source", "nom", "structure_name", "commune", "code_postal")
    ]
    return f"{_said(values, 'source')}--{short_digest(_link(values) if shared.is_alone(values) else content)}"


def _link(values: Values) -> str:
    link = _said(values, "lien_source")
    return f"{_said(values, 'source')} {link}" if link else ""


def _structure(values: Values) -> str:
    commune = by_name_and_postcode(_said(values, "commune"), _said(values, "code_postal"))
    return f"{_said(values, 'source')}\n{_name(values).casefold()}\n{commune.code if commune else ''}"


def _name(values: Values) -> str:
    return _said(values, "structure_name") or _said(values, "nom")


def _said(values: Values, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _short(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
