"""`relais directory`: the commands about who helps with what. Names them; each is loaded only when it is asked for.

Judges nothing and stores nothing itself.
"""

from cyclopts import App

app = App(name="directory", help="Bring organisations and offers in.")

# Name, where it is, what it does: one line a command.
COMMANDS = [
    ("import", "relais_cli.directory.import_:import_", "Send files of organisations and offers to intake."),
    ("export", "relais_cli.directory.export:export", "Write the directory as it stood, to be imported again."),
    ("generate", "relais_cli.directory.generate:generate", "Write an invented directory of a country."),
    ("duplicates", "relais_cli.directory.duplicates:duplicates", "Show listings that are likely one service."),
]
for order, (name, path, what) in enumerate(COMMANDS):
    app.command(path, name=name, help=what, sort_key=order)
