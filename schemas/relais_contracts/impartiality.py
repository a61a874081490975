"""What routing says about the fairness of its own choices: an operator's group receives more than its share.

One stream per operator, on `relais.handoffs`. It accuses nobody: it says what was counted, and what fairness allows.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from relais_contracts.cases import ShortText
from relais_contracts.envelope import Payload, event_type
from relais_contracts.identifiers import CommuneCode, OrgId

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class ImpartialityAlarmRaised(Payload):
    """Partners of an operator's own group received more of its hand-offs than fair choices explain."""

    TYPE: ClassVar[str] = event_type("impartiality", "alarm-raised")
    operator: OrgId
    group: ShortText = Field(description="The network or mother organisation that operator and partners share.")
    commune: CommuneCode = Field(description="Where the operator is.")
    decisions: int = Field(ge=1, description="Choices of this operator for which the group would have been eligible.")
    received: int = Field(ge=0, description="How many of them the group received.")
    expected: float = Field(ge=0, description="How many fair draws would have given it, on average.")
    most: float = Field(ge=0, description="The upper end of the confidence band.")
    since: AwareDatetime = Field(description="The first of these choices.")
    month: Month | None = Field(
        default=None,
        description="The month it is raised for, last of the twelve counted, as in 2026-03; none: that of its `time`.",
    )
