"""The draw among equals: a lottery that nobody can steer and everybody can check.

Weighted rendezvous hashing under the secret of a day, committed beforehand and revealed afterwards.
It draws by integers alone, the same on every machine; it makes no secret and keeps none.

    key   = HMAC-SHA-256(secret, case + "\\n" + actor + "\\n" + need)
    h     = the first 8 bytes of AES-256(key, the first 16 bytes of SHA-256(offer)), big-endian
    lot   = (64 - log2(h + 1)) / weight          the smallest wins

With log2 in fixed point (32 bits after the point, a table of 2,048 steps with straight lines between them, rounded
down), so that each offer wins in proportion to its weight, whoever else takes part. What an offer puts in, its label,
never changes: the lots of a thousand offers are one call of the cipher.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

STEPS: Final = 11
POINT: Final = 32
SCALE: Final = 24
LABEL: Final = 16
"""Bytes of a label, and of what is drawn for it."""

Lot = tuple[int, bytes]
"""The smaller wins; the bytes drawn settle what the number leaves equal."""
Labels = npt.NDArray[np.uint64]
"""A label a line, in two numbers as they lie in memory."""
Unsigned = npt.NDArray[np.uint64]
Weights = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Draw:
    """The lottery of a day; `secret` is 32 random bytes."""

    day: date
    secret: bytes

    @property
    def commitment(self) -> str:
        """What is published before the day."""
        return commitment(self.secret)

    def lots(self, case: str, actor: str, need: str) -> "Lots":
        """The lots of a need of a case."""
        return Lots(hmac.digest(self.secret, f"{case}\n{actor}\n{need}".encode(), "sha256"))


class Lots:
    """The lots of one need of one case: of each offer and weight (1 or more).

    Each label is one block, and no two are alike: the cipher serves as a keyed function, there is no message to hide.
    """

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(AES256(key), ECB()).encryptor()

    def __call__(self, offer: str, weight: int) -> Lot:
        """The lot of one."""
        drawn = self._cipher.update(label(offer))
        return lot(drawn, weight)

    def listing(self, cluster: Sequence[str], offer: str, weight: int) -> Lot:
        """The lot of one listing among those of a service, which draws its own by the first of their ids."""
        return self(of_listing(cluster, offer), weight)

    def many(self, labels: Labels) -> "Drawn":
        """What is drawn for several labels."""
        return Drawn(self._cipher.update(labels.tobytes()))


class Drawn:
    """What was drawn for several labels, in their order; lots are made of it with the weights."""

    __slots__ = ("_bytes", "_words")

    def __init__(self, drawn: bytes) -> None:
        self._bytes = drawn
        self._words: Unsigned = np.frombuffer(drawn, ">u8").astype(np.uint64).reshape(-1, 2)

    def lot(self, number: int, weight: int) -> Lot:
        """The lot of one of them."""
        return lot(self._bytes[number * LABEL : (number + 1) * LABEL], weight)

    def smallest(self, weights: Weights) -> list[int]:
        """Whose lot is smallest, or so near to it that only the lots themselves can tell."""
        rough = np.log2(self._words[:, 0].astype(np.float64) + 1.0)
        np.subtract(64.0, rough, out=rough)
        rough /= weights
        near: list[int] = (rough <= rough.min() + NEAR).nonzero()[0].tolist()
        return near

    def order(self, weights: Weights, second: "Drawn | None" = None) -> list[int]:
        """All of them by their lots; whose lots are equal, by the lots of a second draw."""
        keys = self._keys(weights) if second is None else (*second._keys(weights), *self._keys(weights))
        ordered: list[int] = np.lexsort(keys).tolist()
        return ordered

    def _keys(self, weights: Weights) -> tuple[Unsigned, Unsigned, Unsigned]:
        """What they are sorted by, the last first."""
        numbers = (distances(self._words[:, 0]) << np.uint64(SCALE)) // weights.astype(np.uint64)
        return self._words[:, 1], self._words[:, 0], numbers


NEAR: Final = 1e-6
"""Rough lots are off by less: a chord of 2,048 steps leaves the logarithm by 5e-8 at most, floats by 1e-13."""


def label(offer: str) -> bytes:
    """What an offer puts into every draw: the first half of the SHA-256 of its id."""
    return hashlib.sha256(offer.encode()).digest()[:LABEL]


def of_listing(cluster: Sequence[str], offer: str) -> str:
    """What one listing of a service draws its own lot by."""
    return f"{cluster[0]}\n{offer}"


def labels(offers: Sequence[str]) -> Labels:
    """The labels of several."""
    return np.frombuffer(b"".join([label(offer) for offer in offers]), np.uint64).reshape(-1, 2)


def lot(drawn: bytes, weight: int) -> Lot:
    """The lot of what was drawn."""
    return (_distance(int.from_bytes(drawn[:8]) + 1) << SCALE) // weight, drawn


def commitment(secret: bytes) -> str:
    """SHA-256 of a secret, in hexadecimal: it binds, and gives nothing away."""
    return hashlib.sha256(secret).hexdigest()


def _log2(step: int) -> int:
    """log2(1 + step / 2048) in fixed point, bit by bit, rounded down."""
    value, log = (1 << 60) + (step << (60 - STEPS)), 0
    for _ in range(POINT):
        value = value * value >> 60
        log <<= 1
        if value >> 61:
            value >>= 1
            log += 1
    return log


LOG2: Final = (*(_log2(step) for step in range(1 << STEPS)), 1 << POINT)


def _distance(value: int) -> int:
    """64 - log2(value) in fixed point, for 1 <= value <= 2 ** 64."""
    whole = value.bit_length() - 1
    rest = (value << (64 - whole)) - (1 << 64)
    step, between = rest >> (64 - STEPS), rest & ((1 << (64 - STEPS)) - 1)
    low = LOG2[step]
    return (64 << POINT) - (whole << POINT) - low - ((LOG2[step + 1] - low) * between >> (64 - STEPS))


_TABLE: Final = np.array(LOG2, np.uint64)


def distances(heads: Unsigned) -> Unsigned:
    """`_distance` of each head + 1, below 2 ** 64, in columns of 64 bits."""
    one, half = np.uint64(1), np.uint64(27)
    values = heads + one
    whole = (np.frexp(values.astype(np.float64))[1] - 1).astype(np.uint64)
    whole -= ((one << np.minimum(whole, np.uint64(63))) > values) | (whole > 63)  # a float may have rounded up
    rest = values << (np.uint64(63) - whole) << one
    step, between = rest >> np.uint64(64 - STEPS), rest & np.uint64((1 << (64 - STEPS)) - 1)
    low = _TABLE[step]
    rise = _TABLE[step + one] - low
    high, less = between >> half, between & np.uint64((1 << 27) - 1)
    climbed = (rise * high + (rise * less >> half)) >> np.uint64(64 - STEPS - 27)
    found: Unsigned = np.uint64(64 << POINT) - (whole << np.uint64(POINT)) - low - climbed
    return found
