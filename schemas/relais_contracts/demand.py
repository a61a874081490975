"""What routing tells a partner about its offers: people ask for one that is full.

One stream per offer, on `relais.handoffs`. It names nobody: how many people wait, never who.
"""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from relais_contracts.envelope import Payload, event_type
from relais_contracts.identifiers import CommuneCode, OfferId, PartnerId
from relais_contracts.vocabularies import Actor, Need


class DemandPlacesRequested(Payload):
    """People would fit an offer that has no place left; the partner is asked once to open some."""

    TYPE: ClassVar[str] = event_type("demand", "places-requested")
    offer: OfferId
    partner: PartnerId
    actor: Actor
    needs: tuple[Need, ...] = Field(min_length=1, max_length=69, description="What people looked for.")
    commune: CommuneCode = Field(description="Where the offer is given.")
    people: int = Field(ge=1, description="How many fitted it since it was full.")
    since: AwareDatetime = Field(description="When the first of them did.")
