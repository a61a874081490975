"""`POST /v1/directory` and `relais directory import`: a result for every line in order, and nothing new twice."""

import asyncio
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpx
import pytest

import builders as a
from intake.doors import Doors
from relais_chassis.commands import Command
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    DirectoryPayload,
    OfferWithdrawn,
    PartnerWithdrawn,
    PlacesDeclared,
)
from relais_intake.directory.adapters.lines import line_of
from relais_intake.directory.decider import Declare
from relais_intake.directory.entry import stream_of

NDJSON = "application/x-ndjson"
ANNUAIRE = "annuaire"
ENTRIES = (a.a_partner(), a.an_offer(), a.places())


async def post(
    door: Doors, lines: Iterable[bytes], role: str = "directory", org: str = ANNUAIRE, kind: str = NDJSON
) -> httpx.Response:
    headers = {**door.who(role, org), "content-type": kind}
    return await door.http.post("/v1/directory", content=b"\n".join(lines), headers=headers)


async def declare(
    door: Doors, *entries: DirectoryPayload | bytes, role: str = "directory", org: str = ANNUAIRE, run: str = ""
) -> list[dict[str, Any]]:
    """The results of these lines."""
    sent = [entry if isinstance(entry, bytes) else line_of(entry, org, run) for entry in entries]
    answer = await post(door, sent, role, org)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (207, NDJSON), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def statuses(results: list[dict[str, Any]]) -> list[int]:
    return [result["status"] for result in results]


def closure(**given: Any) -> ClosureDeclared:
    day = a.MONDAY.date()
    return ClosureDeclared(**{"partner": a.PARTNER, "from_": day, "until": day + timedelta(days=7), **given})


def changed(line: bytes, **attributes: Any) -> bytes:
    """The line with other attributes or data."""
    whole = json.loads(line)
    data = {**whole["data"], **attributes.pop("data", {})}
    return json.dumps({**whole, **attributes, "data": data}).encode()


async def logged(door: Doors) -> list[tuple[str, str]]:
    rows = await door.rows("select stream, type from log order by position")
    return [(row["stream"], row["type"].removeprefix("org.relais.").removesuffix(".v1")) for row in rows]


async def test_every_line_is_answered_in_its_order_and_a_bad_one_stops_nothing(door: Doors) -> None:
    partner, offer, places = (line_of(entry, ANNUAIRE) for entry in ENTRIES)
    results = await declare(
        door,
        partner,
        b"{",
        changed(offer, id="no-need", data={"needs": []}),
        changed(offer, id="nowhere", data={"zone": {"kind": "departement", "codes": ["999"]}}),
        changed(offer, id="elsewhere", source="/somebody"),
        changed(offer, id="a-case", type="org.relais.case.opened.v1"),
        changed(offer, id="an-orphan", data={"partner": "nobody"}),
        offer,
        b"[1]",
        places,
        changed(partner, id="unknown-commune", data={"commune": "99999"}),
        b"x" * 300_000,
    )
    assert [result["line"] for result in results] == [*range(1, 13)]
    assert statuses(results) == [202, 422, 422, 422, 403, 422, 409, 202, 422, 202, 422, 413]
    by_line = {result["line"]: result for result in results}
    assert by_line[3]["errors"][0]["pointer"] == "/data/needs"
    assert by_line[4]["errors"][0]["pointer"] == "/data/zone/codes/0"
    assert by_line[7]["result"] == "unknown-partner"
    assert by_line[11]["errors"][0]["pointer"] == "/data/commune"
    assert all(result["detail"] for result in results if result["status"] >= 400)
    assert [stream for stream, _ in await logged(door)] == [
        f"partner/{a.PARTNER}",
        f"offer/{a.OFFER}",
        f"places/{a.OFFER}",
    ]


async def test_blank_lines_are_passed_over_and_lines_keep_their_numbers(door: Doors) -> None:
    results = await declare(door, b"", line_of(a.a_partner(), ANNUAIRE), b"  ", b"{", b"")
    assert [(result["line"], result["status"]) for result in results] == [(2, 202), (4, 422)]
    assert (await post(door, [])).text == ""


async def test_a_line_feed_alone_ends_a_line(door: Doors) -> None:
    partner, offer = line_of(a.a_partner(), ANNUAIRE), line_of(a.an_offer(), ANNUAIRE)
    spaced = partner.replace(b",", b",\r", 1) + b"\r"  # between two tokens, and before the line feed
    results = await declare(door, spaced, offer)
    assert [(result["line"], result["status"]) for result in results] == [(1, 202), (2, 202)]
    assert statuses(await declare(door, spaced.removesuffix(b"\r"), offer + b"\r")) == [200, 200]


