"""Intake's side of a transaction: loads what deciding needs, asks the deciders, writes what follows beside the log.

The only shell around `case`, `actions` and `directory.decider`; it takes no decision of its own.
"""
