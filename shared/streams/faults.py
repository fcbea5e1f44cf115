"""Whose fault is it? A broken connection is tried again in place; a broken event is parked."""

import asyncio

import asyncpg
import httpx
from redis.exceptions import RedisError

from shared.eventlog import StaleVersion, UnknownOutcome

# Connection, rollback, resources, operator intervention, system, and the server's own trouble: a disk quota or a limit
# on files, which is a full disk in all but name, is told as XX000.
_PASSING = ("08", "40", "53", "57", "58", "XX")

_TRANSIENT = (
    OSError,
    TimeoutError,
    httpx.TransportError,
    RedisError,
    StaleVersion,  # a policy met somebody else's command: it decides again on the new state
    UnknownOutcome,
    asyncpg.InternalClientError,  # what asyncpg may say of a connection that just broke
    asyncpg.InvalidCachedStatementError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)


def is_transient(error: BaseException) -> bool:
    """Whether trying again, later, can help: nothing is wrong with the event itself."""
    match error:
        case asyncpg.PostgresError(sqlstate=str(state)) if state.startswith(_PASSING):
            return True
        case asyncpg.InterfaceError():
            return not isinstance(error, ValueError)  # asyncpg calls a value it cannot encode by this name, too
        case httpx.HTTPStatusError():
            return error.response.status_code >= 500 or error.response.status_code in (401, 403, 408, 429)
        case _:
            return isinstance(error, _TRANSIENT)


class Backoff:
    """Waits that grow from ``first`` to ``most`` seconds, cut short when ``stopping`` is set."""

    def __init__(self, stopping: asyncio.Event, first: float = 0.05, most: float = 5.0) -> None:
        self._stopping, self._first, self._most = stopping, first, most
        self._next = first

    def reset(self) -> None:
        self._next = self._first

    async def wait(self) -> None:
        """Raises `Stopped` when there is no point in going on."""
        await pause(self._stopping, self._next)
        self._next = min(self._next * 2, self._most)
        if self._stopping.is_set():
            raise Stopped


class Stopped(Exception):
    """The service is shutting down; what was not finished is done by the next one."""


async def pause(event: asyncio.Event, seconds: float) -> bool:
    """Wait until ``event`` is set, at most ``seconds``; says whether it is."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
