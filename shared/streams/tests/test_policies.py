import asyncio
from typing import Any

import asyncpg
import httpx

from shared.eventlog import Command, Position, Recorded, Write
from shared.events.inspection import RemarkRecorded
from shared.events.members import OrganisationRenamed
from shared.streams import Policy
from shared.streams.parking import parked
from shared.streams.tests.house import SERVICE, House, Remarks, eventually

REACHED = "SELECT sum(position)::int FROM checkpoint WHERE subscription = 'echo'"


class Echo(Policy):
    """Answers every remark with an event in its own service's log."""

    def __init__(self) -> None:
        super().__init__("echo", sources=[SERVICE])
        self.faults: list[Exception] = []
        self.blocked = asyncio.Event()
        self.blocked.set()
        self.on(RemarkRecorded)(self.answer)

    async def answer(self, house: House, connection: asyncpg.Connection, event: Recorded[RemarkRecorded]) -> None:
        await self.blocked.wait()
        about = event.data
        answer = OrganisationRenamed(organisation=about.cell, name=about.text, effective_on=event.recorded_at.date())
        command = Command(actor="system:echo", correlation=event.metadata.correlation, causation=str(event.at))
        write = Write(f"echo:{event.at}", 0, [answer])
        await house.log.append(write, key=about.cell, command=command, connection=connection)
        if self.faults:
            raise self.faults.pop()


async def _answers(house: House) -> int:
    count: int = await house.pool.fetchval("SELECT count(*) FROM event WHERE type LIKE 'members.%'")
    return count


async def _done(house: House) -> None:
    async def through() -> bool:
        reached: Any = await house.pool.fetchval(REACHED)
        return bool(reached == sum((await house.log.heads()).values()))

    await eventually(through)


async def test_a_policy_acts_exactly_once_per_event_whatever_breaks(house: House) -> None:
    echo = Echo()
    echo.faults = [
        httpx.ConnectError("members is away"),
        asyncpg.DeadlockDetectedError("deadlock"),
        ConnectionResetError("the database went away"),
        TimeoutError(),
    ]
    await house.relay()
    await house.follow(policies=[echo])
    await house.follow(policies=[echo])
    for cell in ("alpha", "beta", "gamma"):
        await house.remark(cell, "one", "two")
    await _done(house)
    assert await _answers(house) == 6
    assert await parked(house.pool) == []


async def test_what_a_failing_policy_wrote_is_undone(house: House) -> None:
    echo = Echo()
    echo.faults = [ValueError("no such office"), ValueError("no such office")]
    await house.remark("alpha", "one")
    await house.follow(policies=[echo])
    await _done(house)
    assert await _answers(house) == 0
    assert [event.error for event in await parked(house.pool)] == ["ValueError: no such office"]


async def test_a_policy_that_hangs_does_not_hold_up_the_views(house: House) -> None:
    echo = Echo()
    echo.blocked.clear()
    await house.relay()
    following = await house.follow(Remarks(), policies=[echo])
    for text in ("one", "two", "three"):
        at = await house.remark("alpha", text)
        assert await following.wait_for("remarks", at, timeout=10)
    assert await _answers(house) == 0
    echo.blocked.set()
    await _done(house)
    assert await _answers(house) == 3
    assert at == Position(SERVICE, at.partition, 3)
