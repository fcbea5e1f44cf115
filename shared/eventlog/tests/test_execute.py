"""Running commands on a stream: load, decide, append, and decide again when somebody else was faster."""

import asyncio

import asyncpg
import pytest

from shared.commands import Aggregate, execute, load
from shared.eventlog import EventLog, StaleVersion
from shared.eventlog.tests.support import KEY_OF, order, said, texts
from shared.events.meetings import StatementRecorded

CELL = KEY_OF[2]


def decide(spoken: int, limit: int) -> list[StatementRecorded]:
    """Says how many spoke before, as long as there is time for one more."""
    return [said(str(spoken))] if spoken < limit else []


SPEECHES: Aggregate[int, int] = Aggregate("speeches", 0, decide, lambda spoken, _event: spoken + 1)


async def test_of_many_at_once_each_is_decided_on_what_the_one_before_left(log: EventLog) -> None:
    await asyncio.gather(*(execute(log, SPEECHES, "1", 100, key=CELL, command=order()) for _ in range(4)))
    assert texts(await log.read("speeches:1")) == ["0", "1", "2", "3"]


async def test_several_commands_in_one_transaction_see_each_other(log: EventLog, pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        for number in range(3):
            command = order(f"k{number}")
            await execute(log, SPEECHES, "1", 2, key=CELL, command=command, connection=connection)
            again = await execute(log, SPEECHES, "1", 2, key=CELL, command=command, connection=connection)
            assert again.repeated
        assert await load(log, SPEECHES, "1", connection) == (2, 2)
        assert await load(log, SPEECHES, "1") == (0, 0)
    assert await load(log, SPEECHES, "1") == (2, 2)


async def test_who_says_which_version_they_saw_is_not_decided_for_on_another(log: EventLog) -> None:
    await execute(log, SPEECHES, "1", [100, 100], key=CELL, command=order())
    with pytest.raises(StaleVersion) as refused:
        await execute(log, SPEECHES, "1", 100, key=CELL, command=order(), expected_version=1)
    assert (refused.value.expected, refused.value.actual) == (1, 2)
    await execute(log, SPEECHES, "1", 100, key=CELL, command=order(), expected_version=2)
