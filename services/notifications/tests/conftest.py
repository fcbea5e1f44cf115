from collections.abc import AsyncIterator

import pytest

from tests.support.house import House, open_house


@pytest.fixture
async def house(postgres_url: str, redis_url: str) -> AsyncIterator[House]:
    async with open_house(postgres_url, redis_url, "notifications") as opened:
        yield opened
