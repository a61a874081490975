"""What may be declared in the directory, and by whom."""

from datetime import UTC, date, datetime

import pytest

from relais_chassis.decider import Refused
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    DirectoryPayload,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
    Session,
    Zone,
)
from relais_intake.directory import decider, entry
from relais_intake.directory.decider import Declare, Known
from relais_intake.directory.entry import Entry, evolve, stream_of
from specification import Situation, Specification

MORNING, NOON = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTNER = PartnerDeclared(partner="demo--greta", name="Greta", commune="71263", declared_by="demo")
OFFER = OfferDeclared(
    offer="demo--greta-cv",
    partner="demo--greta",
    name="Atelier",
    actor="training-body",
    needs=("se-former--trouver-sa-formation",),
    zone=Zone(kind="departement", codes=("71",)),
    modes=("remote",),
    updated=date(2026, 3, 1),
    declared_by="demo",
)
PLACES = PlacesDeclared(offer="demo--greta-cv", state="open", number=4, at=MORNING, declared_by="demo")
CLOSURE = ClosureDeclared(partner="demo--greta", from_=date(2026, 8, 1), until=date(2026, 8, 15), declared_by="demo")
REOPENED = ClosureWithdrawn(partner="demo--greta", from_=date(2026, 8, 1), declared_by="demo")
SUSPENDED = CLOSURE.model_copy(update={"offer": "demo--greta-cv"})
OTHERS = Known({"partner/demo--greta": Entry(PARTNER), "offer/demo--greta-cv": Entry(OFFER)})


def fold(state: Entry, event: object) -> Entry:
    assert isinstance(event, DirectoryPayload)
    return evolve(state, event)


directory: Specification[Entry, Declare] = Specification(
    Entry(), fold, lambda state, command: decider.decide(state, command, OTHERS, NOON)
)


def given(*history: DirectoryPayload) -> Situation[Entry, Declare]:
    return directory.given(*history)


def by_demo(payload: DirectoryPayload) -> Declare:
    return Declare(unsigned(payload), "directory", "demo")


def by_greta(payload: DirectoryPayload) -> Declare:
    return Declare(unsigned(payload), "partner", "demo--greta")


def unsigned(payload: DirectoryPayload) -> DirectoryPayload:
    return payload.model_copy(update={"declared_by": None})


@pytest.mark.parametrize("payload", [PARTNER, OFFER, PLACES, CLOSURE, SUSPENDED], ids=lambda payload: payload.TYPE)
def test_an_entry_is_declared_once_and_signed(payload: DirectoryPayload) -> None:
    assert given().when(by_demo(payload)) == [payload]
    assert given(payload).when(by_demo(payload)) == []


def test_a_sender_cannot_sign_for_another() -> None:
    forged = Declare(PARTNER.model_copy(update={"declared_by": "somebody"}), "directory", "demo")
    assert given().when(forged) == [PARTNER]


def test_a_changed_entry_is_declared_again() -> None:
    renamed = PARTNER.model_copy(update={"name": "Greta 71"})
    assert given(PARTNER).when(by_demo(renamed)) == [renamed]


def test_anothers_entry_is_not_touched() -> None:
    other = Declare(unsigned(PARTNER), "directory", "somebody")
    assert given(PARTNER).refuses(other).code == "not-yours"
    assert given(PLACES).refuses(Declare(unsigned(PLACES), "directory", "somebody")).code == "not-yours"


def test_places_and_closures_go_with_what_they_are_about() -> None:
    for payload in (PLACES, CLOSURE):
        stranger = Declare(unsigned(payload), "directory", "somebody")
        assert given().refuses(stranger).code == "not-yours"
        theirs = payload.model_copy(update={"declared_by": "somebody"})
        assert given(theirs).when(by_demo(payload)) == [payload]


def test_an_administrator_may_take_an_entry_over() -> None:
    taken = PARTNER.model_copy(update={"declared_by": "relais"})
    assert given(PARTNER).when(Declare(unsigned(PARTNER), "admin", "relais")) == [taken]


def test_operators_do_not_declare() -> None:
    assert given().refuses(Declare(unsigned(PARTNER), "operator", "cep-bfc")).code == "wrong-role"


