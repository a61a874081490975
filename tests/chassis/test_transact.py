"""Commands become answers and events, a batch at a time: order, refusals, repetitions, faults of one's own."""

from chassis.toy import NOON, Say, World, next_of, say
from relais_chassis.commands import Accepted, Command, Failed, Rejected, Repeated, Reused


async def test_what_is_decided_is_in_the_log_with_its_cause(world: World) -> None:
    command = Command("chain/1", Say("hello"), say("", "", "m1").origin, NOON, correlationid="c", traceparent="t")
    [answer] = await world.transactor.transact([command])
    assert isinstance(answer, Accepted)
    assert [event.id for event in answer.events] == ["chain/1/1"]
    async with world.database.connection() as conn:
        [event] = await world.log.read(conn, "chain/1")
    assert (event.id, event.sequence, event.source, event.subject, event.time) == (
        "chain/1/1", 1, "/relais/toy", "1", NOON,
    )  # fmt: skip
    assert (event.causationid, event.correlationid, event.traceparent) == ("m1", "c", "t")


async def test_each_command_of_a_batch_sees_what_those_before_it_did(world: World) -> None:
    answers = await world.transactor.transact([say("chain/1", word, word) for word in ("a", "b", "c")])
    assert [answer.reply for answer in answers if isinstance(answer, Accepted)] == [
        {"said": ["a"]},
        {"said": ["a", "b"]},
        {"said": ["a", "b", "c"]},
    ]
    assert await world.said("chain/1") == ["a", "b", "c"]


async def test_a_refusal_is_an_answer_and_spoils_nothing(world: World) -> None:
    before, no, after = await world.transactor.transact([say("chain/1", word) for word in ("a", "no", "b")])
    assert isinstance(before, Accepted)
    assert isinstance(no, Rejected)
    assert (no.refused.code, no.refused.help) == ("said-no", {"said": ["a"]})
    assert isinstance(after, Accepted)
    assert await world.said("chain/1") == ["a", "b"]


async def test_a_repetition_gets_the_first_answer(world: World) -> None:
    [first] = await world.transactor.transact([say("chain/1", "a", "m1")])
    await world.transactor.transact([say("chain/1", "b", "m2")])
    assert await world.transactor.transact([say("chain/1", "a", "m1")]) == [Repeated({"said": ["a"]})]
    assert isinstance(first, Accepted)
    assert await world.said("chain/1") == ["a", "b"]


async def test_a_repetition_within_a_batch_gets_the_first_answer_too(world: World) -> None:
    answers = await world.transactor.transact([say("chain/1", "a", "m1"), say("chain/1", "a", "m1")])
    assert isinstance(answers[0], Accepted)
    assert answers[1] == Repeated({"said": ["a"]})
    assert await world.said("chain/1") == ["a"]


async def test_the_same_id_with_another_body_is_told_apart(world: World) -> None:
    one, other = say("chain/1", "a", "m1", b"1"), say("chain/2", "b", "m1", b"2")
    assert (await world.transactor.transact([one, other]))[1] == Reused()
    assert await world.transactor.transact([other]) == [Reused()]
    assert await world.said("chain/2") == []


async def test_a_refused_message_is_judged_afresh(world: World) -> None:
    no, yes = await world.transactor.transact([say("chain/1", "no", "m1"), say("chain/1", "a", "m1", b"2")])
    assert isinstance(no, Rejected)
    assert isinstance(yes, Accepted)


async def test_a_message_that_changes_nothing_is_remembered_all_the_same(world: World) -> None:
    [answer] = await world.transactor.transact([say("chain/1", "nothing", "m1")])
    assert answer == Accepted((), {"said": []})
    assert await world.transactor.transact([say("chain/1", "nothing", "m1")]) == [Repeated({"said": []})]


async def test_a_command_that_breaks_the_decider_does_not_spoil_its_batch(world: World) -> None:
    words = ["a", "b", "crash", "c", "crash", "d", "e"]
    answers = await world.transactor.transact([say("chain/1", word, f"m{i}") for i, word in enumerate(words)])
    assert [type(answer) for answer in answers] == [Accepted, Accepted, Failed, Accepted, Failed, Accepted, Accepted]
    assert await world.said("chain/1") == ["a", "b", "c", "d", "e"]


async def test_a_broken_command_is_not_remembered(world: World) -> None:
    await world.transactor.transact([say("chain/1", "crash", "m1")])
    [answer] = await world.transactor.transact([say("chain/1", "a", "m1")])
    assert isinstance(answer, Accepted)


async def test_readers_are_woken_after_the_commit_only(world: World) -> None:
    woken: list[int] = []
    world.transactor.on_commit.append(lambda: woken.append(1))
    await world.transactor.transact([say("chain/1", "crash")])
    assert woken == []
    await world.transactor.transact([say("chain/1", "a")])
    assert woken == [1]


async def test_an_empty_batch_needs_no_database(world: World) -> None:
    await world.database.close()
    assert await world.transactor.transact([]) == []


async def test_records_and_messages_may_stand_in_one_batch(world: World) -> None:
    answers = await world.transactor.transact([next_of("case/1", 1, "a"), say("chain/1", "b", "m1")])
    assert [type(answer) for answer in answers] == [Accepted, Accepted]
    assert await world.said("chain/1") == ["a", "b"]
