"""`relais migrate`: brings the three services' schemas up to date on a database of one's own.

`relais up` does the same by itself for the stack on one machine.
"""

import asyncio
import os

from relais_cli.output import Stopped, tell
from relais_cli.stack import SERVICES, schemas


def migrate(*, database: str = "relais") -> int:
    """Create what is missing: database, roles and schemas, each service's tables, and the rights of its role.

    Parameters
    ----------
    database
        Its name, on the server of RELAIS_POSTGRES (a DSN that may create roles and databases).
    """
    superuser = os.environ.get("RELAIS_POSTGRES")
    if not superuser:
        raise Stopped("set RELAIS_POSTGRES to the DSN of a role that may create roles and databases", 2)
    asyncio.run(schemas.create(superuser, SERVICES, database))
    tell(f"the schemas of {', '.join(SERVICES)} are up to date")
    return 0
