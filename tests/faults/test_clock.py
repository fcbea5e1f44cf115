"""The services' clock jumps, by weeks and by hours: nothing is lost, refused without a name, or done twice."""

from collections import Counter

import pytest

from deploy.local.embedded import parts_of
from services.meetings.daily import notice_missed
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.tests.cell import Cell, Hands
from shared.events.meetings import CellMonthMissed
from shared.events.notifications import NotificationRaised
from shared.service import views_of
from shared.settings import SERVICES
from tests.support.house import House, open_house
from tests.support.recomputed import differences


@pytest.mark.faults
async def test_the_clock_jumps_forward_and_back_in_the_middle_of_a_meeting(postgres_url: str, redis_url: str) -> None:
    clock = Hands()
    async with open_house(postgres_url, redis_url, clock=clock) as house:
        cell = Cell(house, clock)
        await cell.register()
        meeting = await cell.gathered()
        recorded = 0
        for hours in (-3, 50 * 24, -47 * 24, 0.5, -24, 70 * 24, -71 * 24 + 3.5):
            clock.on(hours=hours)
            said = {"item": item_id(meeting, DISCUSSION), "speaker": "hoa", "text": f"Lúc {clock():%H:%M %d/%m}."}
            await cell.done(f"/meetings/{meeting}/statements", said)
            recorded += 1
            if hours == -3:
                early = await cell.ask(f"/meetings/{meeting}/closing")
                assert (early.status_code, early.json()["rule"]) == (422, "meeting.closed_after_opening")
            await notice_missed(cell.ctx)
            await house.settled()
        await cell.done(f"/meetings/{meeting}/conclusions", {"item": item_id(meeting, CONCLUSION), "text": "Nhất trí."})
        await cell.done(f"/meetings/{meeting}/closing")
        await house.settled()
        kept = (await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")).json()
        assert len(kept["statements"]) == recorded
        assert set((await _counted(house, "meetings", CellMonthMissed.TYPE)).values()) == {1}
        assert set((await _counted(house, "notifications", NotificationRaised.TYPE)).values()) == {1}
        await _all_fits(house)


async def _counted(house: House, service: str, kind: str) -> Counter[str]:
    """By stream: how often it happened. Raises `AssertionError` when it never did."""
    rows = await house.ctx(service).pool.fetch("SELECT stream FROM event WHERE type = $1", kind)
    assert rows
    return Counter(row["stream"] for row in rows)


async def _all_fits(house: House) -> None:
    logs = {service: house.ctx(service).log for service in SERVICES}
    for service in SERVICES:
        assert (await logs[service].verify()).broken == []
        async with house.ctx(service).pool.acquire() as connection:
            for view in views_of(parts_of(service)):
                assert await differences(connection, view, logs) == [], f"{service}.{view.name}"
