"""`relais directory import`: sends a file of organisations and offers to intake's door, in the formats it adapts.

Judges nothing: an adapter turns rows into directory events, intake answers line by line, in order.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from relais_cli import running
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_cli.tokens import issue_token

LINES, BYTES = 1_000, 900_000
"""At most in one request; intake takes 1 MB."""


def import_(file: Path, *, organisation: str = "directory", token: str | None = None, as_json: JsonFlag = False) -> int:
    """Send a file of organisations and offers; exit 1 when something of it was left out or refused.

    Parameters
    ----------
    file
        Our own lines (NDJSON, a CloudEvent each), data·inclusion (JSON), or a flat list of services (JSON).
    organisation
        Whose directory this is; a local token is issued for it.
    token
        Or a token of one's own; also by RELAIS_TOKEN.
    """
    import httpx

    intake = os.environ.get("RELAIS_INTAKE_URL") or running.described()["intake"]
    bearer = token or os.environ.get("RELAIS_TOKEN") or issue_token("directory", organisation)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/x-ndjson"}
    counts = {"accepted": 0, "refused": 0, "left out": 0}
    with httpx.Client(base_url=intake, headers=headers, timeout=120) as client:
        for rows, body in requests(read(file, organisation, counts)):
            answer = client.post("/v1/directory", content=body)
            if answer.status_code >= 300:
                raise Stopped(f"intake answered {answer.status_code}: {answer.text[:500]}")
            for row, line in zip(rows, answer.text.splitlines(), strict=True):
                refused = int(json.loads(line)["status"]) >= 400
                counts["refused" if refused else "accepted"] += 1
                if refused:
                    complain(f"row {row}: {line}")
    give(counts, as_json)
    return 1 if counts["refused"] or counts["left out"] else 0


def read(file: Path, organisation: str, counts: dict[str, int]) -> Iterator[tuple[int, bytes]]:
    """Row numbers and lines to send; rows that an adapter leaves out are said and counted."""
    from relais_contracts.codec import Unreadable
    from relais_intake.directory.adapters.files import lines
    from relais_intake.directory.adapters.lines import Left

    try:
        for row, line in lines(file.read_bytes(), organisation, uuid4().hex[:12]):
            if isinstance(line, Left):
                counts["left out"] += 1
                complain(f"row {row}: {line.reason}")
            else:
                yield row, line
    except (Unreadable, OSError) as failure:
        raise Stopped(f"{file}: {failure}", 2) from None


def requests(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[list[int], bytes]]:
    """Row numbers and the body of each request."""
    rows: list[int] = []
    body = bytearray()
    for row, line in lines:
        if rows and (len(rows) == LINES or len(body) + len(line) >= BYTES):
            yield rows, bytes(body)
            rows, body = [], bytearray()
        rows.append(row)
        body += line + b"\n"
    if rows:
        yield rows, bytes(body)
