"""The draw among equals: a lottery that nobody can steer and everybody can check.

Weighted rendezvous hashing under the secret of a day, committed beforehand and revealed afterwards.
It draws by integers alone, the same on every machine; it makes no secret and keeps none.

    h     = the first 8 bytes of HMAC-SHA-256(secret, case + "\\n" + actor + "\\n" + need + "\\n" + offer), big-endian
    lot   = (64 - log2(h + 1)) / weight          the smallest wins

With log2 in fixed point (32 bits after the point, a table of 2,048 steps with straight lines between them, rounded
down), so that each offer wins in proportion to its weight, whoever else takes part.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

STEPS: Final = 11
POINT: Final = 32
SCALE: Final = 24
BLOCK: Final = 64
"""Bytes that SHA-256 takes at once."""
MANY: Final = 100
"""From so many on, columns are faster."""

INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))

Lot = tuple[int, bytes]
"""The smaller wins; the digest settles what the number leaves equal."""


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
        return Lots(self.secret, f"{case}\n{actor}\n{need}\n".encode())


class Lots:
    """The lots of one need of one case: of each offer and weight (1 or more)."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, secret: bytes, prefix: bytes) -> None:
        self._inner, self._outer = _hmac_of(secret, prefix)

    def __call__(self, offer: str, weight: int) -> Lot:
        """The lot of one."""
        drawn = self._digest(offer)
        return (_distance(int.from_bytes(drawn[:8]) + 1) << SCALE) // weight, drawn

    def listing(self, cluster: Sequence[str], offer: str, weight: int) -> Lot:
        """The lot of one listing among those of a service, which draws its own by the first of their ids."""
        return self(f"{cluster[0]}\n{offer}", weight)

    def many(self, offers: Sequence[str], weights: Sequence[int]) -> list[Lot]:
        """The lots of several, the same as one by one."""
        if len(offers) < MANY:
            return [self(offer, weight) for offer, weight in zip(offers, weights, strict=True)]
        digests = [self._digest(offer) for offer in offers]
        heads = np.frombuffer(b"".join([digest[:8] for digest in digests]), ">u8").astype(np.uint64)
        numbers = (distances(heads) << np.uint64(SCALE)) // np.array(weights, np.uint64)
        return list(zip(numbers.tolist(), digests, strict=True))

    def _digest(self, offer: str) -> bytes:
        begun, ended = self._inner.copy(), self._outer.copy()
        begun.update(offer.encode())
        ended.update(begun.digest())
        return ended.digest()


def _hmac_of(secret: bytes, prefix: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """HMAC-SHA-256 (RFC 2104) with secret and prefix taken in: each lot goes on from there."""
    key = (secret if len(secret) <= BLOCK else hashlib.sha256(secret).digest()).ljust(BLOCK, b"\0")
    return hashlib.sha256(key.translate(INNER) + prefix), hashlib.sha256(key.translate(OUTER))


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


def distances(heads: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
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
    found: npt.NDArray[np.uint64] = np.uint64(64 << POINT) - (whole << np.uint64(POINT)) - low - climbed
    return found
