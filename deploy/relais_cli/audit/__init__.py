"""`relais audit`: whether choices were fair, from what routing has counted.

Names the commands; each is loaded only when it is asked for.
"""

from cyclopts import App

app = App(name="audit", help="Look at the fairness of what was decided.")

# Name, where it is, what it does: one line a command.
COMMANDS = [
    ("impartiality", "relais_cli.audit.impartiality:impartiality", "Shares received beside shares eligible; alarms."),
    ("recount", "relais_cli.audit.recount:recount", "Let routing count every decision anew."),
]
for order, (name, path, what) in enumerate(COMMANDS):
    app.command(path, name=name, help=what, sort_key=order)
