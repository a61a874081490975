"""`relais directory generate`: writes an invented directory of any size, as `POST /v1/directory` takes it.

Line by line, so that a country needs no more memory than a village. It sends nothing and needs nothing running.
"""

import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

from relais_cli.output import Stopped, tell


def generate(
    *,
    offers: int = 100_000,
    partners: int | None = None,
    seed: int = 1,
    region: str | None = None,
    day: date | None = None,
    organisation: str = "directory",
    out: Path | None = None,
) -> int:
    """Write an invented directory of a country: NDJSON lines, the same for the same seed and day.

    Parameters
    ----------
    offers
        So many offers, about 3 % of which are others declared once more by a second source.
    partners
        Of so many organisations; three for ten offers unless given.
    seed
        Another number gives another directory.
    region
        Only within a région, by its code, such as 27.
    day
        The day that dates, sessions and closures lie around; today unless given.
    organisation
        Whose directory this is: the one that will import it.
    out
        The file to write; standard output unless given.
    """
    from relais_cli.generator.country import Order, directory
    from relais_intake.directory.adapters.lines import line_of

    today = day or datetime.now(UTC).date()
    order = Order(offers, max(1, offers * 3 // 10) if partners is None else partners, today, seed, region)
    written = count()
    try:
        with out.open("wb") if out else nullcontext(sys.stdout.buffer) as file:
            for entry in directory(order):
                file.write(line_of(entry, organisation) + b"\n")
                next(written)
    except (ValueError, OSError) as failure:
        raise Stopped(str(failure), 2) from None
    tell(f"{next(written):,} entries written")
    return 0
