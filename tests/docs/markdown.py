"""A Markdown page as its readers use it: blocks to run, the answers it shows after them, the links it gives.

Reads text only. A ```json or ```text block that comes next after a ```bash block is what that block is said to answer.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|\bsrc=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
ANYTHING = "…"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the page says that a block answers."""

    kind: str
    text: str

    def is_kept_by(self, output: str) -> bool:
        """Whether the output shows it: every line of a text, every field of a JSON value; `…` stands for anything."""
        if self.kind == "text":
            lines = output.splitlines()
            return all(any(_fits(line, said) for said in lines) for line in self.text.splitlines())
        said = list(values(output))
        return all(any(holds(claimed, value) for value in said) for claimed in values(self.text))


@dataclass(frozen=True, slots=True)
class Block:
    """Commands of a page, and what they are said to answer."""

    commands: str
    claims: list[Claim] = field(default_factory=list)


def blocks(page: Path) -> list[Block]:
    """The page's ```bash blocks in order."""
    found: list[Block] = []
    answers = False
    for kind, body in _FENCE.findall(page.read_text()):
        if kind == "bash":
            found.append(Block(body))
        elif kind in ("json", "text") and answers:
            found[-1].claims.append(Claim(kind, body))
        answers = kind == "bash" or (answers and kind in ("json", "text"))
    return found


def values(output: str) -> Iterator[Any]:
    """Every JSON object or list that an output holds, from left to right."""
    decoder, at = json.JSONDecoder(), 0
    while (found := re.compile(r"[{\[]").search(output, at)) is not None:
        try:
            value, at = decoder.raw_decode(output, found.start())
        except json.JSONDecodeError:
            at = found.end()
        else:
            yield value


def holds(claimed: Any, said: Any) -> bool:
    """Whether what is said has all that is claimed; a list ends with `…` where more may follow."""
    match claimed, said:
        case dict(), dict():
            return all(name in said and holds(value, said[name]) for name, value in claimed.items())
        case list(), list():
            more = claimed[-1:] == [ANYTHING]
            shown = claimed[:-1] if more else claimed
            enough = len(said) >= len(shown) if more else len(said) == len(shown)
            return enough and all(holds(*pair) for pair in zip(shown, said, strict=False))
        case str(), str():
            return _fits(claimed, said)
        case _:
            return claimed in (ANYTHING, said)


def _fits(claimed: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in claimed.split(ANYTHING))
    return re.fullmatch(pattern, said, re.DOTALL) is not None


def links(page: Path) -> list[str]:
    """Where the page leads, outside of its code."""
    text = re.sub(r"`[^`\n]*`", "``", _FENCE.sub("", page.read_text()))
    return [link or source for link, source in _LINK.findall(text)]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as forges make them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
