"""`relais directory export`: every past directory can be written again, and matches elsewhere as it did here."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import MONDAY
from matching_builders import DRAW, offer, partner, request, room
from relais_chassis.access import Caller
from relais_chassis.commands import Command
from relais_contracts.directory import ClosureDeclared, DirectoryPayload, OfferWithdrawn, PartnerWithdrawn
from relais_intake.directory.entry import stream_of
from relais_intake.directory.lines import read
from relais_routing import directory
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from system.place import Place

FIRST: list[DirectoryPayload] = [
    event for name in "abc" for event in (partner(name, declared_by="me"), offer(name, declared_by="me"))
]
FIRST += [room("a", number=3), ClosureDeclared(partner="b", from_=MONDAY.date(), until=MONDAY.date())]
THEN: list[DirectoryPayload] = [
    partner("d"), offer("d"), offer("a", name="Autre nom"), OfferWithdrawn(offer="c.offer"), room("c", number=1),
    PartnerWithdrawn(partner="b"),
]  # fmt: skip


@pytest.fixture
async def kept(place: Place) -> Place:
    conn = await place.connect("routing")
    await directory.store(conn, [(stream_of(event), event, MONDAY) for event in FIRST])
    await directory.store(conn, [(stream_of(event), event, MONDAY + timedelta(days=1)) for event in THEN])
    await conn.close()
    return place


def imported(lines: bytes, organisation: str = "directory") -> list[DirectoryPayload]:
    """What intake makes of the lines: each must be one it takes."""
    caller = Caller("somebody", organisation, "directory", ())
    commands: list[Any] = [read(line, caller, MONDAY) for line in lines.splitlines()]
    assert all(isinstance(command, Command) for command in commands), commands
    return [command.body.payload for command in commands]


def exported(place: Place, *words: str) -> bytes:
    done = place.run("directory", "export", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.encode()


def chosen(index: Index) -> dict[str, Any]:
    """The whole decision, but for the version's number."""
    return record(match(index, request(), DRAW)) | {"directory": 0}


def elsewhere(entries: list[DirectoryPayload]) -> Index:
    index = Index()
    index.apply(entries, 1)
    return index


@pytest.mark.parametrize(("words", "version"), [
    ((), len(FIRST) + len(THEN)), (("--version", str(len(FIRST))), len(FIRST)), (("--at", "2026-03-02"), len(FIRST)),
    (("--at", "2026-03-02T09:30+00:00"), len(FIRST)), (("--at", "2026-03-03"), len(FIRST) + len(THEN)),
])  # fmt: skip
async def test_a_past_directory_matches_elsewhere_as_it_did(kept: Place, words: tuple[str, ...], version: int) -> None:
    conn = await kept.connect("routing")
    here = await directory.index_at(conn, version)
    await conn.close()
    assert chosen(elsewhere(imported(exported(kept, *words)))) == chosen(here)


async def test_what_refers_to_something_withdrawn_is_left_out_and_said(kept: Place, tmp_path: Path) -> None:
    file = tmp_path / "directory.ndjson"
    done = kept.run("directory", "export", "--output", str(file))
    assert "6 entries of directory version 14; 3 left out, whose partner or offer was withdrawn" in done.stderr
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    assert [entry["type"].split(".")[2] for entry in entries] == [*["partner"] * 3, *["offer"] * 2, "places"]
    assert not any("declared_by" in entry["data"] for entry in entries)


async def test_only_what_one_organisation_declared_in_its_own_name(kept: Place) -> None:
    lines = exported(kept, "--version", str(len(FIRST)), "--declared-by", "me", "--organisation", "me")
    assert len(imported(lines, "me")) == 6


async def test_what_cannot_be_exported_says_so(kept: Place) -> None:
    for words in (("--version", "99"), ("--at", "gestern"), ("--at", "2026-03-02", "--version", "1")):
        assert kept.run("directory", "export", *words).returncode == 2
