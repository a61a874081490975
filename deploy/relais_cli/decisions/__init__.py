"""`relais decisions`: choices made again where they were made, or checked by anybody from what is public.

Names the commands; each is loaded only when it is asked for. Changes nothing.
"""

from cyclopts import App

app = App(name="decisions", help="Replay and verify decisions.")

# Name, where it is, what it does: one line a command.
COMMANDS = [
    ("replay", "relais_cli.decisions.replay:replay", "Make stored decisions again, bit for bit."),
    ("verify", "relais_cli.decisions.verify:verify", "Check a decision from its record and the published draw."),
]
for order, (name, path, what) in enumerate(COMMANDS):
    app.command(path, name=name, help=what, sort_key=order)
