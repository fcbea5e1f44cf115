from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import asyncpg
import pytest

from services.inspection.tests import wall_kit as facts
from services.inspection.tests.wall_kit import Wall
from shared.events.members import Sector
from tests.support.house import House, open_house

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
async def wall(pool: asyncpg.Pool) -> Wall:
    """The supervision wall, empty, in a database of its own."""
    made = Wall(pool)
    await made.prepare()
    return made


@pytest.fixture
async def house(postgres_url: str, redis_url: str) -> AsyncIterator[House]:
    """Inspection as it runs, over a bloc with two committees; the first has two cells, of which one missed October."""
    async with open_house(postgres_url, redis_url, "inspection", clock=lambda: NOW) as opened:
        for event in (
            facts.committee("bloc", name="Đảng bộ Khối"),
            facts.committee("north", "bloc", name="Đảng bộ phía Bắc"),
            facts.committee("south", "bloc", name="Đảng bộ phía Nam"),
            facts.cell("c1", "north", "Chi bộ bản Phiêng Lơi"),
            facts.cell("c2", "north", "Chi bộ Trường học", since=date(2026, 1, 1), sector=Sector.SCHOOL),
            facts.cell("c3", "south", "Chi bộ phố 10"),
        ):
            await opened.given("members", f"organisation:{event.organisation}", event, key=event.organisation)
        october, november = "2026-10", "2026-11"
        await opened.given("meetings", "meeting:m1", *facts.held("m1", "c1", october), key="c1")
        await opened.given(
            "meetings", "meeting:m2", *facts.held("m2", "c1", november), facts.sent("m2", "c1", november), key="c1"
        )
        await opened.given("meetings", "cell-month:c2:2026-10", facts.missed("c2", october), key="c2")
        await opened.given("meetings", "meeting:m3", *facts.held("m3", "c3", october, late=True), key="c3")
        await opened.settled()
        yield opened
