"""The index follows the directory in place: whatever arrives, in whatever order, it ends as if built anew."""

from datetime import date, timedelta

from builders import MACON, MONDAY, NEED, TRAINING
from matching_builders import ANY, decided, index_of, named, offer, partner, ranking, room
from relais_contracts.cases import CaseClosed
from relais_contracts.directory import ClosureDeclared, OfferWithdrawn, PartnerWithdrawn, PlacesDeclared, Session, Zone
from relais_routing.matching.index import EMPTY, Index


def test_it_knows_its_version_and_size() -> None:
    index = index_of(offer("a"), offer("b"), version=7)
    assert (len(index), index.version) == (2, 7)
    index.apply([], 8)
    assert index.version == 8


def test_changed_offers_are_told_once() -> None:
    index = index_of(offer("a"), offer("b"))
    assert [o.offer for o in index.apply([room("a"), room("b", state="full")], 2)] == ["a.offer", "b.offer"]
    assert index.apply([room("a")], 3) == []
    assert [o.partner_name for o in index.apply([partner("a", name="Nouveau nom")], 4)] == ["Nouveau nom"]


def test_an_offer_waits_for_its_partner() -> None:
    index = Index()
    index.apply([room("a"), offer("a")], 1)
    assert ranking(decided(index)) == []
    index.apply([partner("a")], 2)
    assert ranking(decided(index)) == ["a"]
    assert index.offer("a.offer")
    assert decided(index).ranking[0].room.free == 8


def test_a_changed_need_moves_an_offer() -> None:
    index = index_of(offer("a", needs=(NEED,)))
    index.apply([offer("a", needs=(TRAINING,))], 2)
    assert ranking(decided(index)) == []
    assert ranking(decided(index, need=TRAINING)) == ["a"]


def test_a_changed_zone_moves_an_offer() -> None:
    index = index_of(offer("a"), offer("b"))
    index.apply([offer("a", zone=Zone(kind="commune", codes=("71076",)))], 2)
    assert ranking(decided(index)) == ["b"]
    index.apply([offer("b", zone=Zone(kind="commune", codes=("71076",)))], 3)
    assert ranking(decided(index)) == []
    assert set(index.bucket("training-body", NEED).zones) == {"commune:71076"}


def test_withdrawn_means_gone() -> None:
    index = index_of(offer("a"), offer("b"))
    index.apply([OfferWithdrawn(offer="a.offer"), OfferWithdrawn(offer="unknown")], 2)
    assert (ranking(decided(index)), len(index)) == (["b"], 1)
    index.apply([PartnerWithdrawn(partner="b"), PartnerWithdrawn(partner="unknown")], 3)
    assert (ranking(decided(index)), len(index)) == ([], 0)
    assert index.offers_of("b") == []
    index.apply([partner("b")], 4)
    assert ranking(decided(index)) == ["b"]


def test_an_offer_may_change_hands() -> None:
    index = index_of(offer("a"), partner("b"))
    index.apply([offer("a", partner="b")], 2)
    assert ranking(decided(index)) == ["b"]
    assert index.offers_of("a") == []
    assert [o.offer for o in index.offers_of("b")] == ["a.offer"]


def test_a_later_closure_of_the_same_day_replaces() -> None:
    def closure(until: str) -> ClosureDeclared:
        return ClosureDeclared.model_validate_json(f'{{"partner": "a", "from": "2026-03-01", "until": "{until}"}}')

    index = index_of(offer("a"), closure("2026-03-09"))
    assert ranking(decided(index)) == []
    index.apply([closure("2026-03-01")], 2)
    assert ranking(decided(index)) == ["a"]


def test_what_a_partner_has_declared_is_known_before_the_partner_is() -> None:
    index = Index()
    index.apply([offer("a"), offer("a", offer="a.away", at=None)], 1)
    assert [(each.offer, each.home) for each in index.declared_by("a")] == [("a.away", ""), ("a.offer", MACON)]
    assert (index.offers_of("a"), index.declared_by("nobody")) == ([], [])


def test_a_slot_given_back_is_used_again() -> None:
    index = index_of(*(offer(f"n{number:03}") for number in range(200)))
    for version in range(2, 100):
        index.apply(
            [OfferWithdrawn(offer=f"n{version:03}.offer"), offer(f"m{version}"), partner(f"m{version}")], version
        )
    assert len(index) == 200
    here = {f"n{number:03}" for number in (0, 1, *range(100, 200))} | {f"m{number}" for number in range(2, 100)}
    assert set(ranking(decided(index))) == here


def test_sessions_of_many_offers_are_kept_apart_and_given_back() -> None:
    """Lines of places are added, widened and used again; each offer keeps its own."""

    def sessions(name: str, count: int) -> list[PlacesDeclared]:
        days = [date(2026, 4, 1) + timedelta(days=number) for number in range(count)]
        return [room(name, session=Session(starts=day, ends=day), number=2) for day in days]

    names = [f"n{number:02}" for number in range(40)]
    index = index_of(*(event for n, name in enumerate(names) for event in (offer(name), *sessions(name, n % 7))))

    def free() -> dict[str, int | None]:
        return {each.offer.partner: each.room.free for each in decided(index).ranking}

    assert free() == {name: 2 * (n % 7) or None for n, name in enumerate(names)}
    index.apply([OfferWithdrawn(offer=f"{name}.offer") for name in names[:20]], 2)
    index.apply([event for name in names[20:30] for event in sessions(name, 9)], 3)
    expected = {name: 18 if n < 30 else 2 * (n % 7) or None for n, name in enumerate(names) if n >= 20}
    assert free() == expected
    assert {seat.offer.partner: seat.free for seat in decided(index).among} == expected


def test_groups_are_known_of_operators_too() -> None:
    index = index_of(partner("cep-bfc", group="AFPA"))
    assert index.group_of("cep-bfc") == "AFPA"
    assert index.group_of("nobody") is None


def test_what_is_not_of_the_directory_changes_nothing() -> None:
    index = index_of(offer("a"))
    assert index.apply([CaseClosed(reason="done")], 2) == []
    assert index.bucket("training-body", TRAINING) is EMPTY
    assert index.offer("nobody") is None


def test_the_view_holds_dates_places_and_where() -> None:
    index = index_of(offer("a", open_from=date(2026, 1, 1)), room("a", number=3, at=MONDAY))
    view = index.offer("a.offer")
    assert view
    assert (view.spot.commune, view.open_from, view.open_until) == (MACON, date(2026, 1, 1), date.max)
    assert view.places[0].number == 3


def test_an_offer_for_a_city_and_its_arrondissement_is_found_once() -> None:
    both, one = Zone(kind="commune", codes=("75056", "75112")), Zone(kind="commune", codes=("75112",))
    index = index_of(offer("a", zone=both), offer("b", zone=one))
    decision = decided(index, commune="75112", options=(named("a"), ANY))
    assert (ranking(decision), [each.name for each in decision.aside]) == (["a"], ["b.offer"])
    index.apply([offer("a", zone=Zone(kind="commune", codes=("75111", "75112")))], 2)
    index.apply([offer("b", zone=Zone(kind="departement", codes=("75",)))], 3)
    assert ranking(decided(index, commune="75112", options=(named("a"), ANY))) == ["a"]
