"""`relais directory import`: sends files of organisations and offers to intake's door, in the formats it adapts.

Judges nothing: an adapter turns rows into directory events, intake answers line by line, in order. No file is ever
whole in memory.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import httpx

from relais_cli import running
from relais_cli.directory.reading_files import Files, opened
from relais_cli.directory.reporting import Reporting
from relais_cli.directory.sending import Door
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_cli.tokens import issue_token
from relais_contracts.codec import Unreadable
from relais_contracts.directory import OfferWithdrawn, PartnerWithdrawn
from relais_intake.directory.adapters.files import lines
from relais_intake.directory.adapters.lines import Cut, Left, line_of

MANY: Final = 10
"""That more than one in so many is gone has to be said: a file cut between two lines looks like a whole one."""


def import_(
    *files: Path,
    organisation: str = "directory",
    token: str | None = None,
    reading: tuple[Path, ...] = (),
    report: Path | None = None,
    complete: bool = False,
    withdraw_many: bool = False,
    as_json: JsonFlag = False,
) -> int:
    """Send files of organisations and offers; exit 1 when something of them was left out, refused or cut off.

    Parameters
    ----------
    files
        Our own lines (NDJSON, a CloudEvent each), data·inclusion v1 (JSON), a flat list of services (JSON), or a
        table with a known header (CSV).
    organisation
        Whose directory this is; a local token is issued for it.
    token
        Or a token of one's own; also by RELAIS_TOKEN.
    reading
        A TOML file that says how a table of one's own is read; may be given several times.
    report
        Write one NDJSON line a row there: file, row, entry, result, reason.
    complete
        The files are the whole directory: withdraw one's own offers and partners that are no longer in them.
    withdraw_many
        With `--complete`: withdraw them even where they are more than a tenth of what one has declared.
    """
    if not files:
        raise Stopped("name a file at least", 2)
    if withdraw_many and not complete:
        raise Stopped("--withdraw-many goes with --complete", 2)
    intake = os.environ.get("RELAIS_INTAKE_URL") or running.described()["intake"]
    bearer = token or os.environ.get("RELAIS_TOKEN") or issue_token("directory", organisation)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/x-ndjson"}
    with httpx.Client(base_url=intake, headers=headers, timeout=120) as client, opened(files, reading) as read:
        with Reporting(report, read.total, read.read) as told:
            run = Import(read, Door(client), told, organisation)
            run.send()
            if complete:
                run.withdraw(withdraw_many)
        told.end()
        give(dict(told.counts), as_json)
    return 0 if told.all_taken and not run.kept_back else 1


class Place(NamedTuple):
    """Where a line comes from."""

    file: str
    row: int
    entry: str | None
    notes: str | None


class Import:
    """One import under way: which entries the files held, and whether everything in them could be read."""

    def __init__(self, read: Files, door: Door, told: Reporting, organisation: str) -> None:
        self._read, self._door, self._told, self._organisation = read, door, told, organisation
        self._run = uuid4().hex[:12]
        self._held: set[int] = set()
        self._unread: str | None = None
        self.kept_back = False

    def send(self) -> None:
        """Everything that the files give."""
        for place, result in self._door.declare(self._lines()):
            kind = "refused" if result.status >= 400 else "unchanged" if result.status == 200 else "declared"
            if kind == "refused" and place.entry is None and result.entry is None:
                self._unread = f"{place.file} row {place.row} cannot be read"
            self._held.add(hash(place.entry or result.entry))
            self._told.said(kind, *place[:2], result.entry or place.entry, result.result, result.reason or place.notes)

    def withdraw(self, many: bool) -> None:
        """One's own offers, then partners, that the files no longer hold; only if `many` more than one in `MANY`.

        None where something could not be read.
        """
        if self._unread or not self._held:
            return self._keep(self._unread or "the files hold no entry")
        standing = self._standing()
        gone = sorted(stream for stream, is_held in standing.items() if not is_held)
        if len(gone) * MANY > len(standing) and not many:
            return self._keep(
                f"{len(gone):,} of the {len(standing):,} offers and partners that this directory declared are not in "
                "the files, more than a tenth; if the files are whole, say --withdraw-many"
            )
        withdrawn = ((Place("", 0, each, None), line_of(_end_of(each), self._organisation, self._run)) for each in gone)
        for place, result in self._door.declare(withdrawn):
            kind = "refused" if result.status >= 400 else "withdrawn"
            self._told.said(kind, "not in the files", 0, place.entry, kind, result.reason)

    def _standing(self) -> dict[str, bool]:
        """One's own offers and partners, each with whether the files hold it; a partner is held by any of its offers.

        A row that was left out names its offer only, and may not even tell the partner.
        """
        partners = {
            one["id"].rpartition("/")[0]: f"partner/{one['data']['partner']}"
            for one in self._door.standing()
            if one["id"].startswith(("offer/", "partner/"))
        }
        held = {
            each for stream, partner in partners.items() if hash(stream) in self._held for each in (stream, partner)
        }
        return {stream: stream in held for stream in partners}

    def _keep(self, why: str) -> None:
        self.kept_back = True
        complain(f"nothing is withdrawn: {why}")

    def _lines(self) -> Iterator[tuple[Place, bytes]]:
        try:
            for index, item in lines(self._read.formats, self._organisation, self._run):
                file = str(self._read.paths[index])
                if isinstance(item, Cut):
                    self._unread = f"{file} was cut in row {item.row}"
                    reason = f"cut at byte {item.byte:,}: {item.reason}"
                    self._told.said("cut", file, item.row, None, "cut", reason)
                elif isinstance(item, Left):
                    if item.entry is None:
                        self._unread = f"{file} row {item.row} cannot be read"
                    self._held.add(hash(item.entry))
                    self._told.said("left out", file, item.row, item.entry, "left-out", item.reason)
                else:
                    yield Place(file, item.row, item.entry, "; ".join(item.notes) or None), item.line
        except Unreadable as failure:
            raise Stopped(f"a file could not be read: {failure}", 2) from None


def _end_of(stream: str) -> OfferWithdrawn | PartnerWithdrawn:
    kind, _, identifier = stream.partition("/")
    return OfferWithdrawn(offer=identifier) if kind == "offer" else PartnerWithdrawn(partner=identifier)
