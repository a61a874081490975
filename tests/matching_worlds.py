"""Any world there may be: a dozen partners with an offer each, some listed twice by other sources, and who asks.

Strategies for hypothesis, on top of `matching_builders`.
"""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from builders import NEED, TRAINING
from matching_builders import ANY, at, at_partner, named, offer, partner, request, room
from relais_contracts.cases import AnyOption
from relais_contracts.directory import ClosureDeclared, Mobilisation, Session, Zone
from relais_contracts.envelope import Payload
from relais_routing.matching.request import Request

NAMES = [f"p{number:02}" for number in range(12)]
OFFERS = [f"{name}.offer" for name in NAMES]
NEAR = ("71270",) * 30
COMMUNES = ("71270", "71263", "71076", "01306", "39300", "59350", "2A004", "75112")
PUBLICS = ("jeunes", "femmes", "seniors", "demandeurs-emploi")


ASKED = (*[None] * 12, Mobilisation(by=("usagers",)), Mobilisation(by=("usagers", "professionnels")))
SESSIONS = tuple(Session(starts=date(2026, month, 20), ends=date(2026, month, 28)) for month in (1, 3, 4))


def closure(name: str, first: int, last: int, **given: Any) -> ClosureDeclared:
    """Closed, or one offer suspended, between two days of March."""
    days = {"from": date(2026, 3, first), "until": date(2026, 3, last)}
    return ClosureDeclared.model_validate({"partner": name, **days, **given})


@st.composite
def declared(draw: st.DrawFn, name: str) -> list[Payload]:
    """One partner with one offer, perhaps places, a closure or a suspension; its words are often another's too."""
    commune = draw(st.sampled_from((*NEAR, *COMMUNES)))
    zone: Any = draw(st.sampled_from([
        ("departement", "71"), ("country", "FR"), ("country", "FR"), ("country", "FR"), ("region", "27"),
        ("commune", commune), ("departement", "59"), *[("country", "FR")] * 6,
    ]))  # fmt: skip
    events: list[Payload] = [
        partner(
            name,
            name=draw(st.sampled_from(["Cité des métiers", "CITE DES METIERS (asso)", name])),
            commune=commune,
            group=draw(st.sampled_from([None, None, "GRETA", "AFPA"])),
            siret=draw(st.sampled_from([None, "12345678901234"])),
        ),
        offer(
            name,
            name=draw(st.sampled_from(["Atelier d’ordinateur", "ateliers", name])),
            declared_by=draw(st.sampled_from(["carif", "dora", "soliguide"])),
            mobilisation=draw(
                st.sampled_from([None, Mobilisation(by=("usagers",)), Mobilisation(by=("professionnels",))])
            ),
            open_until=draw(st.sampled_from([None] * 12 + [date(2026, 2, 1)])),
            at=draw(st.sampled_from([None, at(commune)])),
            zone=Zone(kind=zone[0], codes=(zone[1],)),
            modes=draw(st.sampled_from([("in-person",), ("remote",), ("in-person", "remote")])),
            needs=draw(st.sampled_from([(NEED,), (NEED,), (NEED,), (NEED, TRAINING), (NEED, TRAINING), (TRAINING,)])),
            actor=draw(st.sampled_from(["training-body"] * 9 + ["social-support"])),
            audiences=draw(st.sampled_from([*[()] * 9, ("tous-publics",), ("jeunes",), ("femmes", "seniors")])),
            rome=draw(st.sampled_from([*[()] * 6, ("M1602",), ("A1203",)])),
        ),
    ]
    for session in draw(st.sampled_from([(), (), (None,), (None,), SESSIONS[1:2], SESSIONS])):
        state = draw(st.sampled_from(["open", "open", "waiting-list", "assessment", "full"]))
        number = draw(st.sampled_from([None, 1, 2, 2, 30, 0]))
        events.append(room(name, state=state, number=number, session=session))
    closed = draw(st.sampled_from([None] * 5 + [(1, 9), (3, 9)]))
    if closed:
        alone = draw(st.sampled_from([None, f"{name}.offer"]))
        events.append(closure(name, *closed, offer=alone))
    return events


def again(name: str, events: list[Payload]) -> list[Payload]:
    """The same, declared by another source as that partner and its offer."""
    ids = {"partner": name, "offer": f"{name}.offer", "declared_by": f"source-of-{name}"}
    return [each.model_copy(update={key: ids[key] for key in ids if getattr(each, key, None)}) for each in events]


@st.composite
def directories(draw: st.DrawFn) -> list[list[Payload]]:
    """Up to a dozen partners; every third is another one, listed again."""
    found: list[list[Payload]] = []
    for number, name in enumerate(NAMES[: draw(st.sampled_from((12, 9, 8, 6, 5, 4, 3, 2, 1, 0)))]):
        listed = again(name, draw(st.sampled_from(found))) if number % 3 == 2 else draw(declared(name))
        found.append(listed)
    return found


@st.composite
def people(draw: st.DrawFn) -> Request:
    """Somebody somewhere who asks."""
    choices: list[Any] = [
        ANY,
        ANY,
        ANY,
        ANY,
        AnyOption(any=True, modes=("remote",)),
        AnyOption(any=True, within_minutes=20),
    ]
    choices += [named(name) for name in NAMES[:4]]
    choices += [at_partner(name) for name in NAMES[:4]]
    last = draw(st.sampled_from([(ANY,), (ANY,), ()]))
    return request(
        case=draw(st.uuids()).hex,
        commune=draw(st.sampled_from((*NEAR, *COMMUNES, "01340", "97501", "00000"))),
        options=(*draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4)), *last),
        means=draw(st.sampled_from([("car",), ("car",), ("walk",), ("walk", "public-transport"), ("bicycle", "car")])),
        reach_minutes=draw(st.sampled_from([45, 90, 600, 600, 15, 0])),
        remote=draw(st.sampled_from(["accepted", "accepted", "preferred", "refused"])),
        audiences=tuple(draw(st.sets(st.sampled_from(PUBLICS)))),
        rome=draw(st.sampled_from([(), (), ("M1602",)])),
        operator_group=draw(st.sampled_from([None, None, "GRETA"])),
        excluded=tuple(f"{name}.offer" for name in draw(st.sets(st.sampled_from(NAMES), max_size=2))),
    )
