"""A database with the services' schemas, and the console that speaks to it as a person would."""

import os
import subprocess
import sys

import asyncpg

from relais_cli.stack import schemas


class Place:
    """`run` gives the console words, `connect` looks with the eyes of a service's own role."""

    def __init__(self, superuser: str, database: str) -> None:
        self.superuser, self.database = superuser, database
        self._env = {**os.environ, "RELAIS_POSTGRES": superuser, "RELAIS_DATABASE": database}

    def run(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """The console's answer, with these variables beside those that lead it here."""
        command = [sys.executable, "-m", "relais_cli", *words]
        return subprocess.run(command, env=self._env | env, capture_output=True, text=True)

    async def connect(self, service: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection as the service's role, in its schema."""
        dsn = schemas.dsn_for(self.superuser, schemas.role_of(service), self.database)
        return await asyncpg.connect(dsn, server_settings={"search_path": service})
