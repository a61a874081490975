"""`relais dlq`: the dead letters of a service, read and taken up again by a person.

Replaying leaves word only; the running service takes the letter up and its state answers.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cyclopts import App

from relais_chassis import dead_letters
from relais_chassis.dead_letters import Letter, UnknownLetter
from relais_chassis.postgres import Connection
from relais_cli.operations import Service, in_transaction
from relais_cli.output import JsonFlag, Stopped, give, give_table

app = App(name="dlq", help="List, show and replay dead letters.")
T = TypeVar("T")
COLUMNS = ("id", "state", "topic", "stream", "sequence", "waiting", "at", "reason")


@app.command(name="list")
def list_(service: Service, *, all: bool = False, limit: int = 100, as_json: JsonFlag = False) -> int:
    """The oldest letters of a service that are still open.

    Parameters
    ----------
    all
        Those replayed or discarded too.
    limit
        How many at most.
    """
    states = ("open", "again", "replayed", "discarded") if all else dead_letters.OPEN
    letters = _in(service, lambda conn: dead_letters.list_letters(conn, states, limit))
    give_table(COLUMNS, [_row(letter) for letter in letters], as_json)
    return 0


@app.command
def show(service: Service, letter: int, *, as_json: JsonFlag = False) -> int:
    """One letter, with its original bytes and headers."""
    found = _in(service, lambda conn: dead_letters.show(conn, letter))
    record = found.record
    content = {
        **dict(zip(COLUMNS, _row(found), strict=True)),
        "partition": record.partition,
        "offset": record.offset,
        "key": _readable(record.key),
        "headers": {name: _readable(value) for name, value in record.headers},
        "value": _readable(record.value),
    }
    give(content, as_json)
    return 0


@app.command
def replay(service: Service, letter: int) -> int:
    """Ask the running service to take a letter up again, and all that waits behind it."""
    _in(service, lambda conn: dead_letters.replay(conn, letter))
    return 0


@app.command
def discard(service: Service, letter: int) -> int:
    """Give a letter up: its stream goes on as if it had been applied."""
    _in(service, lambda conn: dead_letters.discard(conn, letter))
    return 0


def _in(service: Service, work: Callable[[Connection], Awaitable[T]]) -> T:
    try:
        return in_transaction(service, work)
    except UnknownLetter as unknown:
        raise Stopped(str(unknown)) from None


def _row(letter: Letter) -> tuple[object, ...]:
    at = letter.at.isoformat(timespec="seconds")
    return (
        letter.id,
        letter.state,
        letter.record.topic,
        letter.stream,
        letter.sequence,
        letter.waiting,
        at,
        letter.reason,
    )


def _readable(value: bytes | None) -> str | None:
    """Text where it is text, else base64."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(value).decode()}"
