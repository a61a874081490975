"""`relais bench`: measures side by side with what one would use instead, on a broker and a database of its own.

Prints ratios with their spread and writes `build/bench/`. It judges nothing and leaves nothing behind.
"""

from typing import Literal

from relais_cli.output import JsonFlag, Stopped


def main(
    name: Literal["routing", "matching"] | None = None,
    *,
    quick: bool = False,
    rounds: int | None = None,
    as_json: JsonFlag = False,
) -> int:
    """Measure, side by side with what one would use instead; without a name, everything.

    Figures land in `build/bench/NAME.json`, with a picture beside it.

    Parameters
    ----------
    quick
        A few messages and one round, to see that it works: its figures mean nothing (`build/bench/NAME-quick.json`).
    rounds
        How many rounds, instead of the usual number.
    """
    from relais_cli.bench.running import run
    from relais_cli.bench.wrong import Wrong
    from relais_cli.stack import NotStarted, foreground

    try:
        return foreground.run(run([name] if name else ["routing", "matching"], quick, rounds, as_json))
    except (NotStarted, Wrong) as failure:
        raise Stopped(str(failure)) from None
