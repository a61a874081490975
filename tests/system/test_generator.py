"""An invented directory: as large as asked, the same for the same seed, taken in whole, as mixed as real files."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from reference import reference
from relais_chassis.access import Caller
from relais_chassis.commands import Command
from relais_cli.generator.country import Order, directory
from relais_cli.generator.measure import measured, written
from relais_cli.generator.people import People
from relais_cli.generator.proportions import FILE, assumed
from relais_cli.places import CHECKOUT
from relais_contracts.directory import (
    ClosureDeclared,
    DirectoryPayload,
    OfferDeclared,
    PartnerDeclared,
    PlacesDeclared,
)
from relais_contracts.vocabularies import Need
from relais_intake.directory.adapters.lines import line_of
from relais_intake.directory.lines import read
from relais_territories import FRANCE

MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDER = Order(offers=3_000, partners=900, day=MONDAY)


@pytest.fixture(scope="module")
def entries() -> Sequence[DirectoryPayload]:
    return list(directory(ORDER))


@pytest.fixture(scope="module")
def offers(entries: Sequence[DirectoryPayload]) -> Sequence[OfferDeclared]:
    return [entry for entry in entries if isinstance(entry, OfferDeclared)]


def test_it_holds_as_many_offers_and_partners_as_asked(
    entries: Sequence[DirectoryPayload], offers: Sequence[OfferDeclared]
) -> None:
    assert len({offer.offer for offer in offers}) == len(offers) == ORDER.offers
    again = {offer.partner for offer in offers if "--bis-" in offer.offer}
    partners = {entry.partner for entry in entries if isinstance(entry, PartnerDeclared)}
    assert len(partners - again) == ORDER.partners + assumed("operators")["number"]
    assert len(again) == ORDER.twins == 90


def test_the_same_seed_gives_the_same_and_another_another(entries: Sequence[DirectoryPayload]) -> None:
    assert list(directory(ORDER)) == entries
    assert list(directory(Order(3_000, 900, MONDAY, seed=2))) != entries


def test_everything_is_declared_after_what_it_refers_to(entries: Sequence[DirectoryPayload]) -> None:
    partners, offers = set(), set()
    for entry in entries:
        match entry:
            case PartnerDeclared():
                partners.add(entry.partner)
            case OfferDeclared():
                assert entry.partner in partners
                offers.add(entry.offer)
            case PlacesDeclared():
                assert entry.offer in offers
            case ClosureDeclared():
                assert entry.partner in partners
                assert entry.offer is None or entry.offer in offers


def test_intake_takes_every_line(entries: Sequence[DirectoryPayload]) -> None:
    caller = Caller("directory", "directory", "directory", ())
    for entry in entries:
        assert isinstance(read(line_of(entry, "directory"), caller, NOON), Command), entry


def test_every_kind_of_offer_is_in_it(entries: Sequence[DirectoryPayload], offers: Sequence[OfferDeclared]) -> None:
    places = [entry for entry in entries if isinstance(entry, PlacesDeclared)]
    closures = [entry for entry in entries if isinstance(entry, ClosureDeclared)]
    assert {offer.actor for offer in offers} == set(assumed("wishes")["actors"])
    assert {("in-person",), ("in-person", "remote"), ("remote",)} == {offer.modes for offer in offers}
    assert {"commune", "departement", "epci", "region", "country"} <= {offer.zone.kind for offer in offers}
    assert {"open", "waiting-list", "assessment", "full"} == {each.state for each in places}
    assert any(each.session and each.number for each in places)
    assert any(each.session is None and each.number for each in places)
    assert any(closure.offer for closure in closures)
    assert any(closure.offer is None for closure in closures)
    assert any(offer.open_until and offer.open_until < MONDAY for offer in offers)
    assert any(offer.open_from and offer.open_from > MONDAY for offer in offers)


def test_a_second_source_declares_the_same_with_another_spelling(offers: Sequence[OfferDeclared]) -> None:
    by_number = {offer.offer.partition("--")[2]: offer for offer in offers}
    twins = [offer for offer in offers if "--bis-" in offer.offer]
    spelt = 0
    for twin in twins:
        first = by_number[twin.offer.partition("--bis-")[2].removesuffix("-1")]
        assert set(twin.needs) <= set(first.needs)
        assert (twin.actor, twin.zone, twin.source != first.source) == (first.actor, first.zone, True)
        spelt += twin.name != first.name
    assert spelt > len(twins) / 2


def test_people_and_offers_are_where_people_live(offers: Sequence[OfferDeclared]) -> None:
    wanted: Counter[str] = Counter()
    for each in FRANCE.communes():
        wanted[each.departement] += each.population
    homes = Counter(_departement(request.commune) for request in People(NOON).requests(3_000))
    places = Counter(_departement(offer.at.commune) for offer in offers if offer.at)
    for departement in ("59", "75", "13", "69"):
        for found in (homes, places):
            assert found[departement] / found.total() == pytest.approx(wanted[departement] / wanted.total(), rel=0.5)


def test_one_region_is_one_region() -> None:
    entries = list(directory(Order(300, 100, MONDAY, region="27")))
    at = [entry.at.commune for entry in entries if isinstance(entry, OfferDeclared) and entry.at]
    assert {_region(commune) for commune in at} == {"27"}
    assert {_region(request.commune) for request in People(NOON, region="27").requests(100)} == {"27"}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="for 1 to 97 partners"):
        directory(Order(100, 98, MONDAY))
    with pytest.raises(ValueError, match="not the code of a région"):
        directory(Order(100, 30, MONDAY, region="999"))


def test_the_proportions_are_those_of_the_real_files() -> None:
    known = json.loads(FILE.read_text("utf-8"))
    assert FILE.read_text("utf-8") == written(measured(reference()), known["assumed"])


def test_the_mix_of_needs_is_the_measured_one(offers: Sequence[OfferDeclared]) -> None:
    rows = json.loads(FILE.read_text("utf-8"))["measured"]["needs"]
    wanted: Counter[Need] = Counter()
    for row in rows:
        wanted.update(dict.fromkeys(row["needs"], row["services"]))
    found = Counter(need for offer in offers for need in offer.needs)
    common = [need for need, _ in wanted.most_common(8)]
    assert len({need for need, _ in found.most_common(10)}.intersection(common)) >= 6


def test_every_assumption_says_why() -> None:
    assert all(each["why"] for each in json.loads(FILE.read_text("utf-8"))["assumed"].values())


def test_the_command_keeps_nothing_in_memory(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    little = _generated("--offers", "100", "--day", "2026-03-02", "--out", str(small))
    much = _generated("--offers", "20000", "--day", "2026-03-02", "--out", str(large))
    assert (little[0], much[0]) == (0, 0)
    assert much[1] < little[1] + large.stat().st_size / 2
    lines = small.read_bytes().splitlines()
    assert lines == [line_of(entry, "directory") for entry in directory(Order(100, 30, MONDAY))]


def test_a_wrong_order_ends_the_command() -> None:
    status, _ = _generated("--offers", "10", "--partners", "11")
    assert status == 2


def _generated(*words: str) -> tuple[int, int]:
    """Exit status of the command, and the most memory it had, in bytes."""
    process = subprocess.Popen([CHECKOUT / "relais", "directory", "generate", *words])
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def _departement(commune: str) -> str:
    found = FRANCE.commune(commune)
    assert found is not None
    return found.departement


def _region(commune: str) -> str:
    found = FRANCE.commune(commune)
    assert found is not None
    return found.region
