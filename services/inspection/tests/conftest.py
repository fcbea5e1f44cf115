import asyncpg
import pytest

from services.inspection.tests.wall_kit import Wall


@pytest.fixture
async def wall(pool: asyncpg.Pool) -> Wall:
    """The supervision wall, empty, in a database of its own."""
    made = Wall(pool)
    await made.prepare()
    return made
