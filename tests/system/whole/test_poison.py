"""What a stranger puts straight on a topic: each reader keeps it, says why, and goes on with everything else."""

from typing import Any
from uuid import uuid4

import pytest

import builders as a
from relais_chassis import dead_letters
from relais_contracts.catalogue import dump
from relais_contracts.envelope import Payload
from relais_contracts.topics import ACTIONS, CASES, DIRECTORY, HANDOFFS
from system.whole.poison import PAIRS, READERS, STREAM, Stranger, an_event
from system.whole.world import Scene, World

GOOD: dict[str, Payload] = {
    CASES.name: a.opened(),
    ACTIONS.name: a.requested("accept"),
    DIRECTORY.name: a.a_partner(partner="stranger"),
    HANDOFFS.name: a.a_handoff(operator="nobody", partner="nobody"),
}


@pytest.fixture
def stranger(doors: World) -> Stranger:
    """Somebody with the broker's address."""
    return Stranger(doors)


def a_stream(topic: str) -> str:
    """A stream of a topic that nobody knows yet."""
    return f"{STREAM[topic]}/{uuid4()}"


def good(topic: str, stream: str, sequence: int) -> Any:
    """An event of the topic's own kind."""
    return an_event(stream, sequence, GOOD[topic].TYPE, dump(GOOD[topic]))


async def goes_on(scene: Scene) -> None:
    """An operator's event still goes the whole way, and the partner's answer too."""
    partner = await scene.partner("after")
    case = await scene.case()
    handoff = (await scene.told(partner, "handoff.proposed", case))["handoff"]
    await scene.act(partner, handoff, "accept")
    await scene.operator_told("handoff.accepted", case)


async def test_what_is_no_event_is_a_letter_of_every_reader_with_its_bytes(scene: Scene, stranger: Stranger) -> None:
    mark = uuid4().hex.encode()
    garbage = b"\xff\x00 not an event"
    for topic in READERS:
        nowhere = an_event(a_stream(topic), 1, GOOD[topic].TYPE, b"{}", id=f"no-stream-{mark.decode()}")
        await stranger.write(topic, (mark, garbage), (mark, None), nowhere)
    listed = {}
    for reader in {reader for _, reader in PAIRS}:
        await stranger.has_letters(reader, mark, 3 * sum(reader in readers for readers in READERS.values()))
        listed[reader] = await stranger.console("dlq", "list", reader, "--json", "--limit", "1000")
    for topic, reader in PAIRS:
        whole_name = scene.world.stack.prefix + topic
        told = [each for each in listed[reader] if each["topic"] == whole_name and each["stream"] is None]
        assert len(told) == 3
        assert all("expected" in each["reason"] for each in told)

        async def is_published(topic: str = topic, reader: str = reader) -> list[Any]:
            records = [each for each in await stranger.published(topic, reader) if mark in each.key]
            return records if len(records) == 3 else []

        records = await scene.world.until(is_published, f"dead letters on {topic}.dlq.{reader}")
        by_value = {each.value: {name: value.decode() for name, value in each.headers} for each in records}
        assert set(by_value) == {garbage, None, b"{}"}
        assert by_value[b"{}"]["ce_id"] == f"no-stream-{mark.decode()}"
        for headers in by_value.values():
            assert (headers["dlq-topic"], headers["dlq-consumer"]) == (whole_name, reader)
            assert {"dlq-partition", "dlq-offset", "dlq-timestamp", "dlq-reason", "dlq-at", "dlq-letter"} <= set(
                headers
            )
    await goes_on(scene)


async def test_an_event_of_an_unknown_type_is_passed_over(scene: Scene, stranger: Stranger) -> None:
    streams = {topic: a_stream(topic) for topic in READERS}
    for topic, stream in streams.items():
        unknown = an_event(stream, 1, "org.relais.case.dreamt.v9", {"colour": "blue"})
        await stranger.write(topic, unknown, good(topic, stream, 2))
    for topic, reader in PAIRS:
        await stranger.gone_on(reader, streams[topic], 2)
        assert await stranger.kept(reader, streams[topic]) == []


async def test_a_repetition_is_passed_over(scene: Scene, stranger: Stranger) -> None:
    streams = {topic: a_stream(topic) for topic in READERS}
    for topic, stream in streams.items():
        first, second = good(topic, stream, 1), good(topic, stream, 2)
        broken = an_event(stream, 1, GOOD[topic].TYPE, {"no": "such"})
        await stranger.write(topic, first, first, second, first, broken)
        await stranger.write(topic, good(topic, stream, 3))
    for topic, reader in PAIRS:
        await stranger.gone_on(reader, streams[topic], 3)
        assert await stranger.kept(reader, streams[topic]) == []


async def test_known_types_with_wrong_data_park_their_stream_alone(scene: Scene, stranger: Stranger) -> None:
    streams = {topic: a_stream(topic) for topic in READERS}
    for topic, stream in streams.items():
        wrong = an_event(stream, 1, GOOD[topic].TYPE, {"commune": 5, "colour": "Madame Secrète"})
        await stranger.write(topic, wrong, good(topic, stream, 2), good(topic, stream, 3))
    await goes_on(scene)
    for topic, reader in PAIRS:
        letter = await stranger.is_parked(reader, streams[topic], 1, 2, 3)
        assert "ValidationError" in letter["reason"]
        assert "Secrète" not in letter["reason"]
        await stranger.settle(dead_letters.replay, reader, letter["id"])
    for topic, reader in PAIRS:
        stream = streams[topic]

        async def is_judged_again(reader: str = reader, stream: str = stream) -> bool:
            return [each["state"] for each in await stranger.kept(reader, stream)] == ["open"]

        await scene.world.until(is_judged_again, f"{reader} has tried {stream} again")
        letter = await stranger.is_parked(reader, stream, 1, 2, 3)
        await stranger.settle(dead_letters.discard, reader, letter["id"])
    for topic, reader in PAIRS:
        await stranger.gone_on(reader, streams[topic], 3)


