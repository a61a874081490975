"""How much memory this process holds, and the most it has held since it was last asked to forget.

From Linux' own account of the process; it measures no other.
"""

from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")
FORGET: Final = Path("/proc/self/clear_refs")


def resident() -> int:
    """Bytes held now."""
    return _line("VmRSS")


def peak() -> int:
    """The most bytes held since `forget`."""
    return _line("VmHWM")


def forget() -> None:
    """Begin a new peak; where the system does not allow it, the peak is that of the whole process."""
    if FORGET.exists():
        FORGET.write_text("5")


def _line(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