async def test_a_second_import_changes_nothing(door: Doors) -> None:
    assert statuses(await declare(door, *ENTRIES)) == [202] * 3
    before = await logged(door)
    for run in ("", "another-import"):
        results = await declare(door, *ENTRIES, run=run)
        assert [(result["status"], result["result"]) for result in results] == [(200, "unchanged")] * 3
    assert await logged(door) == before


async def test_what_was_withdrawn_or_changed_comes_back_as_it_was(door: Doors) -> None:
    await declare(door, *ENTRIES, closure(), run="monday")
    renamed = a.an_offer(name="Bureautique, suite")
    assert statuses(await declare(door, renamed, run="tuesday")) == [202]
    assert statuses(await declare(door, a.an_offer(), run="wednesday")) == [202]
    gone = (OfferWithdrawn(offer=a.OFFER), PartnerWithdrawn(partner=a.PARTNER))
    assert statuses(await declare(door, *gone, run="thursday")) == [202, 202]
    assert statuses(await declare(door, a.a_partner(), a.an_offer(), run="friday")) == [202, 202]
    last = [type for stream, type in await logged(door) if stream == f"offer/{a.OFFER}"]
    assert last == ["offer.declared", "offer.declared", "offer.declared", "offer.withdrawn", "offer.declared"]


async def test_a_line_that_changed_nothing_sets_nothing_back_when_it_comes_again(door: Doors) -> None:
    await declare(door, *ENTRIES)
    same, other = line_of(a.an_offer(), ANNUAIRE, "second"), line_of(a.an_offer(name="Autre"), ANNUAIRE, "third")
    assert statuses(await declare(door, same)) == [200]
    assert statuses(await declare(door, other)) == [202]
    assert statuses(await declare(door, same)) == [200]
    (last,) = await door.rows(
        "select data from log where stream = 'offer/greta-71.bureautique' order by version desc limit 1"
    )
    assert json.loads(last["data"])["name"] == "Autre"


async def test_an_id_stands_for_one_line_only(door: Doors) -> None:
    line = line_of(a.a_partner(), ANNUAIRE)
    results = await declare(door, line, line, changed(line, data={"name": "Autre"}))
    assert [result["result"] for result in results] == ["declared", "unchanged", "id-reused"]


async def test_a_partner_declares_its_own_places_and_closures_and_nothing_else(door: Doors) -> None:
    theirs = a.an_offer(offer="afpa-71.cv", partner=a.OTHER_PARTNER)
    await declare(door, *ENTRIES, a.a_partner(partner=a.OTHER_PARTNER), theirs)
    fewer = a.places(number=2, at=a.MONDAY + timedelta(hours=1))
    results = await declare(
        door,
        fewer,
        closure(),
        a.places(offer="afpa-71.cv"),
        closure(partner=a.OTHER_PARTNER),
        a.an_offer(name="Renommée"),
        a.a_partner(name="Renommé"),
        OfferWithdrawn(offer=a.OFFER),
        a.places(offer="no-such-offer"),
        role="partner",
        org=a.PARTNER,
    )
    assert statuses(results) == [202, 202, 403, 403, 403, 403, 403, 403]
    (kept,) = await door.rows(f"select data from log where stream = 'places/{a.OFFER}' order by version desc limit 1")
    assert PlacesDeclared.model_validate_json(kept["data"]).declared_by == a.PARTNER


async def standing(door: Doors, role: str = "directory", org: str = ANNUAIRE, query: str = "") -> list[dict[str, Any]]:
    """What somebody sees of the directory, page by page."""
    found, where = [], f"/v1/directory{query}"
    while where:
        answer = await door.look(where, door.who(role, org))
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, NDJSON), answer.text
        found += [json.loads(line) for line in answer.text.splitlines()]
        where = answer.links.get("next", {}).get("url", "")
    return found


