"""Which consent holds for a step: the one reading of `case.consent-given` and `case.consent-withdrawn`.

Routing asks it before it proposes, intake before it shows a contact, so that both always agree.
It never looks at a clock: the day comes in.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import Field

from relais_contracts.cases import CaseConsentGiven, CaseConsentWithdrawn, OfferOption, Option, PartnerOption
from relais_contracts.envelope import Part


class Consents(Part):
    """The person's last word: for all steps, and for single steps (none: taken back for that step)."""

    general: CaseConsentGiven | None = None
    by_step: Mapping[str, CaseConsentGiven | None] = Field(default_factory=dict)

    def given(self, event: CaseConsentGiven) -> "Consents":
        """After a consent: one for all steps replaces whatever was said of single steps."""
        if event.step is None:
            return Consents(general=event)
        return Consents(general=self.general, by_step={**self.by_step, event.step: event})

    def withdrawn(self, event: CaseConsentWithdrawn) -> "Consents":
        """After a withdrawal: of everything, or of one step whatever was agreed for all."""
        if event.step is None:
            return Consents()
        return Consents(general=self.general, by_step={**self.by_step, event.step: None})

    def last_word(self, step: str | None, root: str | None = None) -> CaseConsentGiven | None:
        """What was last agreed for a step (none: for all steps), whether or not it still holds.

        `root` is the road map's step that a step added by handing on descends from: its word counts for all of them,
        unless the person said something of the added step itself.
        """
        for named in (step, root):
            if named is not None and named in self.by_step:
                return self.by_step[named]
        return self.general

    def holding(self, step: str, day: date, root: str | None = None) -> CaseConsentGiven | None:
        """The consent that holds for a step on a day, its last day included."""
        consent = self.last_word(step, root)
        return consent if consent is not None and day <= consent.until else None

    def is_empty(self) -> bool:
        """Whether nothing is left that could be taken back."""
        return self.general is None and not any(self.by_step.values())


def reaches(consent: CaseConsentGiven, partner: str, offer: str, options: Iterable[Option]) -> bool:
    """Whether a consent's recipients include a partner that would serve by an offer.

    `options` are those the person named for the step, in the strategy or by a later choice.
    """
    if consent.recipients == "matching":
        return True
    if consent.recipients == "chosen":
        return any(_names(option, partner, offer) for option in options)
    return partner in consent.recipients


def _names(option: Option, partner: str, offer: str) -> bool:
    if isinstance(option, OfferOption):
        return option.offer == offer
    return isinstance(option, PartnerOption) and option.partner == partner
