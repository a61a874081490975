"""What ends a run: a variant whose result is not complete, equal and free of repetitions.

Raised by the checks after each measurement. It carries what was found, in words.
"""


class Wrong(Exception):
    """A variant did not do its work, or did it twice: its time does not count."""
