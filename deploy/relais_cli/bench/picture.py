"""The picture of a benchmark: each ratio as a bar from nought, its spread as a line.

Small and plain, for the documentation. It computes nothing.
"""

from pathlib import Path
from typing import Any, Final

INK: Final = "#1f2d3d"
OURS: Final = "#2f6f8f"
SPREAD: Final = "#9aa5b1"


def style() -> Any:
    """How every picture is set: letters stay letters, and the same figures give the same file."""
    return {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "svg.hashsalt": "relais"}


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw the ratios to the first row, longest name first; nothing where nothing is compared."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    base = result["rows"][0]["name"]
    rows = [row for row in result["rows"] if row.get("ratio_to") == base][::-1]
    if not rows:
        return
    with plt.rc_context(style()):
        figure, axes = plt.subplots(figsize=(8, 0.9 + 0.34 * len(rows)), layout="constrained")
        names, ratios = [row["name"] for row in rows], [row["ratio"] for row in rows]
        around = [
            [row["ratio"] - row["ratio_low"] for row in rows],
            [row["ratio_high"] - row["ratio"] for row in rows],
        ]
        axes.barh(names, ratios, color=OURS, height=0.6, xerr=around, error_kw={"ecolor": SPREAD, "capsize": 2})
        for place, row in enumerate(rows):
            axes.text(row["ratio_high"], place, f"  {row['ratio']:.2f}", va="center", color=INK)
        axes.axvline(1, color=INK, linewidth=0.8)
        axes.set_xlim(0, max(1.1, *(row["ratio_high"] * 1.12 for row in rows)))
        axes.set_xlabel(f"1 = {base}", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
