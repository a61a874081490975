"""The console's front: names the commands and loads each only when it is asked for.

Decides nothing; a command's module does the work.
"""

import sys

from cyclopts import App

app = App(name="relais", help="Hand-offs of career counselling, carried and kept in sight.")


def main() -> None:
    """Run the console with the arguments of this process."""
    sys.exit(app())
