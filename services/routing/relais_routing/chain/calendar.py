"""Working days in France: week-ends and public holidays, by territory.

Clocks are counted with it. Pure arithmetic on dates; it never knows what day it is.
"""

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")
LATEST: Final = date(2999, 12, 31)
"""The last day that is counted. Whatever is dated later ends here, so that no sum leaves the calendar."""

# Code du travail, article L3133-1.
_FIXED: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER: Final = (1, 39, 50)
"""Easter Monday, Ascension Day, Whit Monday."""

# Alsace-Moselle: ordonnance of 16 August 1892, Code du travail, article L3134-13.
_ALSACE_MOSELLE: Final = frozenset({"57", "67", "68"})
# Commemoration of the abolition of slavery: décret 83-1003.
_ABOLITION: Final = {"971": (5, 27), "972": (5, 22), "973": (6, 10), "974": (12, 20), "976": (4, 27)}


def midnight(day: date) -> datetime:
    """The first moment of a day in France."""
    return datetime.combine(day, time(), PARIS)


def day_after(day: date) -> date:
    """The next day; the calendar's last has none but itself."""
    return day + timedelta(days=1) if day < LATEST else LATEST


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


@cache
def holidays(year: int, departement: str) -> frozenset[date]:
    """The public holidays of a year in a département (INSEE code)."""
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED}
    days |= {sunday + timedelta(days=after) for after in _AFTER_EASTER}
    if departement in _ALSACE_MOSELLE:
        days |= {sunday - timedelta(days=2), date(year, 12, 26)}
    if departement in _ABOLITION:
        days.add(date(year, *_ABOLITION[departement]))
    return frozenset(days)


@lru_cache(maxsize=4096)
def working_day(first: date, after: int, departement: str, closures: tuple[tuple[date, date], ...] = ()) -> date:
    """The working day so many working days after the first one (0: the first itself, or the next that is one).

    A closure (first and last day) is passed in one step, however long it is.
    """
    day, left = first, after
    while day < LATEST:
        closed_until = max((last for begin, last in closures if begin <= day <= last), default=None)
        if closed_until is not None:
            day = closed_until
        elif _is_working(day, departement):
            if not left:
                return day
            left -= 1
        day = day_after(day)
    return LATEST


def _is_working(day: date, departement: str) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year, departement)
