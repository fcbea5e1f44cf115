"""Races made to happen: one transaction is held open at the worst moment while others go on."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.eventlog import Appended, EventLog, Position, StaleVersion
from shared.eventlog.tests.support import KEY_OF, order, positions, texts, until_waiting, write

CELL = KEY_OF[2]


@pytest.fixture
async def slow(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection for the transaction that does not commit yet."""
    async with pool.acquire() as connection:
        yield connection


@pytest.mark.parametrize("commits", [True, False])
async def test_nobody_passes_an_append_that_has_not_committed(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection, commits: bool
) -> None:
    held = slow.transaction()
    await held.start()
    await log.append(write("meeting:slow", 0, "a"), key=CELL, command=order(), connection=slow)
    waiting = [
        asyncio.create_task(log.append(write(f"meeting:{n}", 0, "b"), key=CELL, command=order())) for n in range(5)
    ]
    await until_waiting(pool, 1, unless=waiting)
    assert await positions(log, 2) == []
    await (held.commit() if commits else held.rollback())
    outcomes = await asyncio.gather(*waiting)
    assert [outcome.at.position for outcome in outcomes] == list(range(1 + commits, 6 + commits))
    assert await positions(log, 2) == list(range(1, 6 + commits))


async def test_two_writers_on_one_partition_make_one_chain(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    async with slow.transaction():
        await log.append(write("meeting:slow", 0, "a"), key=CELL, command=order(), connection=slow)
        second = asyncio.create_task(log.append(write("meeting:2", 0, "b"), key=CELL, command=order()))
        await until_waiting(pool, 1)
    await second
    verification = await log.verify()
    assert verification.broken == []
    assert verification.events[2] == 2


async def test_an_append_held_open_keeps_no_other_partition_waiting(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    async with slow.transaction():
        await log.append(write("meeting:slow", 0, "a"), key=CELL, command=order(), connection=slow)
        waiting = asyncio.create_task(log.append(write("meeting:2", 0, "b"), key=CELL, command=order()))
        await until_waiting(pool, 1)
        for partition in (0, 1, 3):
            cell = KEY_OF[partition]
            appended = await log.append(write(f"meeting:{cell}", 0, "c"), key=cell, command=order())
            assert appended.at == Position("meetings", partition, 1)
    assert (await waiting).at.position == 2


async def test_a_duplicate_of_a_command_under_way_gets_its_answer(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    async with slow.transaction():
        first = await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"), connection=slow)
        duplicate = asyncio.create_task(log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k")))
        await until_waiting(pool, 1)
    again = await duplicate
    assert again.repeated
    assert (again.at, again.versions) == (first.at, first.versions)
    assert texts(await log.read("meeting:1")) == ["a"]


async def test_a_duplicate_takes_over_when_the_command_under_way_is_rolled_back(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    held = slow.transaction()
    await held.start()
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"), connection=slow)
    duplicate = asyncio.create_task(log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k")))
    await until_waiting(pool, 1)
    await held.rollback()
    assert not (await duplicate).repeated
    assert texts(await log.read("meeting:1")) == ["a"]


async def test_a_stream_cannot_begin_in_two_partitions(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    async with slow.transaction():
        await log.append(write("meeting:1", 0, "a"), key=KEY_OF[0], command=order(), connection=slow)
        rival = asyncio.create_task(log.append(write("meeting:1", 0, "b"), key=KEY_OF[1], command=order()))
        await until_waiting(pool, 1)
    with pytest.raises(StaleVersion) as refused:
        await rival
    assert refused.value.actual == 1
    assert (await log.heads())[1] == 0


async def test_two_that_hold_partitions_the_other_needs_both_end(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    held = slow.transaction()
    await held.start()
    await log.append(write("meeting:1", 0, "a"), key=KEY_OF[0], command=order(), connection=slow)
    async with pool.acquire() as other:
        also_held = other.transaction()
        await also_held.start()
        await log.append(write("meeting:2", 0, "a"), key=KEY_OF[1], command=order(), connection=other)
        crossing = [
            asyncio.create_task(
                log.append(write("meeting:3", 0, "b"), key=KEY_OF[1], command=order(), connection=slow)
            ),
            asyncio.create_task(
                log.append(write("meeting:4", 0, "b"), key=KEY_OF[0], command=order(), connection=other)
            ),
        ]
        outcomes = await asyncio.gather(*crossing, return_exceptions=True)
        await (held.commit() if isinstance(outcomes[0], Appended) else held.rollback())
        await (also_held.commit() if isinstance(outcomes[1], Appended) else also_held.rollback())
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appended", "DeadlockDetectedError"]
    assert not (await log.verify()).broken


async def test_one_who_gives_up_waiting_disturbs_nobody(
    log: EventLog, pool: asyncpg.Pool, slow: asyncpg.Connection
) -> None:
    async with slow.transaction():
        await log.append(write("meeting:1", 0, "a"), key=CELL, command=order(), connection=slow)
        waiting = [asyncio.create_task(log.append(write("meeting:2", 0, "b"), key=CELL, command=order()))]
        await until_waiting(pool, 1)
        waiting += [
            asyncio.create_task(log.append(write(f"meeting:{n}", 0, "b"), key=CELL, command=order())) for n in (3, 4)
        ]
        await log.append(write("meeting:5", 0, "c"), key=KEY_OF[0], command=order())  # by now they are in the queue
        waiting[1].cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(outcome, Appended) for outcome in outcomes] == [True, False, True]
    assert not (await log.verify()).broken
