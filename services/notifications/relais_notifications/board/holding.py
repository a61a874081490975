"""Which place of its offer a proposal takes: the undated one, or that of a dated session.

Called after a batch's rows and places are written. No event names the place, so it is found by the rule that routing
reserves by: the best state first, then the earliest. It reserves nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from relais_chassis.postgres import Connection
from relais_contracts.handoffs import HandoffProposed
from relais_notifications.board.story import PARIS

HOLDS: Final = """
i.place = p.place AND i.state NOT IN ('declined', 'lapsed', 'cancellation-requested', 'cancelled')
AND (i.state = 'proposed' OR i.answered > p.at)
"""
"""Whether the hand-off `i` takes one of the number declared of the place `p`: who had accepted by then is in it."""

_DATED: Final = "SELECT DISTINCT offer FROM board_place WHERE offer = ANY($1) AND starts IS NOT NULL"
_TAKE: Final = f"""
UPDATE board_item SET place = coalesce((
    SELECT p.place
    FROM board_place p, LATERAL (
        SELECT p.number - count(*) AS free FROM board_item i WHERE {HOLDS} AND i.id <> $1) AS room
    WHERE p.offer = $2 AND (p.starts IS NULL OR p.starts >= $3)
    ORDER BY p.state = 'full' OR (p.state <> 'waiting-list' AND coalesce(room.free, 1) <= 0),
        array_position(ARRAY['open', 'assessment', 'waiting-list', 'full'], p.state), p.starts NULLS FIRST
    LIMIT 1), offer)
WHERE id = $1
"""


async def take(conn: Connection, proposed: Sequence[tuple[datetime, HandoffProposed]]) -> None:
    """Let each proposal (when, what), in this order, take a place of its offer where that has dated sessions."""
    if not proposed:
        return
    dated = {offer for (offer,) in await conn.fetch(_DATED, list({told.offer for _, told in proposed}))}
    for at, told in proposed:
        if told.offer in dated:
            await conn.execute(_TAKE, told.handoff, told.offer, at.astimezone(PARIS).date())
