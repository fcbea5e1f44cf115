"""Telling the relays that a partition has grown.

NOTIFY takes a lock over the whole server until its transaction has reached the disk, so a NOTIFY inside every append
would let only one append at a time commit. Instead one short transaction without anything to write tells of all
partitions that grew meanwhile. It is a hint: whoever listens also looks now and then by itself.
"""

import asyncio

import asyncpg

PAUSE = 0.005  # seconds between two announcements of one process
TELL = "SELECT pg_notify($1, grown::text) FROM unnest($2::integer[]) AS grown"


def channel(service: str) -> str:
    """The channel of a service's log; the payload of a notification is the partition's number."""
    return f"chibo_{service}_events"


class Announcer:
    def __init__(self, pool: asyncpg.Pool, name: str) -> None:
        self._pool = pool
        self._channel = name
        self._grown: set[int] = set()
        self._telling: asyncio.Task[None] | None = None

    def announce(self, partition: int) -> None:
        """Returns at once; the first announcement after a quiet time leaves without delay."""
        self._grown.add(partition)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            while self._grown:
                grown, self._grown = sorted(self._grown), set()
                await self._pool.execute(TELL, self._channel, grown)
                await asyncio.sleep(PAUSE)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass  # the database or the pool is going away; listeners look by themselves
        finally:
            self._telling = None
