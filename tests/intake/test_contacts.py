"""Sealing: opens for its owner only, under any key that is kept, and turns to a new key without a stop."""

import base64

import pytest
from cryptography.exceptions import InvalidTag

import builders as a
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_contracts.cases import Contact
from relais_intake.contacts import store
from relais_intake.contacts.sealing import Seal, Sealed

OLD, NEW = bytes(32), bytes(range(32))
CONTACT = Contact(name="Ada Martin", phone="+33 3 85 00 00 00", preferred="phone")


def test_a_sealed_text_opens_for_its_owner_only() -> None:
    seal = Seal({"2026": OLD})
    kept = seal.seal("case-1", b"secret")
    assert b"secret" not in kept.sealed
    assert seal.open("case-1", kept) == b"secret"
    with pytest.raises(InvalidTag):
        seal.open("case-2", kept)


def test_sealing_twice_never_looks_the_same() -> None:
    seal = Seal({"2026": OLD})
    assert seal.seal("case-1", b"secret") != seal.seal("case-1", b"secret")


def test_an_older_key_still_opens_and_the_first_one_seals() -> None:
    kept = Seal({"2025": OLD}).seal("case-1", b"secret")
    both = Seal({"2026": NEW, "2025": OLD})
    assert both.open("case-1", kept) == b"secret"
    assert both.seal("case-1", b"x").key_id == "2026"
    with pytest.raises(KeyError):
        Seal({"2026": NEW}).open("case-1", kept)


def test_what_was_tampered_with_does_not_open() -> None:
    seal = Seal({"2026": OLD})
    kept = seal.seal("case-1", b"secret")
    with pytest.raises(InvalidTag):
        seal.open("case-1", Sealed(kept.key_id, kept.sealed[:-1] + bytes([kept.sealed[-1] ^ 1])))


@pytest.mark.parametrize("text", ["", "  ", "k", "k:", "k:AAAA", ":" + "A" * 44, "k:not base64!"])
def test_keys_that_are_none_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        Seal.of_setting(text)
    assert "AAAA" not in str(refused.value)


def test_keys_are_read_in_their_order() -> None:
    setting = f"new:{base64.b64encode(NEW).decode()}, old:{base64.b64encode(OLD).decode()}"
    assert Seal.of_setting(setting).current == "new"


def test_a_note_is_referred_to_by_hand_and_content_and_key() -> None:
    seal = Seal({"2026": OLD})
    first = seal.reference("h1", "greta", "late")
    assert first == seal.reference("h1", "greta", "late")
    others = [("h2", "greta", "late"), ("h1", "afpa", "late"), ("h1", "greta", "ill")]
    assert len({first, *(seal.reference(*other) for other in others)}) == 4
    assert first != Seal({"2026": NEW}).reference("h1", "greta", "late")


async def test_what_an_older_key_sealed_is_sealed_anew_and_no_clear_text_is_stored(postgres: str) -> None:
    await migrate(postgres, "intake", "relais_intake")
    old, new = Seal({"old": OLD}), Seal({"new": NEW, "old": OLD})
    async with Database(postgres, "intake") as database:
        async with database.transaction() as conn:
            await store.keep(conn, old, {a.CASE: CONTACT}, a.MONDAY)
            by = ("partner", a.PARTNER)
            await store.keep_note(conn, old, "note-1", a.CASE, a.handoff(), by, "Ada is ill", a.MONDAY)
        assert await store.reseal(database, new) == 2
        assert await store.reseal(database, new) == 0
        async with database.connection() as conn:
            kept = (await store.of_cases(conn, [a.CASE]))[a.CASE]
            note = await conn.fetchrow("select key_id, sealed from note where id = 'note-1'")
        assert store.opened(new, a.CASE, kept) == CONTACT
        assert kept.key_id == note["key_id"] == "new"
        assert new.open("note-1", Sealed(*note)) == b"Ada is ill"
        async with database.transaction() as conn:
            await store.erase(conn, [a.CASE])
            assert await store.of_cases(conn, [a.CASE]) == {}
            assert await conn.fetchval("select count(*) from note") == 0


def test_no_contact_reaches_a_text_form() -> None:
    from relais_intake.store.statements import statement

    said = statement(a.OPERATOR, a.opened(contact=CONTACT))
    assert said.contact == CONTACT
    assert "Ada" not in repr(said)
