"""The picture of `bench matching`: p50 and p99 by the size of the directory, both axes by powers of ten.

One panel a series, one colour a way of choosing. It computes nothing.
"""

from pathlib import Path
from typing import Any, Final

from relais_cli.bench.picture import INK, SPREAD, style

SHOWN: Final = {
    "match": ("match", "#2f6f8f"),
    "record": ("match and record", "#7a4f9a"),
    "sql": ("SQL", "#b5651d"),
    "loop": ("loop", "#9aa5b1"),
}
AIM: Final = 200


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw all series beside each other."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    rows = [row for row in result["rows"] if row.get("kind") in SHOWN and "percent" in row]
    series = list(dict.fromkeys(row["series"] for row in rows))
    with plt.rc_context(style()):
        figure, panels = plt.subplots(1, len(series), figsize=(8, 3.4), layout="constrained", sharey=True)
        for axes, name in zip(panels, series, strict=True):
            for kind, (label, colour) in SHOWN.items():
                for percent, dashes in ((50, "-"), (99, "--")):
                    points = [r for r in rows if (r["series"], r["kind"], r["percent"]) == (name, kind, percent)]
                    if points:
                        where, times = [r["offers"] for r in points], [r["value"] for r in points]
                        axes.plot(
                            where, times, dashes, color=colour, marker="o", markersize=3, label=f"{label}, p{percent}"
                        )
            axes.axhline(AIM, color=SPREAD, linewidth=0.8, linestyle=":")
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.minorticks_off()
            axes.set_title(name, fontsize=9, color=INK)
            axes.set_xlabel("offers", color=INK)
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].set_ylabel(f"µs a choice (dotted: {AIM})", color=INK)
        panels[-1].legend(frameon=False, fontsize=7, loc="upper left")
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
