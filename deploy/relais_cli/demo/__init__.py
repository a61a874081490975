"""A day in two territories, played on the real stack: Saône-et-Loire around Louhans, and Lille.

Organisations and people are invented and say so; clocks run by a policy in which a working day lasts some seconds.
Nothing else differs from the real thing.
"""

import sys
from typing import Annotated

from cyclopts import Parameter

from relais_cli.output import JsonFlag
from relais_cli.stack import foreground
from relais_cli.stack.passing import passing

DAY_SECONDS = 1.5
POLICY = f"""version = "demo"
day_seconds = {DAY_SECONDS}
reminder = 3

[clocks]
answer = 5
schedule = 10
report = 2
outcome = 60
cancellation = 3
choice = 5
"""
NOTIFICATIONS = {"RELAIS_WEBHOOKS_ALLOW_PRIVATE": "true", "RELAIS_WEBHOOKS_SCALE": "0.05"}


def main(
    *,
    keep: Annotated[bool, Parameter(negative="")] = False,
    as_json: JsonFlag = False,
    cases: Annotated[int, Parameter(help="How many people come.")] = 120,
) -> int:
    """Play a day: people, counsellors, partners that accept, decline, keep silent or are out of order for a while.

    Parameters
    ----------
    keep
        Leave everything running at the end, with a link to the board, until Ctrl-C.
    """
    return foreground.run(_main(keep, as_json, cases))


async def _main(keep: bool, as_json: bool, cases: int) -> int:
    from relais_cli.demo import play, screen

    shown = screen.Screen(sys.stderr)
    async with passing("demo", policy=POLICY, notifications=NOTIFICATIONS, tell=shown.tell) as stack:
        summary = await play.a_day(stack, cases, DAY_SECONDS, shown)
        shown.give(summary, as_json)
        if keep:
            await shown.keep_open(stack)
        return 1 if summary.wrong else 0
