"""Every edition of INSEE's zonings that was ever laid over the communes, each in a file that its name finds again.

`relais territories import` keeps them; `relais decisions replay` asks for the one that a decision record names. The
services match by the file of `overlay` alone.
"""

import re
from pathlib import Path
from typing import Final

from relais_territories.france import France
from relais_territories.overlay import overlaid

NAME: Final = re.compile(r"[A-Z0-9-]+-[0-9a-f]{8}")
"""Editions and checksum, as `BV2022-ZE2020-5ac91276`."""


def keep(file: Path, folder: Path) -> France:
    """Keep a file that `overlaid` reads, under the name of its editions; ValueError where it does not read."""
    france = overlaid(file)
    kept = folder / f"{_name(france.version)}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    new = kept.with_suffix(".new")
    new.write_bytes(file.read_bytes())
    new.replace(kept)
    return france


def edition(version: str, folder: Path, latest: Path) -> France | None:
    """France as of a `France.version`, by the editions of a folder or by the latest file; none where it is not there.

    A file that was changed since is of another version, and so is the built-in table of another release.
    """
    plain = France()
    if version == plain.version:
        return plain
    name = _name(version)
    files = [folder / f"{name}.csv", latest] if NAME.fullmatch(name) else []
    for file in files:
        if file.exists() and (found := _read(file)) is not None and found.version == version:
            return found
    return None


def _read(file: Path) -> France | None:
    try:
        return overlaid(file)
    except ValueError:  # it was changed since: no edition
        return None


def _name(version: str) -> str:
    return version.rpartition("+")[2]
