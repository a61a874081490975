"""How the commands reach a service's database: as the service's own role, on the stack that is up or on one's own.

Holds addresses only.
"""

import os
from typing import Literal

from relais_cli import running
from relais_cli.stack import schemas

Service = Literal["intake", "routing", "notifications"]


def dsn(service: Service) -> str:
    """The address of a service's schema: of the running stack, or of RELAIS_POSTGRES (a superuser's DSN)."""
    superuser = os.environ.get("RELAIS_POSTGRES") or running.described()["postgres"]
    return schemas.dsn_for(superuser, schemas.role_of(service), os.environ.get("RELAIS_DATABASE", "relais"))
