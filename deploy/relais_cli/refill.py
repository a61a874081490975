"""`relais refill`: publishes a service's log again, for a rebuilt Kafka or a reader that starts too late.

Readers' marks drop what they have seen; nothing is decided again.
"""

from relais_chassis import relay
from relais_cli.operations import Service, in_transaction
from relais_cli.output import tell


def refill(service: Service, *, from_position: int = 0) -> int:
    """Send the service's running relay back, so that it publishes its log again and then goes on.

    Parameters
    ----------
    from_position
        The first position of the log to publish again; 0 for the whole.
    """
    in_transaction(service, lambda conn: relay.refill(conn, from_position))
    tell(f"{service} publishes its log again from position {from_position}")
    return 0
