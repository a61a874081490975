"""Kills services with SIGKILL at random instants while cases stream through, then counts what was lost or doubled.

`relais faults` runs it, and so does the fault test. The instants come from a seed, so that a find can be looked for
again.
"""

import sys
from typing import Annotated

from cyclopts import App, Parameter

from relais_cli.output import JsonFlag, give, tell
from relais_cli.stack import foreground
from relais_cli.stack.passing import passing

app = App(name="faults", help="Kill, cut and crowd things, and count what was lost or given twice.")
app.command("relais_cli.faults.places:main", name="places", help="Let many people run for the same few places.")


@app.default
def main(
    *,
    cases: Annotated[int, Parameter(help="How many cases stream through.")] = 2000,
    kills: Annotated[int, Parameter(help="How many times a service is killed.")] = 12,
    seed: Annotated[int, Parameter(help="Which random instants.")] = 1,
    as_json: JsonFlag = False,
) -> int:
    """Kill each service at random instants during a stream of cases; exit 1 when a number does not add up."""
    return foreground.run(_main(cases, kills, seed, as_json))


async def _main(cases: int, kills: int, seed: int, as_json: bool) -> int:
    from relais_cli.faults import storm

    # not durable: the database is not killed here
    async with passing("faults", notifications=storm.NOTIFICATIONS, durable=False, tell=tell) as stack:
        result = await storm.ride_out(stack, cases, kills, seed)
    give(result.figures, as_json)
    for line in result.wrong:
        print(f"does not add up: {line}", file=sys.stderr)
    return 1 if result.wrong else 0
