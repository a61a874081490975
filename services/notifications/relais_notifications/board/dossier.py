"""One case as the board shows it: its steps with their hand-offs, and its timeline in plain French.

Reads the rows of one case for one view; a partner sees its own hand-offs and what happened to them, nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from relais_chassis.postgres import Connection
from relais_contracts import labels
from relais_contracts.cases import CaseStrategyElaborated
from relais_notifications.board import worklists
from relais_notifications.board.present import SITUATIONS, STAGES, STEP_STATES, commune_name, present
from relais_notifications.board.story import tell
from relais_notifications.board.views import View

_CASE: Final = """
SELECT board_case.id, operator, organisation.name AS operator_name, board_case.commune, situation, stage, interviews,
    masked, opened, closed
FROM board_case LEFT JOIN organisation ON organisation.id = board_case.operator WHERE board_case.id = $1
"""
_ITEMS: Final = "SELECT id FROM board_item WHERE case_id = $1 ORDER BY opened, id"
_TIMELINE: Final = """
SELECT time, type, handoff, data FROM timeline WHERE case_id = $1 ORDER BY time, log, sequence LIMIT 2000
"""
_NAMES: Final = "SELECT id, name FROM organisation WHERE id = ANY($1)"


async def dossier(conn: Connection, view: View, case_id: str) -> dict[str, Any] | None:
    """The case, its chain and its timeline, as far as the view goes; None where nothing of it is in view."""
    case = await conn.fetchrow(_CASE, case_id)
    items = await worklists.rows(conn, [row["id"] for row in await conn.fetch(_ITEMS, case_id)])
    seen = [item for item in items if view.sees(item)]
    whole = case is not None and view.partner is None and view.sees(dict(case))
    if not seen and not whole:
        return None
    lines = [dict(row) for row in await conn.fetch(_TIMELINE, case_id)]
    if not whole:
        mine = {item["id"] for item in seen}
        lines = [line for line in lines if line["handoff"] in mine]
    events = [{**line, "data": orjson.loads(line["data"])} for line in lines]
    names = await _names(conn, events, seen)
    return {
        "case": _case(case) if case is not None and whole else {"id": case_id},
        "chain": _chain(seen, events, view.role),
        "timeline": [
            {
                "time": event["time"],
                "type": event["type"],
                "handoff": event["handoff"],
                "note": event["data"].get("text"),
                "text": tell(event["type"], event["data"], names),
            }
            for event in events
        ],
    }


def _case(row: Mapping[str, Any]) -> dict[str, Any]:
    words = {
        "commune": commune_name(row["commune"]),
        "situation": SITUATIONS.get(row["situation"], row["situation"]),
        "stage": STAGES.get(row["stage"] or "", "aucune étape"),
    }
    return {**dict(row), "words": words}


async def _names(conn: Connection, events: Sequence[Mapping[str, Any]], items: Sequence[Any]) -> dict[str, str]:
    named = {str(event["data"].get(field)) for event in events for field in ("partner", "operator", "to")}
    named |= {str(item["operator"]) for item in items}
    return {row["id"]: row["name"] for row in await conn.fetch(_NAMES, sorted(named))}


def _chain(items: Sequence[dict[str, Any]], events: Sequence[Mapping[str, Any]], role: str) -> list[dict[str, Any]]:
    """Steps in the order of the road map, each with its attempts; those nobody has begun are `planned`."""
    steps: dict[str, dict[str, Any]] = {}
    strategies = [event for event in events if event["type"] == CaseStrategyElaborated.TYPE]
    for planned in strategies[-1]["data"].get("steps", ()) if strategies else ():
        steps[planned["step"]] = _planned(planned)
    for item in items:
        if item["kind"] == "step":
            steps[item["step"]] = {**present(item), "handoffs": steps.get(item["step"], {}).get("handoffs", [])}
        else:
            steps.setdefault(item["step"], _planned(item))["handoffs"].append(present(item, role))
    for step in steps.values():
        step["handoffs"].sort(key=lambda handoff: handoff["attempt"])
    return list(steps.values())


def _planned(step: Mapping[str, Any]) -> dict[str, Any]:
    words = {
        "state": STEP_STATES["planned"],
        "need": labels.NEEDS.get(step["need"], step["need"]),
        "actor": labels.ACTORS.get(step["actor"], step["actor"]),
    }
    return {"kind": "step", "step": step["step"], "state": "planned", "words": words, "handoffs": []}
