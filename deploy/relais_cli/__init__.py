"""The `relais` console: the stack on one machine, and the commands around it.

Decides nothing of the domain: it starts, asks and shows."""
