"""The only place where the time is read and an id is drawn.

Edges call it and hand the values on inside commands; what is decided never does.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A fresh random id."""
    return uuid4()
