"""The timeline in plain French: every event has its sentence, and no code of ours shows through."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from relais_contracts import vocabularies as v
from relais_contracts.transitions import TABLE, State, allowed
from relais_notifications.board import present
from relais_notifications.board.pages.words import ACTION_WORDS
from relais_notifications.board.rows import WORKLISTS
from relais_notifications.board.story import tell

EXAMPLES = sorted((Path(__file__).parents[2] / "schemas" / "examples").glob("*.json"))
TOLD = [path for path in EXAMPLES if path.name.split(".")[0] in ("case", "handoff", "step", "chain")]
CODE = re.compile(r"\b(case|handoff|step|chain)\.[a-z-]+\b|None|\{|\}|--|org\.relais")


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.stem)
def test_every_event_of_a_case_has_its_sentence(path: Path) -> None:
    event = json.loads(path.read_text())
    names = {str(event["data"].get(who)): "GRETA 71" for who in ("partner", "to")}
    sentence = tell(event["type"], event["data"], names)
    assert len(sentence) > 5
    assert not CODE.search(sentence), sentence


def test_there_is_an_example_of_each_kind() -> None:
    assert len(TOLD) > 30


def test_an_unknown_event_is_named_rather_than_lost() -> None:
    assert (
        tell("org.relais.handoff.applauded.v1", {"partner": "g"}, {"g": "GRETA 71"}) == "GRETA 71 : handoff.applauded"
    )


def test_lists_codes_and_buttons_all_have_words() -> None:
    assert set(WORKLISTS) <= set(present.LISTS) == set(present.LIST_HINTS)
    assert set(get_args(v.WaitingFor)) == set(present.WAITING)
    assert set(get_args(v.ProjectKind)) == set(present.PROJECTS)
    assert set(get_args(v.Mode)) == set(present.MODES)
    assert set(get_args(v.CausedBy)) == set(present.CAUSED_BY)
    assert set(get_args(v.Situation)) - {"pupil"} == set(present.SITUATIONS)


def test_a_partner_finds_a_button_for_everything_it_may_do_but_handing_on() -> None:
    possible = {line.action for line in TABLE if line.actor in ("partner", "operator", "coordinator")}
    assert possible - set(ACTION_WORDS) == {"hand-on"}
    for state in get_args(State):
        assert all(action in ACTION_WORDS or action == "hand-on" for action in allowed(state, "partner"))
