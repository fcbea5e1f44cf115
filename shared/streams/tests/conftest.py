from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.streams.tests.house import House


@pytest.fixture
async def house(pool: asyncpg.Pool, redis_url: str) -> AsyncIterator[House]:
    """One service with an empty log, its relay and its subscriptions; nothing is started yet."""
    built = await House.build(pool, redis_url)
    yield built
    await built.close()
