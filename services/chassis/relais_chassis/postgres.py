"""The one door to PostgreSQL: a pool bound to the service's schema, transactions, and outages waited out.

Everything that stores goes through `Database`. It knows no table; transactions are READ COMMITTED.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias, TypeVar

import asyncpg
import structlog

Connection: TypeAlias = asyncpg.Connection

T = TypeVar("T")
log = structlog.get_logger(__name__)

_PASSING: Final = (
    asyncpg.PostgresConnectionError,  # class 08: the connection went away
    asyncpg.InsufficientResourcesError,  # class 53: too many connections, disk full
    asyncpg.OperatorInterventionError,  # class 57: shutdown, crash, starting up
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the primary has become a standby
    asyncpg.InvalidCachedStatementError,  # a migration changed a table under a prepared statement
    asyncpg.InternalClientError,  # asyncpg lost track of a session that the server had ended
    OSError,  # refused, reset, timed out
)
_LASTING: Final = (asyncpg.OutOfMemoryError, asyncpg.DatabaseDroppedError)
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 5.0


def is_passing(error: BaseException) -> bool:
    """Whether a fault is one of the database's own that time heals."""
    if isinstance(error, asyncpg.InterfaceError):
        text = str(error)
        return not isinstance(error, ValueError) and "connection" in text and "closed" in text
    return isinstance(error, _PASSING) and not isinstance(error, _LASTING)


async def waited_out(work: Callable[[], Awaitable[T]], doing: str) -> T:
    """Do `work`, again and again with growing pauses while the database is away; other errors pass through."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("database is away, waiting", doing=doing, error=repr(error), pause=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _nothing_to_reset(conn: Connection) -> None:
    """Transactions leave no settings, locks or cursors behind; the stock reset costs a round trip a batch."""


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


class Database:
    """A pool of connections to one service's schema."""

    def __init__(self, dsn: str, schema: str, *, min_size: int = 1, max_size: int = 10) -> None:
        self.dsn, self.schema = dsn, schema
        self._sizes = (min_size, max_size)
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """Connect; waits until the database is up."""
        await waited_out(self._connect, "connect")

    async def _connect(self) -> None:
        self._pool = await asyncpg.create_pool(
            min_size=self._sizes[0], max_size=self._sizes[1], reset=_nothing_to_reset, **self._address()
        )

    def _address(self) -> dict[str, object]:
        return {
            "dsn": self.dsn,
            "command_timeout": 60,
            "timeout": 10,
            "server_settings": {
                "search_path": quoted(self.schema),
                "application_name": f"relais {self.schema}",
                # A process that hangs in a transaction would hold its streams' locks and every reader of the log.
                "idle_in_transaction_session_timeout": "60s",
            },
        }

    async def close(self) -> None:
        """Close the connections; those in use get five seconds to end."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(5):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def __aenter__(self) -> "Database":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> str | None:
        """For health: None where the database answers; raises what it fails with."""
        async with self.connection() as conn:
            await conn.execute("select 1")
        return None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside any transaction."""
        if self._pool is None:
            raise RuntimeError("the database is not open: call `open` first")
        async with self._pool.acquire() as conn:
            try:
                yield conn
            except Exception as error:
                if not isinstance(error, asyncpg.PostgresError) and is_passing(error):
                    with suppress(asyncpg.InterfaceError):  # it may have gone back to the pool by itself
                        conn.terminate()  # its session is not to be trusted with anybody else's work
                raise

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """A connection of one's own, closed at the end: settings and session locks go with it."""
        conn = await asyncpg.connect(**self._address())
        try:
            yield conn
        finally:
            conn.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction: committed at the end, rolled back on any error."""
        async with self.connection() as conn, conn.transaction():
            yield conn

    async def in_transaction(self, work: Callable[[Connection], Awaitable[T]], doing: str = "write") -> T:
        """Do `work` in one transaction; an outage is waited out and the work done again from the start."""

        async def once() -> T:
            async with self.transaction() as conn:
                return await work(conn)

        return await waited_out(once, doing)
