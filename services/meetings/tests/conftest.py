from collections.abc import AsyncIterator

import pytest

from services.meetings.tests.cell import Cell, open_cell


@pytest.fixture
async def cell(postgres_url: str, redis_url: str) -> AsyncIterator[Cell]:
    async with open_cell(postgres_url, redis_url) as opened:
        yield opened