async def test_after_a_hole_a_stream_waits_for_what_is_missing(scene: Scene, stranger: Stranger) -> None:
    in_order = [topic for topic in READERS if topic != DIRECTORY.name]
    streams = {topic: a_stream(topic) for topic in in_order}
    for topic, stream in streams.items():
        await stranger.write(topic, good(topic, stream, 1), good(topic, stream, 3), good(topic, stream, 4))
    pairs = [(topic, reader) for topic, reader in PAIRS if topic in in_order]
    for topic, reader in pairs:
        letter = await stranger.is_parked(reader, streams[topic], 3, 4)
        assert "2 was expected, 3 came" in letter["reason"]
    await goes_on(scene)
    for topic, stream in streams.items():
        await stranger.write(topic, good(topic, stream, 2))
    for topic, reader in pairs:
        await stranger.gone_on(reader, streams[topic], 4)
        assert [each["state"] for each in await stranger.kept(reader, streams[topic])] == ["replayed"]


async def test_on_the_compacted_topic_what_is_missing_is_not_missed(scene: Scene, stranger: Stranger) -> None:
    stream = a_stream(DIRECTORY.name)
    await stranger.write(DIRECTORY.name, good(DIRECTORY.name, stream, 2), good(DIRECTORY.name, stream, 7))
    for reader in READERS[DIRECTORY.name]:
        await stranger.gone_on(reader, stream, 7)
        assert await stranger.kept(reader, stream) == []


FAULTS = {
    "routing": ("routing.decision", "case_id <> '{case}'", "case/{case}"),
    "intake": ("intake.handoff", "\"case\" <> '{case}'", "chain/{case}"),
    "notifications": ("notifications.feed", "case_id <> '{case}'", "chain/{case}"),
}


@pytest.mark.parametrize("reader", FAULTS)
async def test_a_fault_of_ours_parks_one_case_until_it_is_mended_and_replayed(
    scene: Scene, stranger: Stranger, reader: str
) -> None:
    partner, case = await scene.partner("partner"), str(uuid4())
    table, rule, stream = (each.format(case=case) for each in FAULTS[reader])
    await scene.world.database.execute(f"alter table {table} add constraint broken check ({rule}) not valid")
    try:
        await scene.case(case=case)

        async def is_kept() -> list[Any]:
            return await stranger.kept(reader, stream)

        (letter,) = await scene.world.until(is_kept, f"a letter of {reader}")
        assert "CheckViolationError" in letter["reason"]
        await goes_on(Scene(scene.world))
    finally:
        await scene.world.database.execute(f"alter table {table} drop constraint broken")
    await stranger.console("dlq", "replay", reader, str(letter["id"]))
    handoff = (await scene.told(partner, "handoff.proposed", case))["handoff"]
    await scene.act(partner, handoff, "accept")
    await scene.operator_told("handoff.accepted", case)
    assert await stranger.parked(reader, stream) == []
    assert [each["state"] for each in await stranger.kept(reader, stream)] == ["replayed"]


async def test_while_the_news_of_a_hand_off_are_put_aside_intake_asks_for_patience(
    scene: Scene, stranger: Stranger
) -> None:
    stream = a_stream(HANDOFFS.name)
    handoff = str(uuid4())
    told = a.a_handoff(operator="nobody", partner="nobody", handoff=handoff)
    await stranger.write(HANDOFFS.name, an_event(stream, 2, told.TYPE, dump(told)))
    await stranger.is_parked("intake", stream, 2)
    who, url = scene.world.who("partner", "nobody"), scene.world.stack.url("intake")
    answer = await scene.world.http.get(f"{url}/v1/handoffs/{handoff}", headers=who)
    assert (answer.status_code, answer.headers["retry-after"].isdigit()) == (503, True)
    await stranger.write(HANDOFFS.name, good(HANDOFFS.name, stream, 1))
    await stranger.gone_on("intake", stream, 2)
    assert (await scene.world.ask("intake", "GET", f"/v1/handoffs/{handoff}", who)).json()["state"] == "proposed"


async def test_a_stranger_that_says_a_partner_has_accepted_changes_nothing_that_was_said(
    scene: Scene, stranger: Stranger
) -> None:
    partner = await scene.partner("partner")
    case = await scene.case()
    proposed = await scene.told(partner, "handoff.proposed", case)
    number = int(proposed["event"]["sequence"])
    said = {**{key: value for key, value in proposed.items() if key not in ("type", "event")}, "state": "accepted"}
    await stranger.write(HANDOFFS.name, an_event(f"chain/{case}", number, "org.relais.handoff.accepted.v1", said))
    await goes_on(Scene(scene.world))
    answer = await scene.world.ask(
        "intake", "GET", f"/v1/handoffs/{proposed['handoff']}", scene.world.who("partner", partner)
    )
    assert answer.json()["state"] == "proposed"
    assert "handoff.accepted" not in await scene.types("partner", partner)
