"""`relais decisions verify`: a decision checked from its record, its day's draw and the event received.

Asks routing's doors, as its operator or coordinator would, or reads files and needs nothing else. It believes neither.
"""

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from relais_cli import running
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_cli.tokens import issue_token
from relais_routing.matching.verify import Check, OtherRules, Published
from relais_routing.matching.verify import verify as checked

MARKS = {True: "✓", False: "✗", None: "–"}


def verify(
    id: str | None = None,
    *,
    record: Path | None = None,
    draw: Path | None = None,
    secret: str | None = None,
    event: Path | None = None,
    token: str | None = None,
    as_json: JsonFlag = False,
) -> int:
    """Draw a decision's lottery again from what is public; exit 1 when something does not hold, 2 when it is too early.

    Parameters
    ----------
    id
        The decision: routing is asked for its record and for its day's draw.
    record
        Or a file with what GET /v1/decisions/{id} answered; no service is asked then.
    draw
        A file with what GET /v1/draws/{day} answered.
    secret
        Or the secret alone, in hex: when the draw was committed, and to what, is then taken from nobody.
    event
        A file with the handoff.proposed (or step.unmet) that was received: does its seal fit the record?
    token
        A token of the operator, or of a coordinator; also by RELAIS_TOKEN.
    """
    try:
        if id is not None:
            stored, published, revealed_from = _asked(id, token)
        else:
            stored, published, revealed_from = _given(record, draw, secret)
        received = json.loads(event.read_text()) if event else None
        checks = checked(stored, published, received) if published else [_unpublished(stored["day"])]
    except OtherRules as other:
        raise Stopped(f"this version cannot judge it: {other}", 2) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        raise Stopped(f"this is no decision record with its draw: {failure!r}", 2) from None
    holds = all(check.holds is not False for check in checks)
    _show(checks, holds, as_json)
    if holds and published is not None and published.secret is None:
        raise Stopped(
            f"the draw of {published.day} cannot be checked before {revealed_from}: then its secret is out", 2
        )
    return 0 if holds else 1


def _asked(id: str, token: str | None) -> tuple[dict[str, Any], Published | None, str]:
    """The record and its day's draw, from routing."""
    routing = os.environ.get("RELAIS_ROUTING_URL") or running.described()["routing"]
    bearer = token or os.environ.get("RELAIS_TOKEN") or issue_token("coordinator", "relais", ("country:FR",), days=0.01)
    with httpx.Client(base_url=routing, headers={"Authorization": f"Bearer {bearer}"}, timeout=30) as client:
        answer = client.get(f"/v1/decisions/{id}")
        if answer.status_code != 200:
            raise Stopped(f"routing answered {answer.status_code}: {answer.text[:500]}", 2)
        stored = answer.json()
        drawn = client.get(f"/v1/draws/{stored['day']}")
    if drawn.status_code == 404:
        return stored, None, ""
    return stored, *_published(drawn.json())


def _given(record: Path | None, draw: Path | None, secret: str | None) -> tuple[dict[str, Any], Published, str]:
    """The record and its draw, from files."""
    if record is None or (draw is None) == (secret is None):
        raise Stopped("give a decision's id, or --record with --draw or --secret", 2)
    stored = json.loads(record.read_text())
    if draw is not None:
        return stored, *_published(json.loads(draw.read_text()))
    day = date.fromisoformat(stored["day"])
    return stored, Published(day, stored["commitment"], None, bytes.fromhex(secret or "")), ""


def _published(told: dict[str, Any]) -> tuple[Published, str]:
    committed, secret = told.get("committed_at"), told.get("secret")
    draw = Published(
        date.fromisoformat(told["day"]),
        told["hash"],
        datetime.fromisoformat(committed) if committed else None,
        bytes.fromhex(secret) if secret else None,
    )
    return draw, told.get("revealed_from", "the day is over")


def _unpublished(day: str) -> Check:
    return Check("commitment", False, f"no draw was ever committed for {day}")


def _show(checks: list[Check], holds: bool, as_json: bool) -> None:
    if as_json:
        give({"holds": holds, "checks": [check._asdict() for check in checks]}, True)
        return
    for check in checks:
        (complain if check.holds is False else print)(f"{MARKS[check.holds]} {check.name:<10}  {check.says}")
