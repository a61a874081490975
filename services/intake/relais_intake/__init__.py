"""Intake: the only door in for facts. Decides the case, writes `relais.cases`, `relais.actions` and `relais.directory`.

Never chooses a partner, never talks to one."""
