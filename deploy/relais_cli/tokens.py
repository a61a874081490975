"""`relais tokens issue`: access tokens signed with this machine's key, and one-time login links for the pages.

For laptops, tests and demos: a real deployment brings its own identity provider and gives the services its JWKS.
"""

from datetime import timedelta
from typing import Literal

from cyclopts import App

from relais_cli import places, running
from relais_cli.output import JsonFlag, give
from relais_cli.stack.keys import Keys

app = App(name="tokens", help="Issue access tokens and login links.")
Role = Literal["operator", "partner", "coordinator", "directory", "admin"]


def issue_token(role: Role, organisation: str, territories: tuple[str, ...] = (), days: float = 30) -> str:
    """A token signed with the key of this checkout, which is made when there is none."""
    return Keys(places.FOLDER).token(role, organisation, territories, timedelta(days=days))


@app.command
def issue(
    *,
    role: Role,
    organisation: str,
    territory: tuple[str, ...] = (),
    days: float = 30,
    login: bool = False,
    as_json: JsonFlag = False,
) -> int:
    """Issue a token.

    Parameters
    ----------
    role
        What its bearer may do.
    organisation
        Whose it is: the operator's or partner's id.
    territory
        Where a coordinator looks after hand-offs, e.g. departement:71; may be given several times.
    days
        How long it is valid.
    login
        Print a link that opens the pages once, within an hour, instead of the bare token.
    """
    if login:
        token = Keys(places.FOLDER).login_token(role, organisation, territory)
        given = {"login": f"{running.described()['notifications']}/login?token={token}"}
    else:
        given = {"token": issue_token(role, organisation, territory, days)}
    if as_json:
        give(given, True)
    else:
        print(*given.values())
    return 0