@pytest.mark.parametrize(
    ("there", "gone"),
    [
        (PARTNER, PartnerWithdrawn(partner="demo--greta", declared_by="demo")),
        (OFFER, OfferWithdrawn(offer="demo--greta-cv", declared_by="demo")),
        (CLOSURE, REOPENED),
        (SUSPENDED, REOPENED.model_copy(update={"offer": "demo--greta-cv"})),
    ],
)
def test_what_is_there_may_be_withdrawn(there: DirectoryPayload, gone: DirectoryPayload) -> None:
    assert given(there).when(by_demo(gone)) == [gone]
    assert given().when(by_demo(gone)) == []
    assert not given(there, gone).state.is_there
    assert given(there, gone).when(by_demo(there)) == [there]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (OFFER, "unknown-partner"),
        (CLOSURE, "unknown-partner"),
        (SUSPENDED, "unknown-partner"),
        (PLACES, "unknown-offer"),
    ],
)
def test_an_entry_refers_to_what_is_there(payload: DirectoryPayload, code: str) -> None:
    gone = Known({"partner/demo--greta": Entry(PartnerWithdrawn(partner="demo--greta"))})
    for others in (Known({}), gone):
        with pytest.raises(Refused) as refused:
            decider.decide(Entry(), by_demo(payload), others, NOON)
        assert refused.value.code == code


@pytest.mark.parametrize("payload", [PLACES, CLOSURE, SUSPENDED], ids=lambda payload: payload.TYPE)
def test_a_partner_declares_its_own_places_and_closures(payload: DirectoryPayload) -> None:
    own = payload.model_copy(update={"declared_by": "demo--greta"})
    assert given(payload).when(by_greta(payload)) == [own]
    stranger = Declare(unsigned(payload), "partner", "demo--afpa")
    assert given(payload).refuses(stranger).code == "not-yours"


def test_the_directory_may_declare_again_what_the_partner_did() -> None:
    own = PLACES.model_copy(update={"declared_by": "demo--greta"})
    later = PLACES.model_copy(update={"at": NOON})
    assert given(own).when(by_demo(later)) == [later]


def test_a_partner_opens_again_what_its_directory_closed() -> None:
    assert given(CLOSURE).when(by_greta(REOPENED)) == [REOPENED.model_copy(update={"declared_by": "demo--greta"})]
    stranger = Declare(unsigned(REOPENED), "partner", "demo--afpa")
    assert given(CLOSURE).refuses(stranger).code == "not-yours"
    assert given(CLOSURE).refuses(Declare(unsigned(REOPENED), "directory", "somebody")).code == "not-yours"


def test_a_suspension_names_an_offer_of_that_partner() -> None:
    theirs = OFFER.model_copy(update={"partner": "demo--afpa"})
    others = Known({**OTHERS.entries, "offer/demo--greta-cv": Entry(theirs)})
    with pytest.raises(Refused) as refused:
        decider.decide(Entry(), by_greta(SUSPENDED), others, NOON)
    assert refused.value.code == "not-its-offer"
    with pytest.raises(Refused) as refused:
        decider.decide(Entry(), by_greta(SUSPENDED), Known({"partner/demo--greta": Entry(PARTNER)}), NOON)
    assert refused.value.code == "unknown-offer"


def closed_already(*closures: ClosureDeclared) -> Known:
    standing = {stream_of(one): Entry(one) for one in closures}
    return Known({**OTHERS.entries, **standing}, {"demo--greta": standing})


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (date(2026, 7, 20), date(2026, 7, 31), False),
        (date(2026, 7, 20), date(2026, 8, 1), True),
        (date(2026, 8, 5), date(2026, 8, 6), True),
        (date(2026, 7, 1), date(2026, 9, 1), True),
        (date(2026, 8, 15), date(2026, 8, 20), True),
        (date(2026, 8, 16), date(2026, 8, 20), False),
    ],
)
def test_closures_that_share_a_day_are_refused_with_the_other_one(start: date, end: date, overlaps: bool) -> None:
    new = CLOSURE.model_copy(update={"from_": start, "until": end})
    others = closed_already(CLOSURE)
    if not overlaps:
        assert decider.decide(Entry(), by_demo(new), others, NOON) == [new]
        return
    with pytest.raises(Refused) as refused:
        decider.decide(Entry(), by_demo(new), others, NOON)
    assert (refused.value.code, refused.value.help) == ("overlapping", {"overlaps": stream_of(CLOSURE)})


