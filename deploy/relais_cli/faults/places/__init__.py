"""`relais faults places`: many people want the same few places at once, and never is one too many given.

Fifty operators, three workers of routing, real broker and database. What came of it is judged from routing's log.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from relais_cli.output import JsonFlag, Stopped, give, tell
from relais_cli.stack import NotStarted, Stack, foreground

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

    with tempfile.TemporaryDirectory(prefix="relais-places-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        policy = folder / "policy.toml"
        policy.write_text(POLICY)
        stack = Stack(
            folder,
            services=("intake", "routing"),
            workers={"routing": WORKERS},
            kafka=os.environ.get("RELAIS_KAFKA"),
            postgres=os.environ.get("RELAIS_POSTGRES"),
            database=f"relais_places_{os.getpid()}",
            prefix=f"places-{os.getpid()}." if "RELAIS_KAFKA" in os.environ else "",
            service_env={"routing": {"RELAIS_POLICY": str(policy)}},
            durable=False,  # nothing is killed here
            tell=tell,
        )
        try:
            async with stack:
                result = await crowd.run(stack, rounds, together, seed, tell)
        except NotStarted as failure:
            raise Stopped(str(failure)) from None
    give(result.figures, as_json)
    for line in result.wrong:
        print(f"does not hold: {line}", file=sys.stderr)
    return 1 if result.wrong else 0
