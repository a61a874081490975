"""`relais directory import`: sends a file of directory events (NDJSON, one CloudEvent a line) to intake's door.

Judges nothing: intake answers line by line, in order.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from cyclopts import App

from relais_cli import running
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_cli.tokens import issue_token

app = App(name="directory", help="Bring organisations and offers in.")
CHUNK = 900_000
"""Bytes a request; intake takes 1 MB."""


@app.command(name="import")
def import_(file: Path, *, organisation: str = "directory", token: str | None = None, as_json: JsonFlag = False) -> int:
    """Send a file of directory events; exit 1 when some line was refused.

    Parameters
    ----------
    file
        NDJSON: each line a structured CloudEvent of a directory type.
    organisation
        Whose events these are (a local token is issued for it).
    token
        Or a token of one's own; also by RELAIS_TOKEN.
    """
    import httpx

    intake = os.environ.get("RELAIS_INTAKE_URL") or running.described()["intake"]
    bearer = token or os.environ.get("RELAIS_TOKEN") or issue_token("directory", organisation)
    accepted, refused = 0, 0
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/x-ndjson"}
    with httpx.Client(base_url=intake, headers=headers, timeout=120) as client:
        for chunk in chunks(file):
            answer = client.post("/v1/directory", content=chunk)
            if answer.status_code not in (200, 202, 207):
                raise Stopped(f"intake answered {answer.status_code}: {answer.text[:500]}")
            for line in answer.text.splitlines():
                result = json.loads(line)
                if int(result["status"]) < 400:
                    accepted += 1
                else:
                    refused += 1
                    complain(line)
    give({"accepted": accepted, "refused": refused}, as_json)
    return 1 if refused else 0


def chunks(file: Path) -> Iterator[bytes]:
    """The file's lines in pieces that one request may carry."""
    piece: list[bytes] = []
    size = 0
    with file.open("rb") as lines:
        for line in lines:
            if piece and size + len(line) > CHUNK:
                yield b"".join(piece)
                piece, size = [], 0
            piece.append(line)
            size += len(line)
    if piece:
        yield b"".join(piece)
