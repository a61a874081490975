"""Runs a page's blocks as its reader would: in one shell, in order, as written, in a folder of its own.

The folder holds links to the checkout and a stack of its own (`RELAIS_FOLDER`); what is up in the checkout is left
alone. It judges nothing.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from docs.markdown import Block
from relais_cli import places

LINKED = ("relais", "docs", "schemas", ".tools")
WITHIN = 240


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder with the checkout's command and files, where nothing is up; whatever is, at the end, is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="relais-docs-"))
    folder.chmod(0o711)
    for name in LINKED:
        (folder / name).symlink_to(places.CHECKOUT / name)
    try:
        yield folder
    finally:
        subprocess.run(["./relais", "down"], cwd=folder, env=_env(folder), check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _env(folder: Path) -> dict[str, str]:
    """What a reader's shell knows: nothing of Relais but where the folder is."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    return {**known, "RELAIS_FOLDER": str(folder / ".relais")}


def run(blocks: Sequence[Block], folder: Path) -> list[str]:
    """What each block said; AssertionError at the first one that failed."""
    marks = [f"printf '\\n<<<%s>>>\\n' {number}\n{block.commands}" for number, block in enumerate(blocks)]
    script, said = folder / "page.sh", folder / "page.out"
    script.write_text("set -euo pipefail\n" + "\n".join(marks))
    with said.open("wb") as out:
        shell = subprocess.Popen(
            ["bash", str(script)],
            cwd=folder,
            env=_env(folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = shell.wait(WITHIN)
        finally:
            _end(shell)
    parts = re.split(r"\n<<<\d+>>>\n", said.read_text())[1:]
    assert status == 0, f"block {len(parts)} ended with {status}:\n{blocks[len(parts) - 1].commands}\n{parts[-1]}"
    return parts


def _end(shell: "subprocess.Popen[bytes]") -> None:
    """End the shell with all that it left running; the stack lives in a session of its own."""
    try:
        os.killpg(shell.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        shell.wait()
