"""From other makers' files to lines of our own language.

Used by `relais directory import`. Each adapter is pure and marks in `assumed` every field that it filled in by a rule.
"""
