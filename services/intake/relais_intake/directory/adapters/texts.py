"""Texts, links and numbers of other makers' rows: made to fit, and without anybody's phone or mail.

Used by every adapter. What only informs is left out with a note where it does not fit; what is matched by is refused.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Final
from urllib.parse import quote

from relais_intake.directory.adapters.contacts import holds_mail, scrubbed
from relais_intake.directory.adapters.lines import Unfit

SHORT, DETAIL, LINK = 200, 2000, 2083
"""Characters that the contract takes."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BARE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#].*)?")


class Row:
    """One row, read field by field; `notes` collects what had to be left out of it, `assumed` what was filled in."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self.notes: list[str] = []
        self.assumed: list[str] = []

    def text(self, name: str) -> str:
        """A text, trimmed; empty where it is missing. Unfit where it is something else."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Unfit(f"{name}: a text is expected")
        return _CONTROL.sub(" ", value).strip() if value else ""

    def texts(self, name: str) -> list[str]:
        """A list of codes, each once; empty where it is missing."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise Unfit(f"{name}: a list of codes is expected")
        return list(dict.fromkeys(value))

    def number(self, name: str) -> float | None:
        """A number that is matched by; Unfit where it is something else."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
                raise ValueError
            number = float(value.replace(",", ".") if isinstance(value, str) else value)
            if not isfinite(number):
                raise ValueError
            return number
        except (ValueError, OverflowError):
            raise Unfit(f"{name}: {str(value)[:40]} is not a number") from None

    def amount(self, name: str, least: float, most: float) -> float | None:
        """A number that only informs, within its bounds; left out with a note where it is none."""
        try:
            value = self.number(name)
        except Unfit as unfit:
            self.notes.append(str(unfit))
            return None
        if value is not None and not least <= value <= most:
            self.notes.append(f"{name}: {value:g} is not between {least:g} and {most:g}")
            return None
        return value

    def day(self, name: str) -> date | None:
        """A date that only informs, `2026-03-02` with or without a time; left out with a note where it is none."""
        text = self.text(name)
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError:
            self.notes.append(f"{name}: {text[:40]} is not a date")
            return None

    def told(self, name: str, longest: int = DETAIL) -> str | None:
        """A text for people to read: without phone numbers and mail addresses, cut at a word where it is too long."""
        text = self.text(name)
        if not text:
            return None
        clean = scrubbed(text)
        if clean != text:
            self.notes.append(f"{name}: phone numbers and mail addresses taken out")
        if len(clean) > longest:
            self.notes.append(f"{name}: cut at {longest} characters")
        return cut(clean, longest)

    def link(self, name: str) -> str | None:
        """A web address, made valid where that is certain; left out with a note where not."""
        text = self.text(name)
        if not text:
            return None
        if "://" not in text and _BARE.fullmatch(text):
            text = f"https://{text}"
        link = quote(text, safe="%/:=&?~#+!$,;'@()*[]")
        if not link.lower().startswith(("http://", "https://")) or len(link) > LINK or holds_mail(link):
            self.notes.append(f"{name}: {text[:80]} is not a web address that can be given out")
            return None
        scheme, _, rest = link.partition("://")
        return f"{scheme.lower()}://{rest}"


def cut(text: str, longest: int) -> str:
    """The text, or as many whole words of it as fit, and an ellipsis."""
    if len(text) <= longest:
        return text
    start = text[: longest - 2]
    words = start.rpartition(" ")[0] if not text[longest - 2].isspace() else start
    return f"{(words if len(words) > longest // 2 else start).rstrip(' ,;:.')} …"
