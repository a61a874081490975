"""Files of other makers as the adapters read them: what they give, and a row of a flat list."""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from relais_contracts.catalogue import parse
from relais_contracts.codec import from_json
from relais_contracts.directory import DirectoryPayload, OfferDeclared
from relais_intake.directory.adapters.files import lines, recognised
from relais_intake.directory.adapters.lines import Cut, Item, Left
from relais_intake.directory.adapters.reading import Reading, known

ROW: dict[str, Any] = {
    "nom": "Atelier CV",
    "structure_name": "Mission locale",
    "source": "dora",
    "commune": "LOUHANS",
    "code_postal": "71500",
    "latitude": None,
    "longitude": None,
    "lien_source": None,
    "thematiques": ["se-former--trouver-sa-formation"],
}


def turned(*documents: object) -> tuple[list[DirectoryPayload], list[Left]]:
    """The entries that files of these documents give, and the rows that give none."""
    found, left = [], []
    for item in given(*(json.dumps(document).encode() for document in documents)):
        assert not isinstance(item, Cut), item
        if isinstance(item, Left):
            left.append(item)
        else:
            payload = parse(from_json(item.line))
            assert isinstance(payload, DirectoryPayload)
            found.append(payload)
    return found, left


def given(*contents: bytes, readings: Sequence[Reading] = ()) -> list[Item]:
    """Everything that files of these contents give."""
    formats = [recognised(BytesIO(content), readings or known()) for content in contents]
    return [item for _, item in lines(formats, "demo")]


def offers(document: object) -> list[OfferDeclared]:
    return [one for one in turned(document)[0] if isinstance(one, OfferDeclared)]
