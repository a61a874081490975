"""What this service hears: one event of the logs it follows, as bytes for passing on and typed for deciding.

The body of every command that the stream makes; telling and the board's projection read it. It decides nothing.
"""

from dataclasses import dataclass

from relais_contracts.envelope import CloudEvent, Payload


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as it came: the envelope with its raw data, and the data as their model."""

    event: CloudEvent
    payload: Payload

    @property
    def case(self) -> str:
        """The case it is about; for the directory the key of the organisation, offer, places or closure."""
        return self.event.subject or ""
