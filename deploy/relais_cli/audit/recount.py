"""`relais audit recount`: forgets the sums, so that routing makes them again from the stored decisions.

What was measured when a decision was first counted is kept. It counts nothing itself.
"""

from relais_cli.operations import in_transaction
from relais_cli.output import tell
from relais_routing.impartiality import store


def recount() -> None:
    """Let routing count every decision anew; the sums are whole again once it has."""
    in_transaction("routing", store.forget)
    tell("forgotten; routing counts from the first decision on")
