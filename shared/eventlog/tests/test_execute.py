"""Running commands on a stream: load, decide, append, and decide again when somebody else was faster."""

import asyncio

import asyncpg
import pytest

from shared.commands import Aggregate, execute, load, seen
from shared.eventlog import EventLog, StaleVersion
from shared.eventlog.folded import Folded
from shared.eventlog.tests.support import KEY_OF, order, said, texts
from shared.events.meetings import StatementRecorded
from shared.refusal import Refused, require

CELL = KEY_OF[2]


def decide(spoken: int, limit: int) -> list[StatementRecorded]:
    """Says how many spoke before, as long as there is time for one more."""
    return [said(str(spoken))] if spoken < limit else []


SPEECHES: Aggregate[int, int] = Aggregate("speeches", 0, decide, lambda spoken, _event: spoken + 1)


def pass_or_turn(opened: bool, wanted: str) -> list[StatementRecorded]:
    require(opened or wanted != "pass", "gate.open")
    return [said(wanted)]


GATE: Aggregate[bool, str] = Aggregate(
    "gate", False, pass_or_turn, lambda opened, event: {"open": True, "shut": False}.get(event.text, opened)
)


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


async def test_a_stream_that_was_seen_is_decided_on_without_reading_it_again(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await execute(log, SPEECHES, "1", 100, key=CELL, command=order(f"k{number}"))
        assert seen(log, SPEECHES, "1") == (number + 1, number + 1)
        monkeypatch.setattr(log, "read", None)
    monkeypatch.undo()
    assert texts(await log.read("speeches:1")) == ["0", "1", "2"]


async def test_what_was_seen_is_decided_again_when_others_have_gone_on(log: EventLog, pool: asyncpg.Pool) -> None:
    other = await EventLog.open(pool, log.service)
    await execute(log, SPEECHES, "1", 100, key=CELL, command=order())
    await execute(other, SPEECHES, "1", [100, 100], key=CELL, command=order())
    await execute(log, SPEECHES, "1", 100, key=CELL, command=order())
    assert texts(await log.read("speeches:1")) == ["0", "1", "2", "3"]
    assert await load(log, SPEECHES, "1") == await load(other, SPEECHES, "1") == (4, 4)


async def test_what_is_refused_on_what_was_seen_may_be_allowed_by_now(log: EventLog, pool: asyncpg.Pool) -> None:
    """A gate: opened by one process, while the other has seen it shut."""
    other = await EventLog.open(pool, log.service)
    await execute(log, GATE, "1", "shut", key=CELL, command=order())
    with pytest.raises(Refused):
        await execute(log, GATE, "1", "pass", key=CELL, command=order())
    await execute(other, GATE, "1", "open", key=CELL, command=order())
    await execute(log, GATE, "1", "pass", key=CELL, command=order())
    await execute(other, GATE, "1", "shut", key=CELL, command=order())
    with pytest.raises(Refused):
        await execute(log, GATE, "1", "pass", key=CELL, command=order())


@pytest.mark.parametrize("where", ["the same process", "another process"])
async def test_a_repeat_that_would_be_refused_now_is_answered_as_the_first_time(
    log: EventLog, pool: asyncpg.Pool, where: str
) -> None:
    await execute(log, GATE, "1", "open", key=CELL, command=order())
    first = await execute(log, GATE, "1", "pass", key=CELL, command=order("once"))
    await execute(log, GATE, "1", "shut", key=CELL, command=order())
    asked = log if where == "the same process" else await EventLog.open(pool, log.service)
    again = await execute(asked, GATE, "1", "pass", key=CELL, command=order("once"))
    assert (again.at, again.versions, again.repeated) == (first.at, first.versions, True)
    assert texts(await log.read("gate:1")) == ["open", "pass", "shut"]


async def test_a_repeat_is_not_taken_for_what_was_seen_afterwards(log: EventLog) -> None:
    for number in range(3):
        await execute(log, SPEECHES, "1", 100, key=CELL, command=order(f"k{number}"))
    again = await execute(log, SPEECHES, "1", 100, key=CELL, command=order("k0"))
    assert again.repeated
    assert again.versions == {"speeches:1": 1}
    assert seen(log, SPEECHES, "1") == (3, 3)


async def test_who_saw_an_older_version_is_refused_also_by_a_process_that_saw_no_newer(
    log: EventLog, pool: asyncpg.Pool
) -> None:
    other = await EventLog.open(pool, log.service)
    await execute(log, SPEECHES, "1", 100, key=CELL, command=order())
    await execute(other, SPEECHES, "1", 100, key=CELL, command=order())
    for expected in (0, 1, 3):
        with pytest.raises(StaleVersion):
            await execute(log, SPEECHES, "1", 100, key=CELL, command=order(), expected_version=expected)
    await execute(log, SPEECHES, "1", 100, key=CELL, command=order(), expected_version=2)


def test_only_the_streams_used_last_are_remembered_and_no_older_state_of_them() -> None:
    folded = Folded(most=2)
    for stream in ("a", "b"):
        folded.keep(decide, stream, stream, 2)
    folded.keep(decide, "a", "older", 1)
    assert folded.get(decide, "a") == ("a", 2)
    folded.keep(decide, "c", "c", 1)
    assert folded.get(decide, "b") is None
    assert folded.get(decide, "a") == ("a", 2)
    assert folded.get(len, "a") is None