def test_a_closure_is_made_longer_and_a_suspension_stands_beside_it() -> None:
    longer = CLOSURE.model_copy(update={"until": date(2026, 8, 31)})
    assert decider.decide(Entry(CLOSURE), by_demo(longer), closed_already(CLOSURE), NOON) == [longer]
    assert decider.decide(Entry(), by_demo(SUSPENDED), closed_already(CLOSURE), NOON) == [SUSPENDED]
    gone = Known({**OTHERS.entries, stream_of(CLOSURE): Entry(REOPENED)}, {"demo--greta": [stream_of(CLOSURE)]})
    earlier = CLOSURE.model_copy(update={"from_": date(2026, 7, 1)})
    assert decider.decide(Entry(), by_demo(earlier), gone, NOON) == [earlier]


def test_a_directory_adds_no_offer_under_anothers_partner() -> None:
    theirs = Known({"partner/demo--greta": Entry(PARTNER)})
    new = unsigned(OFFER)
    with pytest.raises(Refused) as refused:
        decider.decide(Entry(), Declare(new, "directory", "somebody"), theirs, NOON)
    assert (refused.value.code, refused.value.status) == ("not-yours", 403)
    assert "demo to declare" in refused.value.detail
    taken = OFFER.model_copy(update={"declared_by": "relais"})
    assert decider.decide(Entry(), Declare(new, "admin", "relais"), theirs, NOON) == [taken]


def test_a_partner_declares_nothing_else() -> None:
    assert given().refuses(by_greta(PARTNER)).code == "not-yours"
    assert given().refuses(by_greta(OFFER)).code == "not-yours"


def test_older_places_are_refused() -> None:
    newer = PLACES.model_copy(update={"at": NOON, "number": 0, "state": "full"})
    assert given(PLACES).when(by_demo(newer)) == [newer]
    assert given(newer).refuses(by_demo(PLACES)).code == "older"


def test_places_of_a_moment_to_come_are_refused_and_lock_nothing_where_they_are_logged() -> None:
    soon, slip = (PLACES.model_copy(update={"at": at}) for at in (NOON + decider.AHEAD, NOON.replace(year=2062)))
    assert given().when(by_demo(soon)) == [soon]
    assert given(soon).refuses(by_demo(PLACES)).code == "older"
    refused = given().refuses(by_demo(slip))
    assert (refused.code, refused.status) == ("ahead", 422)
    assert given(slip).when(by_demo(PLACES)) == [PLACES]


@pytest.mark.parametrize("payload", [PARTNER, OFFER, PLACES, CLOSURE, SUSPENDED], ids=lambda payload: payload.TYPE)
def test_an_entry_survives_its_snapshot(payload: DirectoryPayload) -> None:
    snapshot = entry.to_snapshot(Entry(payload))
    assert snapshot is not None
    assert entry.from_snapshot(snapshot) == Entry(payload)
    assert entry.to_snapshot(Entry()) is None


def test_streams_name_their_entry() -> None:
    dated = PLACES.model_copy(update={"session": Session(starts=date(2026, 3, 16), ends=date(2026, 3, 20))})
    assert [stream_of(one) for one in (PARTNER, OFFER, PLACES, dated, CLOSURE, REOPENED, SUSPENDED)] == [
        "partner/demo--greta",
        "offer/demo--greta-cv",
        "places/demo--greta-cv",
        "places/demo--greta-cv/2026-03-16",
        "closure/demo--greta/2026-08-01",
        "closure/demo--greta/2026-08-01",
        "closure/demo--greta/2026-08-01/demo--greta-cv",
    ]
    with pytest.raises(ValueError, match="not an entry"):
        stream_of(DirectoryPayload())
