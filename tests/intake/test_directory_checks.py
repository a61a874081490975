"""What no schema can say of a directory entry is said with its place."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from intake.directory_files import given
from reference import reference
from relais_contracts.catalogue import parse
from relais_contracts.codec import from_json
from relais_contracts.directory import (
    At,
    ClosureDeclared,
    DirectoryPayload,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PlacesDeclared,
    Session,
    Zone,
)
from relais_intake.directory.adapters.lines import Line
from relais_intake.directory.checks import problems
from relais_territories import FRANCE
from relais_territories.outlines import beyond

LOUHANS = At(commune="71263", latitude=46.63, longitude=5.22)


def offer(**given: Any) -> OfferDeclared:
    usual: dict[str, Any] = {
        "offer": "o",
        "partner": "p",
        "name": "Atelier",
        "actor": "training-body",
        "at": LOUHANS,
        "modes": ("in-person",),
        "needs": ("se-former--trouver-sa-formation",),
        "zone": Zone(kind="departement", codes=("71",)),
    }
    return OfferDeclared(**(usual | given))


def places(session: Session | None) -> PlacesDeclared:
    return PlacesDeclared(offer="o", state="open", at=datetime(2026, 3, 2, tzinfo=UTC), session=session)


@pytest.mark.parametrize(
    "payload",
    [
        offer(),
        offer(at=None, modes=("remote",)),
        offer(at=At(commune="98821", latitude=-20.9, longitude=167.2)),
        offer(at=At(commune="97353", latitude=3.64, longitude=-54.03)),
        offer(at=At(commune="13004", latitude=43.52, longitude=4.65)),
        offer(at=At(commune="97502", latitude=46.77, longitude=-56.19)),
        offer(at=At(commune="71263", latitude=46.66, longitude=5.26)),
        offer(zone=Zone(kind="country", codes=("FR",))),
        offer(open_from=date(2026, 1, 1), open_until=date(2026, 1, 1)),
        OfferWithdrawn(offer="o"),
        PartnerDeclared(partner="p", name="P", commune="75056"),
        places(None),
        places(Session(starts=date(2026, 3, 1), ends=date(2026, 3, 1))),
        ClosureDeclared(partner="p", from_=date(2026, 8, 1), until=date(2026, 8, 1)),
        ClosureDeclared(partner="p", from_=date(2026, 8, 1), until=date(2028, 8, 1)),
    ],
)
def test_what_makes_sense_passes(payload: DirectoryPayload) -> None:
    assert problems(payload) == []


@pytest.mark.parametrize(
    ("payload", "pointer"),
    [
        (PartnerDeclared(partner="p", name="P", commune="71999"), "/data/commune"),
        (offer(zone=Zone(kind="departement", codes=("71", "99"))), "/data/zone/codes/1"),
        (offer(zone=Zone(kind="epci", codes=("123456789",))), "/data/zone/codes/0"),
        (offer(at=None), "/data/at"),
        (offer(at=At(commune="71999", latitude=46.63, longitude=5.22)), "/data/at/commune"),
        (offer(at=At(commune="71263", latitude=43.0, longitude=5.0)), "/data/at/latitude"),
        (offer(at=At(commune="71263", latitude=0.0, longitude=0.0)), "/data/at/latitude"),
        (offer(open_from=date(2026, 2, 1), open_until=date(2026, 1, 1)), "/data/open_until"),
        (places(Session(starts=date(2026, 3, 2), ends=date(2026, 3, 1))), "/data/session/ends"),
        (ClosureDeclared(partner="p", from_=date(2026, 8, 2), until=date(2026, 8, 1)), "/data/until"),
        (ClosureDeclared(partner="p", from_=date(2026, 8, 1), until=date(9999, 12, 31)), "/data/until"),
    ],
)
def test_what_makes_none_is_named_with_its_place(payload: DirectoryPayload, pointer: str) -> None:
    assert [one["pointer"] for one in problems(payload)] == [pointer]


@pytest.mark.parametrize(
    ("commune", "latitude", "longitude", "reason"),
    [
        ("71263", 5.22, 46.63, "the wrong way round"),
        ("71263", 0.0, 0.0, "Gulf of Guinea"),
        ("71263", 48.85, 2.35, "km away from Louhans"),
        ("76351", 49.70, -0.35, "in the sea"),
        ("2A004", 41.90, 8.30, "in the sea"),
        ("98735", 48.853, 2.35, "(75), not in Papeete"),
        ("06088", 43.53, 7.30, "in the sea or abroad, 18 km away from Nice"),
        ("06088", 43.67, 7.26, "in the sea or abroad"),
        ("97411", -20.75, 55.45, "in the sea"),
        ("97502", 46.30, -56.17, "in the sea"),
        ("74133", 46.2044, 6.1432, "abroad, 5 km away from Gaillard"),
        ("75112", 48.80, 2.13, "19 km away from Paris 12e Arrondissement"),
        ("97502", -56.17, 46.78, "the wrong way round"),
    ],
)
def test_a_point_that_cannot_be_there_says_why(commune: str, latitude: float, longitude: float, reason: str) -> None:
    (wrong,) = problems(offer(at=At(commune=commune, latitude=latitude, longitude=longitude)))
    assert wrong["pointer"] == "/data/at/latitude"
    assert reason in str(wrong["detail"])


def test_a_closure_that_lasts_too_long_says_until_when_it_may_last() -> None:
    (wrong,) = problems(ClosureDeclared(partner="p", from_=date(2026, 8, 1), until=date(2028, 8, 2)))
    assert str(wrong["detail"]).startswith("expected 2028-08-01 or before")


@pytest.mark.parametrize(
    "file",
    [
        ("services", "services_sample_lille_auteuil.json"),
        ("partners", "prescribers_les_emplois.csv"),
        ("partners", "points_relais_conseil_vae.csv"),
    ],
)
def test_every_real_point_is_inside_the_outline_of_its_commune(file: tuple[str, str]) -> None:
    found = [parse(from_json(item.line)) for item in given(reference(*file).read_bytes()) if isinstance(item, Line)]
    points = [one.at for one in found if isinstance(one, OfferDeclared) and one.at and "at" not in one.assumed]
    away = [outside for at in points if (outside := outside_of(at)) is not None and outside < 300_000]
    assert len(away) >= len(points) - 4  # two on islands without outlines, two that cannot be
    assert max(away, default=0) <= 0


def outside_of(at: At) -> int | None:
    commune = FRANCE.commune(at.commune)
    assert commune is not None
    return beyond(commune, (round(at.latitude * 100_000), round(at.longitude * 100_000)))
