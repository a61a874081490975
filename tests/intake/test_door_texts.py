"""`/v1/events`: texts that no database keeps are refused by name, and stop nothing else."""

from typing import Any

import pytest

import builders as a
from intake.doors import Doors, raw, sent
from intake.test_door_events import problem, where
from relais_contracts import cases

WITH_NUL: list[tuple[Any, str]] = [
    (raw(a.opened(), contact={"name": "Ada", "email": "a\x00@b.fr", "preferred": "email"}), "/data/contact/email"),
    (
        raw(
            a.possibilities(),
            options=[{"option": text, "actor": "vae-relay-point", "need": a.NEED} for text in "a\x00"],
        ),
        "/data/options/1/option",
    ),
    (raw(a.strategy(), steps=[{**a.a_step().model_dump(mode="json"), "step": "a\x00"}]), "/data/steps/0/step"),
    (raw(a.consent(), recipients=["greta\x00"]), "/data/recipients"),
    (raw(cases.CaseClosed(reason="x"), reason="not found\x00"), "/data/reason"),
]


@pytest.mark.parametrize(("event", "pointer"), WITH_NUL)
async def test_a_text_that_no_database_keeps_is_named_and_stops_nothing_else(
    door: Doors, event: Any, pointer: str
) -> None:
    document = problem(await door.post(event), 422, "invalid")
    assert any(place.startswith(pointer) for place in where(document)), document
    unread = {"note": "nobody reads this\x00", **raw(a.opened())["data"]}
    answer = await door.batch([event, {**raw(a.opened()), "data": unread}, event, sent(a.clarified())])
    assert [line["status"] for line in answer.json()] == [422, 202, 422, 202]
    assert answer.json()[0]["errors"] == answer.json()[2]["errors"] == document["errors"]
    assert (await door.rows("select count(*) as n from log"))[0]["n"] == 2


async def test_texts_are_taken_with_what_only_looks_like_a_nul(door: Doors) -> None:
    contact = {"name": "C:\\u0000 \\\\u0000", "preferred": "phone"}
    assert (await door.post(raw(a.opened(), contact=contact))).status_code == 202
