"""What one viewer may see, and what the viewer asked for: rights and filters as one value.

Made of a token and a query string, it drives the SQL of the worklists and judges live changes alike, so that both
give the same answer. It reads nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from relais_notifications.board.places import COUNTRY, departements, is_made_of_departements, place

Drive = Literal["everywhere", "departement", "operator", "partner"]
T = TypeVar("T")
EVERYWHERE: Final = (COUNTRY,)


@dataclass(frozen=True, slots=True)
class View:
    """Rights and filters. None: no limit; an empty tuple: nothing.

    `territories` are those of the rights, `within` that of the filter: a row must lie in one of each.
    """

    role: str = "admin"
    territories: tuple[str, ...] | None = None
    operator: str | None = None
    partner: str | None = None
    within: str | None = None
    actor: str | None = None
    impossible: bool = False

    @property
    def drive(self) -> Drive:
        """The column the index is entered by: the narrowest there is."""
        if self.partner is not None:
            return "partner"
        if self.operator is not None:
            return "operator"
        return "everywhere" if self.within is None and self._is_everywhere else "departement"

    @property
    def _is_everywhere(self) -> bool:
        return self.territories is None or COUNTRY in self.territories

    @property
    def codes(self) -> tuple[str, ...]:
        """The values of that column."""
        if self.impossible:
            return ()
        if self.partner is not None:
            return (self.partner,)
        if self.operator is not None:
            return (self.operator,)
        return (COUNTRY,) if self.drive == "everywhere" else self.departements

    @property
    def departements(self) -> tuple[str, ...]:
        """The départements that rights and filter leave."""
        rights = EVERYWHERE if self.territories is None else self.territories
        allowed = {code for territory in rights for code in departements(territory)}
        if self.within is not None:
            allowed &= set(departements(self.within))
        return tuple(sorted(allowed))

    @property
    def rights_to_check(self) -> tuple[str, ...] | None:
        """The territories that each row must still be held against; None where the drive has done it."""
        if self._is_everywhere or self.territories is None:
            return None
        if self.drive == "departement" and is_made_of_departements(self.territories):
            return None
        return self.territories

    @property
    def within_to_check(self) -> str | None:
        """The filter's territory, where the drive has not seen to it."""
        if self.within is None or (self.drive == "departement" and is_made_of_departements((self.within,))):
            return None
        return self.within

    def sees(self, row: Mapping[str, object]) -> bool:
        """Whether a row of `operator`, `partner`, `commune` and `actor` is in view."""
        around = place(str(row["commune"])).territories
        return (
            not self.impossible
            and (self.territories is None or any(territory in around for territory in self.territories))
            and (self.within is None or self.within in around)
            and (self.operator is None or row["operator"] == self.operator)
            and (self.partner is None or row.get("partner") == self.partner)
            and (self.actor is None or row.get("actor") == self.actor)
        )


def view(role: str, org: str, territories: Iterable[str], asked: Mapping[str, str]) -> View:
    """The view of a caller and its filters; filters narrow the rights and never widen them.

    Operators see their cases, partners their hand-offs, coordinators their territories, administrators everything.
    """
    rights = View(
        territories=None if role != "coordinator" else tuple(sorted(set(territories))),
        operator=org if role == "operator" else None,
        partner=org if role == "partner" else None,
    )
    operator, partner = asked.get("operator") or None, asked.get("partner") or None
    return View(
        role=role,
        territories=rights.territories,
        operator=rights.operator or operator,
        partner=rights.partner or partner,
        within=asked.get("territory") or None,
        actor=asked.get("actor") or None,
        impossible=_disagree(rights.operator, operator) or _disagree(rights.partner, partner),
    )


def _disagree(right: T | None, asked: T | None) -> bool:
    return right is not None and asked is not None and right != asked
