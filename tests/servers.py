"""The addresses that the `stack` fixture gives to a test."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Servers:
    """Addresses of the broker (`host:port`) and the database (a superuser's DSN)."""

    kafka: str
    postgres: str
