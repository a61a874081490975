"""`relais directory duplicates`: what is likely one service is shown as declared, with the reason, and never merged."""

import json

from builders import MONDAY
from matching_builders import offer, partner
from relais_contracts.directory import DirectoryPayload
from relais_intake.directory.entry import stream_of
from relais_routing import directory
from system.place import Place

REASON = "même commune, même nom de service et même organisation"


def listed(source: str, service: str) -> list[DirectoryPayload]:
    """One organisation's service as a source lists it."""
    name = f"{source}--{service}"
    return [partner(name, name="GRETA 71"), offer(name, name=service)]


async def declared(place: Place, *events: DirectoryPayload) -> None:
    conn = await place.connect("routing")
    await directory.store(conn, [(stream_of(event), event, MONDAY) for event in events])
    await conn.close()


async def test_listings_of_two_sources_are_shown_with_the_reason(place: Place) -> None:
    alike = [*listed("dora", "Bureautique"), *listed("soliguide", "Bureautique")]
    await declared(place, *alike, *listed("dora", "Anglais"))
    done = place.run("directory", "duplicates", "--json")
    assert done.returncode == 0, done.stderr
    (cluster,) = json.loads(done.stdout)
    assert [(each["offer"], each["source"], each["partner_name"]) for each in cluster["members"]] == [
        ("dora--Bureautique.offer", "dora", "GRETA 71"), ("soliguide--Bureautique.offer", "soliguide", "GRETA 71"),
    ]  # fmt: skip
    assert REASON in {link["text"] for link in cluster["links"]}
    table = place.run("directory", "duplicates", COLUMNS="250")
    head, first, second = table.stdout.splitlines()
    assert (table.returncode, head.split()) == (0, ["n°", "source", "fiche", "service", "organisation", "pourquoi"])
    assert REASON in first
    assert second.split() == ["1", "soliguide", "soliguide--Bureautique.offer", "Bureautique", "GRETA", "71"]


async def test_what_no_other_source_lists_is_no_duplicate(place: Place) -> None:
    await declared(place, *listed("dora", "Bureautique"), *listed("dora", "Anglais"))
    assert json.loads(place.run("directory", "duplicates", "--json").stdout) == []
