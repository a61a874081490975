"""All routes × all roles × one's own, a stranger's, a namesake's and nobody's: somebody else's is never shown.

The routes come from the services' OpenAPI documents, what is right from `rights`.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

import builders as a
from relais_chassis import clock
from relais_contracts.cases import Contact
from relais_contracts.codec import STRUCTURED
from relais_intake.directory.adapters.lines import line_of
from relais_routing.chain.calendar import PARIS
from system.whole.rights import ROLES, RULES, SHAPES, Key, Rule
from system.whole.world import DIRECTORY, NDJSON, Scene, World, event

CONTACT: Final = Contact(name="Zoé Quidam", phone="+33 6 99 98 97 96", preferred="phone")
NOTE: Final = "une note pour les deux bouts"
SERVICES: Final = ("intake", "routing", "notifications")


@dataclass
class Holdings:
    """What one operator and one partner hold, by role where it differs; and what names it in any answer."""

    scene: Scene
    partner: str
    coordinator: tuple[str, ...]
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def orgs(self) -> dict[str, str]:
        """Who is who."""
        orgs = {"operator": self.scene.operator, "partner": self.partner, "directory": DIRECTORY}
        return {**dict.fromkeys(ROLES, "somebody"), **orgs}

    @property
    def marks(self) -> list[str]:
        """Texts by which it would be recognised."""
        own = [self.scene.operator, self.partner, str(CONTACT.name), str(CONTACT.phone), NOTE]
        return [*own, *self.ids["partner"].values(), *self.ids["operator"].values()]

    def who(self, role: str) -> dict[str, str]:
        """Its own in a role."""
        return self.scene.world.who(role, self.orgs[role], self.coordinator)


async def holdings(scene: Scene, name: str, *coordinator: str) -> Holdings:
    """A case with a contact, accepted, with a note, webhooks at both ends and deliveries."""
    partner = await scene.partner(name)
    held = Holdings(scene, partner, coordinator)
    endpoints = {role: await _endpoint(held, role) for role in ("operator", "partner")}
    case = await scene.case(opened={"contact": CONTACT})
    proposed = await scene.told(partner, "handoff.proposed", case)
    await scene.act(partner, proposed["handoff"], "accept")
    await scene.act(partner, proposed["handoff"], "note", note=NOTE)
    await scene.told(partner, "handoff.noted", case)
    (kept,) = await scene.world.rows('select id from intake.note where "case" = $1', case)
    query = "select source, id from intake.inbox where org = $1 limit 1"
    (message,) = await scene.world.rows(query, scene.operator)
    common = {"handoff": proposed["handoff"], "case": case, "case_id": case, "text": kept["id"]}
    common |= {"decision": proposed["decision"], "source": message["source"], "message": message["id"]}
    for role, endpoint in endpoints.items():
        query = "select id::text from notifications.delivery where endpoint = $1::text::uuid limit 1"
        delivery = await scene.world.rows(query, endpoint)
        held.ids[role] = {**common, "endpoint": endpoint, "delivery": delivery[0]["id"]}
    return held


async def _endpoint(held: Holdings, role: str) -> str:
    body = {"url": f"http://127.0.0.1:9/{held.orgs[role]}", "description": "essai"}
    made = await held.scene.world.ask("notifications", "POST", "/v1/endpoints", held.who(role), json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture
async def two(doors: World) -> tuple[Holdings, Holdings]:
    """The owner, and the stranger who holds as much."""
    owner = await holdings(Scene(doors), "owner", "departement:71")
    return owner, await holdings(Scene(doors), "stranger", "departement:59")


def nobodys() -> dict[str, str]:
    """Ids of nothing."""
    names = ("handoff", "case", "case_id", "decision", "endpoint", "delivery", "text", "message")
    return {**{name: str(uuid4()) for name in names}, "source": "/nobody"}


def content(rule: Rule, ids: dict[str, str], asker: str, offer: str) -> dict[str, Any]:
    """The body of a request about these ids, and its media type."""
    match rule.body:
        case "event":
            said = event(a.clarified(), ids["case"], asker)
            return {"content": json.dumps(said).encode(), "headers": {"content-type": STRUCTURED}}
        case "action":
            return {"json": {"id": str(uuid4()), "action": "note", "note": str(uuid4())}}
        case "line":
            line = line_of(a.places(offer=offer, at=clock.now()), asker)
            return {"content": line, "headers": {"content-type": NDJSON}}
        case "options":
            reach = {"means": ["car"], "reach_minutes": 60}
            wish = {"actor": "training-body", "need": a.NEED}
            return {"json": {"commune": a.MACON, "mobility": reach, "wishes": [wish]}}
        case "endpoint":
            return {"json": {"url": "http://127.0.0.1:9/new", "description": "essai"}}
        case "since":
            return {"json": {"since": "2026-01-01T00:00:00Z"}}
        case _:
            return {}


async def ask(
    world: World, key: Key, who: dict[str, str], asker: str, ids: dict[str, str], offer: str, more: str = ""
) -> httpx.Response:
    """One request; of a stream, what comes first."""
    (service, method, path), rule = key, RULES[key]
    kind = "delivery" if "deliveries" in path else "endpoint" if "endpoints" in path else "decision"
    day = clock.now().astimezone(PARIS).date().isoformat()
    where = path.format(**{**SHAPES, "day": day, **ids, "id": ids[kind]})
    query = "&".join(filter(None, (rule.query.format(**ids), more)))
    url = f"{where}?{query}" if query else where
    if path.endswith("/stream"):
        async with world.http.stream("GET", world.stack.url(service) + url, headers=who) as answer:
            first = next(iter([part async for part in _until_told(answer)]))
            return httpx.Response(answer.status_code, content=first)
    return await world.ask(service, method, url, who, **content(rule, ids, asker, offer))


async def _until_told(answer: httpx.Response) -> AsyncIterator[bytes]:
    told = b""
    async for part in answer.aiter_bytes():
        told += part
        if b"\n\n" in told and b"snapshot" in told:
            break
    yield told


async def documented(world: World) -> dict[Key, Any]:
    """Every route of the three documents."""
    found: dict[Key, Any] = {}
    for service in SERVICES:
        paths = (await world.ask(service, "GET", "/openapi.json")).json()["paths"]
        found |= {(service, method.upper(), path): each for path, by in paths.items() for method, each in by.items()}
    return found


async def test_every_route_of_the_documents_has_a_rule(doors: World) -> None:
    found = await documented(doors)
    assert set(found) == set(RULES)
    for key, operation in found.items():
        if "x-roles" in operation:
            assert set(operation["x-roles"]) == set(RULES[key].own), key


async def test_nobody_is_answered_without_a_token(doors: World) -> None:
    for key, rule in RULES.items():
        answer = await ask(doors, key, {}, "nobody", nobodys(), "no-offer")
        assert answer.status_code == rule.without_token, key


@pytest.mark.timeout(240)
async def test_somebody_elses_is_never_shown_and_ones_own_is(two: tuple[Holdings, Holdings]) -> None:
    owner, stranger = two
    world, faults = owner.scene.world, list[str]()
    for key, rule in RULES.items():
        for role in ROLES:
            faults += await foreign(world, key, rule, role, owner, stranger)
            if rule.one_object:
                answer = await ask(world, key, stranger.who(role), stranger.orgs[role], nobodys(), "no-offer.o")
                if rule.status(answer) not in rule.missing:
                    faults.append(f"{key} {role}, nobody's: {answer.status_code} {answer.text[:200]}")
            faults += await own(world, key, rule, role, owner)
    assert not faults, "\n".join(faults)


async def own(world: World, key: Key, rule: Rule, role: str, owner: Holdings) -> list[str]:
    """What a role gets for its own: what the rule says, 403 for the others."""
    ids = owner.ids.get(role, owner.ids["partner"])
    answer = await ask(world, key, owner.who(role), owner.orgs[role], ids, f"{owner.partner}.o")
    expected = rule.own.get(role, 403)
    got = rule.status(answer)
    return [] if got == expected else [f"{key} {role}, own: {got} instead of {expected}: {answer.text[:300]}"]


async def foreign(world: World, key: Key, rule: Rule, role: str, owner: Holdings, stranger: Holdings) -> list[str]:
    """A stranger in the same role, and a namesake: the owner's organisation in a role that it has not."""
    if role in rule.sees_all or rule.public:
        return []
    faults: list[str] = []
    filters = f"operator={owner.scene.operator}", f"partner={owner.partner}", ""
    other_end = owner.partner if role == "operator" else owner.scene.operator
    namesake = world.who(role, other_end, ("departement:59",))
    for name, who, org in (
        ("stranger", stranger.who(role), stranger.orgs[role]),
        ("namesake", namesake, other_end),
    ):
        if name == "namesake" and (rule.by_organisation or not rule.one_object):
            continue
        if org == DIRECTORY:
            who, org = world.who(role, "another-directory"), "another-directory"
        for ids in (owner.ids["operator"], owner.ids["partner"]):
            for more in filters if "/board" in key[2] else ("",):
                answer = await ask(world, key, who, org, ids, f"{owner.partner}.o", more)
                shown = [mark for mark in owner.marks if mark in answer.text.replace(f"{owner.partner}.o", "")]
                is_let_in = rule.one_object and rule.status(answer) not in (403, 404)
                if shown or is_let_in or answer.status_code >= 500:
                    faults.append(f"{key} {role}, {name} {more}: {answer.status_code} {shown} {answer.text[:300]}")
    return faults
