"""The picture of an audit: the share each received as a point, on the band that honest draws would keep it in.

Worst first, as the table. It computes nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from relais_routing.impartiality.counts import Period
from relais_routing.impartiality.report import Row

INK: Final = "#1f2d3d"
BAND: Final = "#cfdbe4"
WITHIN: Final = "#2f6f8f"
OUTSIDE: Final = "#a3262a"
ROWS: Final = 40
WORDS: Final = {"partner": "", "group": "group ", "operator": "own group of "}


def draw(rows: Sequence[Row], period: Period, path: Path) -> None:
    """Draw up to `ROWS` rows into a file whose name says its kind."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    shown = list(rows[:ROWS])[::-1]
    style: Any = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "svg.hashsalt": "relais"}
    with plt.rc_context(style):
        figure, axes = plt.subplots(figsize=(9, 1.1 + 0.3 * max(1, len(shown))), layout="constrained")
        for place, row in enumerate(shown):
            share = row.to_json()
            axes.barh(
                place, share["most_share"] - share["least_share"], left=share["least_share"], color=BAND, height=0.6
            )
            axes.plot([share["expected_share"]] * 2, [place - 0.3, place + 0.3], color=INK, linewidth=1)
            axes.plot(share["received_share"], place, "o", color=OUTSIDE if row.is_alarm else WITHIN, markersize=5)
        axes.set_yticks(range(len(shown)), [_label(row) for row in shown])
        axes.set_xlim(left=0)
        axes.set_xlabel(
            "share of the decisions it could have been chosen in, % (bar: band, line: eligible, dot: received)"
        )
        axes.set_title(f"Impartiality, {period.since:%Y-%m} to {period.until:%Y-%m}", loc="left", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path)
        plt.close(figure)


def _label(row: Row) -> str:
    where = f" ({row.territory.removeprefix('departement:')})" if row.territory else ""
    return f"{WORDS[row.kind]}{row.name}{where}"
