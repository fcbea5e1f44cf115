"""A query that names a position waits for it, and only where it will come."""

from services.meetings.views.calendar import CALENDAR
from shared.organisations import ORGANISATIONS
from tests.support.house import open_house


async def test_a_page_waits_only_for_what_its_view_follows(postgres_url: str, redis_url: str) -> None:
    async with open_house(postgres_url, redis_url, "meetings") as house:
        ctx = house.ctx("meetings")
        assert await ctx.caught_up(ORGANISATIONS, "meetings.0.1")  # a meeting never reaches the tree: no wait
        assert not await ctx.caught_up(CALENDAR, "meetings.0.1")
        assert not await ctx.caught_up(ORGANISATIONS, "members.0.1")
