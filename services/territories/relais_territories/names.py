"""Makes names of communes comparable, however they were typed: accents, case, hyphens, articles, CEDEX, « St ».

Used to find a commune from an address. Pure; it decides nothing alone.
"""

import re
import unicodedata

_WORDS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur", "ss": "sous"}
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "’": "'"})
_CEDEX = re.compile(r"\bcedex\b.*$")
_ORDINAL = re.compile(r"\b(\d{1,2})\s*(er|e|eme|re)?\b(\s*arrondissement)?")
_ARTICLE = re.compile(r"^(la|le|les|l) ")


def comparable(name: str) -> str:
    """The name in plain lower-case words: « ST-ÉTIENNE Cedex 2 » becomes `saint etienne`."""
    plain = unicodedata.normalize("NFKD", name.translate(_LIGATURES))
    words = "".join(c if c.isalnum() else " " for c in plain.lower() if not unicodedata.combining(c))
    text = _CEDEX.sub("", " ".join(words.split()))
    return " ".join(_WORDS.get(word, word) for word in text.split())


def without_article(name: str) -> str:
    """A comparable name without its leading article: `havre` for `le havre`."""
    return _ARTICLE.sub("", name)


def without_number(name: str) -> str:
    """A comparable name without an arrondissement: `lyon` for `lyon 3e arrondissement`."""
    return " ".join(_ORDINAL.sub("", name).split())
