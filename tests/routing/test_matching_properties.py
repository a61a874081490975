"""What holds for every directory and every person: order, strangers and losers never change a choice."""

import json
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import TRAINING
from matching_builders import (
    DRAW,
    PUBLISHED,
    SECRET,
    at_partner,
    index_of,
    named,
    offer,
    partner,
    ranking,
    remote,
    request,
)
from matching_worlds import COMMUNES, NAMES, OFFERS, declared, directories, people
from relais_contracts.cases import AnyOption
from relais_contracts.directory import (
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
    Zone,
)
from relais_contracts.envelope import Payload
from relais_routing.matching.ask import Ask, Look, limits_of, way_of
from relais_routing.matching.index import Index
from relais_routing.matching.likeness import Alike, clusters
from relais_routing.matching.match import Decision, match
from relais_routing.matching.record import record, replay
from relais_routing.matching.request import Request
from relais_routing.matching.room import room_of
from relais_routing.matching.rules import verdicts
from relais_routing.matching.taken import Taken
from relais_routing.matching.verify import verify, wrong
from relais_territories import FRANCE

LILLE = Zone(kind="departement", codes=("59",))


def built(directory: list[list[Payload]]) -> Index:
    return index_of(*(event for events in directory for event in events))


def choice(directory: list[list[Payload]], person: Request) -> Decision:
    return match(built(directory), person, DRAW)


def fitting(decision: Decision) -> set[str]:
    """The offers that may be proposed, every listing."""
    return {each.offer.offer for each in (*decision.ranking, *decision.duplicates)}


STRANGER = [partner("stranger", name="Cité des métiers"), offer("stranger", name="ateliers", declared_by="cma")]


def other(event: Payload) -> Payload:
    """What was declared of the same thing before."""
    match event:
        case PartnerDeclared():
            return event.model_copy(update={"name": "Cité des métiers", "group": "CMA", "siret": None})
        case OfferDeclared():
            return event.model_copy(
                update={"name": "ateliers", "needs": (TRAINING,), "declared_by": "cma", "zone": LILLE}
            )
        case PlacesDeclared():
            return event.model_copy(update={"number": 3, "state": "assessment"})
        case _:
            return event.model_copy(update={"until": date(2026, 12, 31)})


quick = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


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
@given(directories(), people())
def test_an_index_that_came_by_increments_is_one_built_at_once(directory: Any, person: Request) -> None:
    """Whatever was declared earlier and is replaced, withdrawn or lifted since leaves no trace."""
    index, events = (
        index_of(*STRANGER, *chain.from_iterable(directory)),
        [event for events in directory for event in events],
    )
    index.apply([other(event) for event in events], 2)
    index.apply([PartnerWithdrawn(partner="stranger"), *events], 3)
    index.apply([OfferWithdrawn(offer="stranger.offer")], 1)
    assert record(match(index, person, DRAW)) == record(match(built(directory), person, DRAW))
    assert index.clusters() == built(directory).clusters()


@quick
@given(directories(), people(), st.data())
def test_whoever_is_not_eligible_never_changes_the_choice(directory: Any, person: Request, data: Any) -> None:
    before = choice(directory, person)
    after = choice([*directory, data.draw(declared("stranger"))], person)
    if "stranger.offer" not in fitting(after):
        assert ranking(after) == ranking(before)


@quick
@given(directories(), people())
@example([[partner("p00"), offer("p00")], [partner("p01"), offer("p01")]], request())
def test_without_the_chosen_one_the_second_is_chosen(directory: Any, person: Request) -> None:
    """Or another listing of the same service, where the directory has lost one of two."""
    before = choice(directory, person)
    if before.chosen is None:
        return
    chosen = before.chosen
    rest = [events for events in directory if events[0].partner != chosen.offer.partner]
    first = next(iter(ranking(choice(rest, person))), None)
    twins = {name.removesuffix(".offer") for name in chosen.cluster}
    assert first == next(iter(ranking(before)[1:]), None) or first in twins
    tried = replace(person, excluded=(*person.excluded, chosen.offer.offer))
    then = choice(directory, tried)
    after = [each.offer.partner for each in then.ranking if each.offer.partner not in twins]
    assert after == ranking(before)[1:]


@quick
@given(directories(), people(), st.dictionaries(st.sampled_from(OFFERS), st.integers(0, 3)))
def test_whoever_fits_passes_every_rule_and_nobody_else(directory: Any, person: Request, taken: dict[str, int]) -> None:
    """The sweep only saves work: asking every rule of every offer ends the same, verdict by verdict."""
    index = built(directory)
    ask = Ask.of(person, person.operator_group, Taken.of(taken), FRANCE)
    for option in person.options:
        decision = match(index, replace(person, options=(option,)), DRAW, taken)
        said = {aside.name: aside.verdicts for aside in decision.aside if aside.verdicts != ("duplicate",)}
        for name in NAMES:
            found = index.offer(f"{name}.offer")
            if found is None or not (isinstance(option, AnyOption) or option in (named(name), at_partner(name))):
                continue
            limits = limits_of(person, option)
            look = Look(found, limits.named, way_of(ask, found, limits), room_of(found, person.today, taken))
            expected = verdicts(ask, look)
            if found.offer in said and "out-of-territory" in said[found.offer] and not limits.named:
                assert "out-of-territory" in expected
            elif isinstance(option, AnyOption) and {"other-need", "other-actor"} & set(expected):
                assert found.offer not in said
            else:
                assert said.get(found.offer, ()) == expected
                assert (found.offer in fitting(decision)) == (not expected)


@quick
@given(directories(), people())
def test_of_each_service_one_listing_is_ranked(directory: Any, person: Request) -> None:
    """And each other listing comes after it."""
    decision = choice(directory, person)
    orders = {each.cluster: each.order for each in decision.ranking if each.cluster}
    ranked = [each.cluster for each in decision.ranking if each.cluster]
    assert len(set(ranked)) == len(ranked)
    assert all(each.order > orders[each.cluster] for each in decision.duplicates)
    eligible = {each.offer.offer: each.offer for each in (*decision.ranking, *decision.duplicates)}
    tried = [offer for name in person.excluded if (offer := built(directory).offer(name))]
    alike = [Alike(each.offer, each.source, each.alike) for each in {*eligible.values(), *tried}]
    for cluster in clusters(alike):
        assert len({name for name in cluster.members if name in {c.offer.offer for c in decision.ranking}}) <= 1


@quick
@given(directories(), people(), st.dictionaries(st.sampled_from(OFFERS), st.integers(0, 3)))
def test_replay_equals_the_first_run(directory: Any, person: Request, taken: dict[str, int]) -> None:
    index = built(directory)
    stored = json.loads(json.dumps(record(match(index, person, DRAW, taken))))
    assert replay(stored, index, SECRET) == stored
    assert wrong(verify(stored, PUBLISHED)) == []


@quick
@given(directories(), people())
def test_what_becomes_of_the_directory_changes_no_decision_made(directory: Any, person: Request) -> None:
    """Not even one that nobody has asked for anything yet."""
    index = index_of(*chain.from_iterable(directory))
    decision, same = match(index, person, DRAW), match(index, person, DRAW)
    before = record(same)
    index.apply([other(event) for events in directory for event in events], 2)
    index.apply([*(OfferWithdrawn(offer=name) for name in OFFERS), *STRANGER], 3)
    assert record(decision) == before
    assert [each.order for each in decision.ranking] == [each.order for each in same.ranking]
    assert decision.aside == same.aside


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
