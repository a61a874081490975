"""Intake's transactions on a real database: statements, actions and routing's news, side by side."""

import builders as a
from intake.transacting import CHAIN, CONTACT, Transacting, refusal
from relais_chassis.commands import Accepted, Rejected, Repeated, Reused
from relais_contracts import cases, handoffs
from relais_contracts.envelope import CloudEvent
from relais_intake.handoffs import store as told
from relais_intake.handoffs.rows import Told
from relais_intake.store.judging import judge
from relais_intake.store.model import asks


async def test_a_whole_case_in_one_batch_is_one_stream_of_events(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    rows = await transacting.rows("select version, topic, type, subject from log order by version")
    assert [row["version"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {(row["topic"], row["subject"]) for row in rows} == {("relais.cases", a.CASE)}


async def test_one_bad_statement_spoils_no_other(transacting: Transacting) -> None:
    answers = await transacting.does(
        transacting.says(a.opened()),
        transacting.says(a.verified()),
        transacting.says(a.clarified()),
        transacting.says(a.verified()),
    )
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted, Accepted]
    assert refusal(answers[1]) == "stage-out-of-order"


async def test_the_same_message_gets_its_first_answer(transacting: Transacting) -> None:
    (first,) = await transacting.yes(transacting.says(a.opened(), id="once"))
    await transacting.yes(transacting.says(a.clarified()))
    (again,) = await transacting.does(transacting.says(a.opened(), id="once"))
    assert again == Repeated(first)
    (other,) = await transacting.does(transacting.says(a.opened(situation="student"), id="once"))
    assert other == Reused()


async def test_the_person_speaks_of_the_cases_own_handoffs_and_steps_only(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    said = cases.CaseAttested(handoff=a.handoff(), outcome="achieved")
    assert refusal((await transacting.does(transacting.says(said)))[0]) == "unknown-handoff"
    onward = a.a_handoff(step="digital-on-1", parent=a.handoff())
    await transacting.yes(transacting.tells(a.a_handoff()), transacting.tells(onward))
    await transacting.yes(transacting.says(said), transacting.says(cases.CaseOptionChosen(step="digital-on-1")))
    other = cases.CaseAttested(handoff=a.handoff(case=a.OTHER_CASE), outcome="achieved")
    assert refusal((await transacting.does(transacting.says(other)))[0]) == "unknown-handoff"


async def test_an_action_counts_at_once_and_until_routing_answers(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()))
    (reply,) = await transacting.yes(transacting.acts("accept", "a1"))
    assert reply["state"] == "accepted"
    assert "schedule" in reply["allowed"]
    assert refusal((await transacting.does(transacting.acts("reschedule", "r1")))[0]) == "not-possible"
    (again,) = await transacting.yes(transacting.acts("accept", "a2"))
    assert again["events"] == []
    await transacting.yes(transacting.tells(a.a_handoff(handoffs.HandoffAccepted), cause=f"actions/{a.CASE}/1"))
    assert await transacting.rows("select * from pending_action") == []
    async with transacting.database.connection() as conn:
        (known,) = await told.undecided(conn, [a.handoff()])
    assert (known.state, known.requests) == ("accepted", ())


async def test_two_actions_in_one_batch_see_each_other(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()))
    answers = await transacting.does(
        transacting.acts("accept", "a1"),
        transacting.acts("start", "s1"),
        transacting.acts("accept", "a2"),
        transacting.acts("start", "s2"),
    )
    assert [type(answer) for answer in answers] == [Accepted, Accepted, Rejected, Accepted]


async def test_an_answer_settles_what_was_asked_before_it_too(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()))
    await transacting.yes(transacting.acts("accept", "a1"), transacting.acts("note", "n1", note="I called"))
    noted = a.a_handoff(handoffs.HandoffNoted, state="active", text="x")
    await transacting.yes(transacting.tells(noted, cause=f"actions/{a.CASE}/2"))
    assert await transacting.rows("select * from pending_action") == []


async def test_an_action_that_came_too_late_stops_counting(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()))
    await transacting.yes(transacting.acts("accept", "a1"))
    await transacting.yes(
        transacting.tells(a.a_handoff(handoffs.HandoffLapsed, state="lapsed", owner="nobody", next=None))
    )
    (late,) = await transacting.does(transacting.acts("start", "s1"))
    assert isinstance(late, Rejected)
    assert late.refused.help["allowed"] == ()


async def test_what_is_judged_dry_leaves_no_trace(transacting: Transacting) -> None:
    wanted = [
        transacting.says(a.opened(contact=CONTACT)),
        transacting.says(a.verified()),
        transacting.says(a.clarified()),
    ]
    answers = await judge(transacting.transactor, wanted)
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted]
    for table in ("log", "snapshot", "inbox", "contact", "held_case"):
        assert await transacting.rows(f"select * from {table}") == [], table
    assert [type(answer) for answer in await transacting.does(*wanted)] == [Accepted, Rejected, Accepted]


async def test_routings_news_become_rows_once(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    proposed = transacting.tells(a.a_handoff(), cause=f"case/{a.CASE}/6")
    await transacting.yes(proposed)
    await transacting.does(proposed)
    (row,) = await transacting.rows("select * from handoff")
    assert (row["state"], row["due"], "departement:71" in row["territories"]) == (
        "proposed",
        a.MONDAY + a.days(7),
        True,
    )
    assert [row["event"] for row in await transacting.rows("select event from consequence")] == [f"{CHAIN}/1"]
    unmet = handoffs.StepUnmet(
        step="digital",
        operator=a.OPERATOR,
        actor="training-body",
        need=a.NEED,
        commune=a.MACON,
        owner="operator",
        reason="no-offer",
    )
    late = handoffs.StepEscalated(**{**unmet.model_dump(), "owner": "coordinator", "clock": "choice"})
    await transacting.yes(transacting.tells(unmet), transacting.tells(late))
    (step,) = await transacting.rows("select state, why, owner from chain_step")
    assert tuple(step) == ("unmet", "no-offer", "coordinator")


async def test_the_draws_events_ask_nothing() -> None:
    day = handoffs.Commitment(day="2026-03-02", hash="0" * 64)
    event = CloudEvent("draw/2026-03-02/1", "/relais/routing", handoffs.DrawCommitted.TYPE, b"{}", sequence=1)
    assert asks(event, handoffs.DrawCommitted(commitment=day)) == ()
    assert Told(event, handoffs.DrawCommitted(commitment=day)).sequence == 1


async def test_snapshots_may_be_deleted_at_any_time(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()))
    await transacting.yes(transacting.acts("accept", "a1"))
    async with transacting.database.transaction() as conn:
        await conn.execute("delete from snapshot")
    assert refusal((await transacting.does(transacting.says(a.strategy(3))))[0]) == "version"
    await transacting.yes(transacting.says(a.strategy(2)), transacting.acts("start", "s1"))
    assert [row["version"] for row in await transacting.rows("select version from pending_action order by 1")] == [1, 2]
