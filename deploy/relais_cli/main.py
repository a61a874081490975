"""The console's front: names the commands and loads each only when it is asked for.

Decides nothing; a command's module does the work and its return value is the exit status.
"""

import sys

from cyclopts import App

from relais_cli.output import Stopped, complain

app = App(name="relais", help="Hand-offs of career counselling, carried and kept in sight.", version="0.1.0")

# Name, where it is, what it does: `module:function` for a command, `module:app` for a group of them.
COMMANDS = [
    ("demo", "relais_cli.demo:main", "Show the whole chain at work on this machine."),
    ("up", "relais_cli.up:up", "Start broker, database and services on this machine."),
    ("down", "relais_cli.up:down", "Stop what `up` started."),
    ("test", "relais_cli.check:test", "Run all tests with a real broker and a real database."),
    ("check", "relais_cli.check:check", "Lint, types, layers, generated files, all tests, coverage: what has to hold."),
    ("contracts", "relais_cli.contracts:contracts", "Write the files generated from the contracts."),
    ("tokens", "relais_cli.tokens:app", "Issue access tokens and login links."),
    ("topics", "relais_cli.topics:app", "Create the topics of the registry, and print their access rules."),
    ("migrate", "relais_cli.migrate:migrate", "Bring the services' schemas up to date."),
    ("directory", "relais_cli.directory:app", "Bring organisations and offers in."),
    ("territories", "relais_cli.territories:app", "Bring living areas and employment zones in."),
    ("dlq", "relais_cli.dlq:app", "List, show and replay dead letters."),
    ("decisions", "relais_cli.decisions:app", "Replay and verify decisions."),
    ("audit", "relais_cli.audit:app", "Look at the fairness of what was decided."),
    ("refill", "relais_cli.refill:refill", "Publish a service's log again."),
    ("bench", "relais_cli.bench:main", "Measure, side by side with what one would use instead."),
    ("faults", "relais_cli.faults:app", "Kill, cut and crowd things, and count what was lost or given twice."),
    ("pictures", "relais_cli.pictures:main", "Photograph the pages for README, during a played day."),
    ("doctor", "relais_cli.doctor:doctor", "Say what this machine lacks, and what to do about it."),
]
for order, (name, path, what) in enumerate(COMMANDS):
    app.command(path, name=name, help=what, sort_key=order)


def main() -> None:
    """Run the console with the arguments of this process."""
    try:
        app()
    except Stopped as stopped:
        complain(str(stopped))
        sys.exit(stopped.status)
