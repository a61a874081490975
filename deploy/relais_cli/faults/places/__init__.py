"""`relais faults places`: many people want the same few places at once, and never is one too many given.

Fifty operators, three workers of routing, real broker and database. What came of it is judged from routing's log.
"""

import sys
from typing import Annotated, Final

from cyclopts import Parameter

from relais_cli.output import JsonFlag, give, tell
from relais_cli.stack import foreground
from relais_cli.stack.passing import passing

WORKERS: Final = 3
POLICY: Final = """version = "places"
day_seconds = 4
reminder = 3

[clocks]
answer = 1
schedule = 10000
report = 10000
outcome = 10000
cancellation = 10000
choice = 10000
"""
"""Who keeps silent lapses after four seconds; no other clock has anything to say."""


def main(
    *,
    rounds: Annotated[int, Parameter(help="How many offers of ten places are run for.")] = 1000,
    together: Annotated[int, Parameter(help="How many of them at once.")] = 50,
    seed: Annotated[int, Parameter(help="Who answers what.")] = 1,
    as_json: JsonFlag = False,
) -> int:
    """Let fifty people at a time run for ten places, with declines, lapses and cancellations; exit 1 at an eleventh."""
    return foreground.run(_main(rounds, together, seed, as_json))


async def _main(rounds: int, together: int, seed: int, as_json: bool) -> int:
    from relais_cli.faults.places import crowd

    async with passing(
        "places",
        policy=POLICY,
        services=("intake", "routing"),
        workers={"routing": WORKERS},
        durable=False,  # nothing is killed here
        tell=tell,
    ) as stack:
        result = await crowd.run(stack, rounds, together, seed, tell)
    give(result.figures, as_json)
    for line in result.wrong:
        print(f"does not hold: {line}", file=sys.stderr)
    return 1 if result.wrong else 0
