"""Phone numbers and mail addresses inside texts, found by their form and taken out.

Used for every text of a row that people read. Dates, hours and web addresses stay; names in sentences cannot be told.
"""

import re
from typing import Final

_GAP: Final = r"[\s.·/()_\u00ad\u200b\u2010-\u2015-]{0,3}"
"""Between the digits of a number: spaces of any width, dots, slashes, dashes, brackets."""
_FRENCH: Final = rf"0{_GAP}[1-9](?:{_GAP}\d\d){{4}}|0{_GAP}[1-9]\d\d(?:{_GAP}\d{{3}}){{2}}"
"""In pairs, or in threes as numbers that cost nothing are written (0 800 123 456)."""
_ABROAD: Final = "|".join(
    rf"(?:\+|00){_GAP}(?:{prefixes})(?:{_GAP}0)?(?:{_GAP}\d){{{digits}}}"
    for prefixes, digits in (("33|262|590|594|596", 9), ("689", 8), ("508|681|687", 6))
)
"""With the prefix of France or of a territory overseas; « (0) » may follow it."""
_FOREIGN: Final = r"\+[1-9](?:[\s.()-]?\d){7,12}"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])[./-](?:0[1-9]|1[0-2])[./-]"
_KEPT: Final = "|".join(
    (
        r"(?:https?://|www\.)\S+",
        r"\b20\d\d-\d\d-\d\d\b",
        rf"\b{_DAY}20\d\d\b",
        rf"\b{_DAY}\d\d\s?[\s\u2013-]\s?{_DAY}\d\d\b",
    )
)
"""What looks like a number in part: web addresses, days, and days from one to another."""
_PHONE: Final = re.compile(rf"(?P<kept>{_KEPT})|(?<!\d)(?:{_ABROAD}|{_FOREIGN}|{_FRENCH})(?!\d|[.:]\d)")
_MAIL: Final = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


def scrubbed(text: str) -> str:
    """The text with a word in the place of each phone number and mail address."""
    return _PHONE.sub(lambda found: found["kept"] or "[téléphone retiré]", _MAIL.sub("[courriel retiré]", text))


def holds_mail(text: str) -> bool:
    """Whether a mail address is in it."""
    return _MAIL.search(text) is not None