def streams_of(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"].rpartition("/")[0] for one in found]


async def test_a_directory_sees_what_it_declared_page_by_page(door: Doors) -> None:
    more = [a.an_offer(offer=f"{a.OFFER}-{number}") for number in range(5)]
    await declare(door, *ENTRIES, *more)
    await declare(door, a.a_partner(partner=a.OTHER_PARTNER), org="autre-annuaire")
    await declare(door, OfferWithdrawn(offer=more[0].offer), run="later")
    await declare(door, a.an_offer(name="Renommée"), run="later")
    whole = await standing(door)
    assert streams_of(whole) == sorted(
        [f"partner/{a.PARTNER}", f"offer/{a.OFFER}", f"places/{a.OFFER}", *(f"offer/{one.offer}" for one in more[1:])]
    )
    assert await standing(door, query="?limit=3") == await standing(door, query="?limit=1") == whole
    (renamed,) = [one for one in whole if one["id"].startswith(f"offer/{a.OFFER}/")]
    assert (renamed["sequence"], renamed["data"]["name"], renamed["data"]["declared_by"]) == ("2", "Renommée", ANNUAIRE)
    assert streams_of(await standing(door, org="autre-annuaire")) == [f"partner/{a.OTHER_PARTNER}"]
    assert await standing(door, "admin", "relais") == []


async def test_a_partner_sees_what_is_said_of_it(door: Doors) -> None:
    theirs = a.an_offer(offer="afpa-71.cv", partner=a.OTHER_PARTNER)
    await declare(door, *ENTRIES, closure(), a.a_partner(partner=a.OTHER_PARTNER), theirs, a.places(offer=theirs.offer))
    seen = streams_of(await standing(door, "partner", a.PARTNER))
    assert seen == sorted(
        [f"partner/{a.PARTNER}", f"offer/{a.OFFER}", f"places/{a.OFFER}", f"closure/{a.PARTNER}/{a.MONDAY.date()}"]
    )


@pytest.mark.parametrize("query", ["limit=0", "limit=5001", "limit=x", "after=%00", "after=" + "x" * 601])
async def test_a_page_that_cannot_be_is_refused(door: Doors, query: str) -> None:
    assert (await door.look(f"/v1/directory?{query}", door.who("directory", ANNUAIRE))).status_code == 422


@pytest.mark.parametrize("role", ["operator", "coordinator"])
async def test_others_see_no_entries(door: Doors, role: str) -> None:
    assert (await door.look("/v1/directory", door.who(role, ANNUAIRE))).status_code == 403


async def test_closures_are_suspended_lifted_and_never_overlap(door: Doors) -> None:
    await declare(door, *ENTRIES)
    day = a.MONDAY.date()
    lifted = ClosureWithdrawn(partner=a.PARTNER, from_=day)
    overlapping = closure(from_=day + timedelta(days=3), until=day + timedelta(days=9))
    results = await declare(
        door, closure(), overlapping, closure(offer=a.OFFER), closure(offer="nobodys"), role="partner", org=a.PARTNER
    )
    assert [one["result"] for one in results] == ["declared", "overlapping", "declared", "unknown-offer"]
    assert results[1]["overlaps"] == f"closure/{a.PARTNER}/{day}"
    results = await declare(door, overlapping, lifted, overlapping, role="partner", org=a.PARTNER, run="later")
    assert [one["result"] for one in results] == ["overlapping", "declared", "declared"]
    seen = [stream for stream in streams_of(await standing(door, "partner", a.PARTNER)) if "closure" in stream]
    assert seen == [f"closure/{a.PARTNER}/{overlapping.from_}", f"closure/{a.PARTNER}/{day}/{a.OFFER}"][::-1]


async def test_closures_declared_at_once_by_two_are_not_both_taken(door: Doors) -> None:
    await declare(door, *ENTRIES)
    day = a.MONDAY.date()
    both = [closure(from_=day + timedelta(days=shift)) for shift in range(2)]
    who = Declare(both[0], "directory", ANNUAIRE), Declare(both[1], "directory", ANNUAIRE)
    commands = [Command(stream_of(one.payload), one, None, a.MONDAY) for one in who]
    answers = await asyncio.gather(*(door.desk.transactor.transact([command]) for command in commands))
    assert sorted(type(answer).__name__ for (answer,) in answers) == ["Accepted", "Rejected"]


async def test_another_directory_takes_over_nothing(door: Doors) -> None:
    await declare(door, a.a_partner(), a.an_offer())
    results = await declare(door, a.places(), closure(), a.an_offer(name="Renommée"), org="autre-annuaire")
    assert [result["result"] for result in results] == ["not-yours"] * 3
    assert statuses(await declare(door, a.places(), closure())) == [202, 202]


async def test_attributes_too_long_or_unprintable_are_one_bad_line_each(door: Doors) -> None:
    line = line_of(a.a_partner(), ANNUAIRE)
    results = await declare(
        door,
        changed(line, id="é" * 1000),
        changed(line, id="a\nb"),
        changed(line, source=f"/{ANNUAIRE}/" + "ü" * 1000),
        changed(line, data={"name": "A\x00B"}),
        changed(line, correlationid="c" * 1000),
        line,
    )
    assert statuses(results) == [422] * 5 + [202], results
    places = ["/id", "/id", "/source", "/data/name", "/correlationid"]
    assert [result["errors"][0]["pointer"] for result in results[:5]] == places


@pytest.mark.parametrize("role", ["operator", "coordinator"])
async def test_the_directory_is_for_directories_and_partners(door: Doors, role: str) -> None:
    answer = await post(door, [line_of(a.a_partner(), ANNUAIRE)], role)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:relais:problem:wrong-role")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
async def test_other_content_types_are_415(door: Doors, kind: str) -> None:
    answer = await post(door, [b"{}"], kind=kind)
    assert (answer.status_code, answer.json()["expected"]) == (415, [NDJSON])
