import asyncpg
import pytest

from shared.eventlog import EventLog
from shared.eventlog.schema import create

PARTITIONS = 4


@pytest.fixture
async def log(pool: asyncpg.Pool) -> EventLog:
    """An empty log of the meetings service with four partitions."""
    async with pool.acquire() as connection:
        await create(connection, PARTITIONS)
    return await EventLog.open(pool, "meetings")
