"""A decision checked by public inputs alone: its record, the day's commitment and secret, the event that was received.

Anybody may do it, without a database. It recomputes whatever the record allows and takes nothing on trust that it can
compute; that no candidate was left out is for `replay`, which has the directory of then.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from relais_routing.matching import rules
from relais_routing.matching.consistency import place_of, strange
from relais_routing.matching.draw import Draw, commitment
from relais_routing.matching.record import FORMAT, Record, in_order
from relais_routing.matching.room import tickets
from relais_routing.matching.seal import canonical, digest

Event = Mapping[str, Any]
"""A `handoff.proposed` or `step.unmet` as received: a structured CloudEvent."""


class Published(NamedTuple):
    """A day's draw as published; none: not known (`committed_at`), not revealed yet (`secret`)."""

    day: date
    hash: str
    committed_at: datetime | None = None
    secret: bytes | None = None


class Check(NamedTuple):
    """One thing looked at: it holds, does not hold, or (none) cannot be told from what was given."""

    name: str
    holds: bool | None
    says: str


class OtherRules(Exception):
    """The record was made by rules that this version does not know."""


def verify(record: Record, draw: Published, event: Event | None = None) -> list[Check]:
    """Everything that can be checked; raises OtherRules, and KeyError or ValueError where it is no record."""
    made_by = record["format"], record["rules"]
    if made_by != (FORMAT, rules.VERSION):
        raise OtherRules(f"made by format {made_by[0]}, rules {made_by[1]}; known here: {FORMAT}, {rules.VERSION}")
    return [
        _commitment(record, draw),
        _time(record, draw),
        _secret(draw),
        _order(record, draw),
        _candidates(record),
        _chosen(record),
        *_seal(record, event),
    ]


def wrong(checks: list[Check]) -> list[str]:
    """What does not hold."""
    return [check.says for check in checks if check.holds is False]


# The draw


def _commitment(record: Record, draw: Published) -> Check:
    if (record["commitment"], record["day"]) == (draw.hash, draw.day.isoformat()):
        return Check("commitment", True, f"the record names the commitment published for {draw.day}")
    return Check("commitment", False, f"the record names another commitment than the one published for {draw.day}")


def _time(record: Record, draw: Published) -> Check:
    if draw.committed_at is None:
        return Check("time", None, "when the draw was committed was not given")
    now, committed = datetime.fromisoformat(record["request"]["now"]), draw.committed_at
    order = "after" if committed <= now else "before"
    says = f"decided on {_moment(now)}, {order} its draw was committed on {_moment(committed)}"
    return Check("time", committed <= now, says)


def _secret(draw: Published) -> Check:
    if draw.secret is None:
        return Check("secret", None, f"the secret of {draw.day} is not out yet")
    if commitment(draw.secret) == draw.hash:
        return Check("secret", True, "the secret is the one committed to")
    return Check("secret", False, "the secret is not the one committed to")


def _order(record: Record, draw: Published) -> Check:
    """The lots drawn again: one a service, by the first id of its cluster, then one a listing; the smallest wins."""
    if draw.secret is None:
        return Check("order", None, "no lot can be drawn again without the secret")
    request = record["request"]
    lot = Draw(draw.day, draw.secret).lots(request["case"], request["actor"], request["need"])
    order = []
    for candidate in in_order(record):
        offer, weight = candidate["offer"], tickets(candidate["free"])
        service = candidate.get("cluster", [offer])
        lots = lot(service[0], weight), lot.listing(service, offer, weight)
        order.append((*place_of(candidate, request), *lots, offer))
    if order == sorted(order):
        return Check("order", True, f"drawn again, the order is the same ({len(order)} candidates)")
    return Check("order", False, "the candidates are not in the order of the draw")


# The choice


def _candidates(record: Record) -> Check:
    found = next(strange(record), None)
    return Check("candidates", found is None, found or "each candidate answers what was asked")


def _chosen(record: Record) -> Check:
    candidates = record["candidates"]
    if record["chosen"] != (candidates[0]["offer"] if candidates else None):
        return Check("chosen", False, "the chosen one is not the first")
    if (record["chosen"] is None) == (record["unmet"] is None):
        return Check("chosen", False, "the record says both that somebody was chosen and that nobody could be")
    return Check("chosen", True, "the chosen one is the first" if candidates else "nobody could be chosen")


# The event that was received


def _seal(record: Record, event: Event | None) -> Iterator[Check]:
    if event is None:
        yield Check("seal", None, "the event of the choice was not given")
        return
    data = event["data"]
    if data.get("record") is None:
        yield Check("seal", None, "the event carries no seal")
    else:
        holds = data["record"] == digest(canonical(record))
        says = (
            "the record is the one that the event seals" if holds else "the record is not the one that the event seals"
        )
        yield Check("seal", holds, says)
    yield _event(record, event["subject"], data)


def _event(record: Record, case: str, data: Mapping[str, Any]) -> Check:
    """What the event says in the open is what the record says."""
    request = record["request"]
    pairs: list[tuple[str, Any, Any]] = [
        ("case", case, request["case"]),
        ("step", data["step"], request["step"]),
        ("offer", data.get("offer"), record["chosen"]),
        ("reason", data.get("reason"), record["unmet"]),
    ]
    if data.get("commitment"):
        pairs.append(("commitment", data["commitment"]["hash"], record["commitment"]))
    other = [name for name, said, recorded in pairs if said != recorded]
    if other:
        return Check("event", False, f"event and record differ: {', '.join(other)}")
    return Check("event", True, "event and record say the same")


def _moment(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")
