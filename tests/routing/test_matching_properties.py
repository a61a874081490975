"""What holds for every directory and every person: order, strangers and losers never change a choice."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import NEED, TRAINING
from matching_builders import (
    ANY,
    DRAW,
    PUBLISHED,
    SECRET,
    at,
    at_partner,
    index_of,
    named,
    offer,
    partner,
    ranking,
    remote,
    request,
    room,
)
from relais_contracts.cases import AnyOption
from relais_contracts.directory import Zone
from relais_contracts.envelope import Payload
from relais_routing.matching.ask import Ask, Look, limits_of, way_of
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision, match
from relais_routing.matching.record import record, replay
from relais_routing.matching.request import Request
from relais_routing.matching.room import room_of
from relais_routing.matching.rules import verdicts
from relais_routing.matching.verify import verify, wrong
from relais_territories import FRANCE

NAMES = [f"p{number:02}" for number in range(12)]
OFFERS = [f"{name}.offer" for name in NAMES]
COMMUNES = ("71270", "71263", "71076", "01306", "39300", "59350", "2A004", "75112")
PUBLICS = ("jeunes", "femmes", "seniors", "demandeurs-emploi")


@st.composite
def declared(draw: st.DrawFn, name: str) -> list[Payload]:
    """One partner with one offer, and perhaps places."""
    commune = draw(st.sampled_from(COMMUNES))
    zone: Any = draw(st.sampled_from([
        ("departement", "71"), ("country", "FR"), ("region", "27"), ("commune", commune), ("departement", "59"),
    ]))  # fmt: skip
    events: list[Payload] = [
        partner(name, commune=commune, group=draw(st.sampled_from([None, "GRETA", "AFPA"]))),
        offer(
            name,
            at=draw(st.sampled_from([None, at(commune)])),
            zone=Zone(kind=zone[0], codes=(zone[1],)),
            modes=draw(st.sampled_from([("in-person",), ("remote",), ("in-person", "remote")])),
            needs=draw(st.sampled_from([(NEED,), (TRAINING,), (NEED, TRAINING)])),
            actor=draw(st.sampled_from(["training-body", "training-body", "social-support"])),
            audiences=draw(st.sampled_from([(), ("tous-publics",), ("jeunes",), ("femmes", "seniors")])),
            rome=draw(st.sampled_from([(), ("M1602",), ("A1203",)])),
        ),
    ]
    if draw(st.booleans()):
        state = draw(st.sampled_from(["open", "waiting-list", "assessment", "full"]))
        events.append(room(name, state=state, number=draw(st.sampled_from([None, 0, 1, 2, 30]))))
    return events


@st.composite
def directories(draw: st.DrawFn) -> list[list[Payload]]:
    """Up to a dozen partners."""
    return [draw(declared(name)) for name in NAMES[: draw(st.integers(0, len(NAMES)))]]


@st.composite
def people(draw: st.DrawFn) -> Request:
    """Somebody somewhere who asks."""
    choices: list[Any] = [ANY, AnyOption(any=True, modes=("remote",)), AnyOption(any=True, within_minutes=20)]
    choices += [named(name) for name in NAMES[:4]]
    choices += [at_partner(name) for name in NAMES[:4]]
    last = draw(st.sampled_from([(), (ANY,)]))
    return request(
        case=draw(st.uuids()).hex,
        commune=draw(st.sampled_from((*COMMUNES, "01340", "97501", "00000"))),
        options=(*draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4)), *last),
        means=draw(st.sampled_from([("car",), ("walk",), ("walk", "public-transport"), ("bicycle", "car")])),
        reach_minutes=draw(st.sampled_from([0, 15, 45, 90, 600])),
        remote=draw(st.sampled_from(["accepted", "preferred", "refused"])),
        audiences=tuple(draw(st.sets(st.sampled_from(PUBLICS)))),
        rome=draw(st.sampled_from([(), ("M1602",)])),
        operator_group=draw(st.sampled_from([None, "GRETA"])),
        excluded=tuple(f"{name}.offer" for name in draw(st.sets(st.sampled_from(NAMES), max_size=2))),
    )


def built(directory: list[list[Payload]]) -> Index:
    return index_of(*(event for events in directory for event in events))


def choice(directory: list[list[Payload]], person: Request) -> Decision:
    return match(built(directory), person, DRAW)


quick = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(directories(), people(), st.randoms(use_true_random=False))
def test_the_order_of_the_directory_never_changes_a_record(directory: Any, person: Request, random: Any) -> None:
    events = [event for events in directory for event in events]
    shuffled = random.sample(events, len(events))
    index, other = Index(), Index()
    index.apply(events, len(events))
    for version, event in enumerate(shuffled, 1):
        other.apply([event], version)
    assert record(match(index, person, DRAW)) == record(match(other, person, DRAW))


@quick
@given(directories(), people(), st.data())
def test_a_stranger_never_changes_the_ranking(directory: Any, person: Request, data: Any) -> None:
    before = ranking(choice(directory, person))
    newcomer = data.draw(declared("stranger"))
    after = ranking(choice([*directory, newcomer], person))
    assert [name for name in after if name != "stranger"] == before


@quick
@given(directories(), people())
@example([[partner("p00"), offer("p00")], [partner("p01"), offer("p01")]], request())
def test_without_the_chosen_one_the_second_is_chosen(directory: Any, person: Request) -> None:
    before = ranking(choice(directory, person))
    for gone in before[:1]:
        rest = [events for events in directory if events[0].partner != gone]
        assert ranking(choice(rest, person)) == before[1:]
        tried = replace(person, excluded=(*person.excluded, f"{gone}.offer"))
        assert ranking(choice(directory, tried)) == before[1:]


@quick
@given(directories(), people())
def test_whoever_is_ranked_passes_every_rule_and_nobody_else(directory: Any, person: Request) -> None:
    """The index only saves work: asking every rule of every offer ends the same."""
    index = built(directory)
    ask = Ask.of(person, person.operator_group, {}, FRANCE)
    eligible = set()
    for option in person.options:
        limits = limits_of(person, option)
        for name in NAMES:
            found = index.offer(f"{name}.offer")
            asked = isinstance(option, AnyOption) or option in (named(name), at_partner(name))
            if found and asked:
                look = Look(found, limits.named, way_of(ask, found, limits), room_of(found, person.today, {}))
                eligible |= {name} if not verdicts(ask, look) else set()
    assert set(ranking(match(index, person, DRAW))) == eligible


@quick
@given(directories(), people(), st.dictionaries(st.sampled_from(OFFERS), st.integers(0, 3)))
def test_replay_equals_the_first_run(directory: Any, person: Request, taken: dict[str, int]) -> None:
    index = built(directory)
    stored = json.loads(json.dumps(record(match(index, person, DRAW, taken))))
    assert replay(stored, index, SECRET) == stored
    assert wrong(verify(stored, PUBLISHED)) == []


@quick
@given(directories(), people())
def test_nobody_of_the_operators_group_but_by_name(directory: Any, person: Request) -> None:
    for candidate in choice(directory, replace(person, operator_group="AFPA")).ranking:
        if candidate.offer.group == "AFPA":
            assert not isinstance(person.options[candidate.option], AnyOption)


@quick
@given(directories(), people())
def test_the_first_option_that_can_be_served_wins(directory: Any, person: Request) -> None:
    decision = choice(directory, person)
    served = [
        number for number, option in enumerate(person.options)
        if match(built(directory), replace(person, options=(option,)), DRAW).ranking
    ]  # fmt: skip
    assert (decision.ranking[0].option if decision.ranking else None) == (served[0] if served else None)


def test_a_remote_offer_for_all_france_is_found_everywhere() -> None:
    index = index_of(remote("r"))
    for home in COMMUNES:
        assert ranking(match(index, request(commune=home), DRAW)) == ["r"]
