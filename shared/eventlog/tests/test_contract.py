"""What every service relies on when it appends to its log and reads it. Runs against the server of ``database``."""

import asyncio

import asyncpg
import pytest

from shared.eventlog import (
    Appended,
    Command,
    DifferentPartitions,
    EventLog,
    KeyReused,
    Metadata,
    Position,
    StaleVersion,
    Write,
)
from shared.eventlog.chain import GENESIS, next_hash
from shared.eventlog.tests.support import KEY_OF, order, positions, said, texts, write
from shared.events import UnknownEventType, base
from shared.events.meetings import StatementRecorded

CELL = KEY_OF[2]


async def test_what_was_appended_is_read_back_in_order(log: EventLog) -> None:
    command = Command("secretary", "c-1", causation="members.0.7", entry="paper", on_behalf_of="deputy")
    appended = await log.append(write("meeting:1", 0, "Chào cờ", "Nhất trí “100%”"), key=CELL, command=command)
    assert appended == Appended(Position("meetings", 2, 2), {"meeting:1": 2})
    first, second = await log.read("meeting:1")
    assert (first.data, second.data) == (said("Chào cờ"), said("Nhất trí “100%”"))
    assert (second.at, second.version, second.type) == (Position("meetings", 2, 2), 2, StatementRecorded.TYPE)
    assert second.metadata == Metadata("secretary", "c-1", CELL, "members.0.7", "paper", "deputy")
    assert second.recorded_at.tzinfo is not None


async def test_reading_can_start_after_a_version(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a", "b", "c"), key=CELL, command=order())
    assert texts(await log.read("meeting:1", after=2)) == ["c"]
    assert await log.read("meeting:1", after=3) == []
    assert await log.read("meeting:2") == []


async def test_positions_of_a_partition_follow_each_other_without_a_gap(log: EventLog) -> None:
    await asyncio.gather(
        *(log.append(write(f"meeting:{n}", 0, "a", "b"), key=KEY_OF[n % 4], command=order()) for n in range(40))
    )
    for partition in range(4):
        assert await positions(log, partition) == list(range(1, 21))
    assert await log.heads() == {0: 20, 1: 20, 2: 20, 3: 20}


async def test_the_feed_gives_a_page_that_follows_a_position(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a", "b", "c", "d"), key=CELL, command=order())
    assert [event.position for event in await log.feed(2, 1, 2)] == [2, 3]
    assert await log.feed(2, 4, 2) == []
    assert await log.feed(1, 0, 2) == []


async def test_what_is_stored_is_exactly_what_was_hashed(log: EventLog) -> None:
    event = said('Đồng chí nói: "2 + 2 = 4" \\ \u0001')
    await log.append([Write("meeting:1", 0, [event]), write("task:1", 0, "b")], key=CELL, command=order())
    first, second = await log.feed(2, 0, 10)
    assert first.data == event.model_dump_json().encode()
    assert first.hash == next_hash(GENESIS, first)
    assert second.hash == next_hash(first.hash, second)


async def test_a_stale_write_is_refused_and_nothing_is_written(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    for expected in (0, 2):
        with pytest.raises(StaleVersion) as refused:
            await log.append(
                [write("task:1", 0, "b"), write("meeting:1", expected, "b")], key=CELL, command=order("k", "b")
            )
        assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("meeting:1", expected, 1)
    assert await log.read("task:1") == []
    assert (await log.heads())[2] == 1
    assert await log.find(order("k", "b")) is None


async def test_of_two_who_decided_on_the_same_version_one_is_refused(log: EventLog) -> None:
    attempts = [log.append(write("meeting:1", 0, str(n)), key=CELL, command=order()) for n in range(10)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StaleVersion) for outcome in outcomes) == 9
    assert len(await log.read("meeting:1")) == 1


async def test_a_repeated_command_is_answered_as_the_first_time(log: EventLog) -> None:
    appended = await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k", "a"), answer={"số": 1})
    await log.append(write("meeting:1", 1, "b"), key=CELL, command=order())
    again = await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k", "a"), answer={"số": 2})
    assert again == Appended(appended.at, {"meeting:1": 1}, True, {"số": 1})
    assert await log.find(order("k", "a")) == again
    assert texts(await log.read("meeting:1")) == ["a", "b"]


async def test_a_command_sent_many_times_at_once_is_recorded_once(log: EventLog) -> None:
    outcomes = await asyncio.gather(
        *(log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k", "a")) for _ in range(10))
    )
    assert sorted(outcome.repeated for outcome in outcomes) == [False] + [True] * 9
    assert {outcome.at for outcome in outcomes} == {Position("meetings", 2, 1)}


async def test_the_same_key_with_other_content_is_refused(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k", "a"))
    with pytest.raises(KeyReused):
        await log.append(write("meeting:2", 0, "b"), key=KEY_OF[1], command=order("k", "b"))
    with pytest.raises(KeyReused):
        await log.find(order("k", "b"))
    assert await log.read("meeting:2") == []
    assert (await log.heads())[1] == 0


async def test_a_command_that_changes_nothing_is_remembered_too(log: EventLog) -> None:
    appended = await log.append(write("meeting:1", 0), key=CELL, command=order("k"), answer={"done": True})
    assert appended == Appended(Position("meetings", 2, 0), {"meeting:1": 0}, False, {"done": True})
    again = await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"))
    assert again == Appended(Position("meetings", 2, 0), {"meeting:1": 0}, True, {"done": True})
    assert await log.find(order()) is None
    assert await log.find(order("other")) is None


async def test_a_stream_stays_in_its_partition_when_the_cell_moves(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a"), key=KEY_OF[2], command=order())
    appended = await log.append(
        [write("meeting:1", 1, "b"), write("meeting:2", 0, "c")], key=KEY_OF[0], command=order("k")
    )
    assert appended.at == Position("meetings", 2, 3)
    repeated = await log.append(write("meeting:1", 0, "b"), key=KEY_OF[0], command=order("k"))
    assert repeated.at == appended.at
    assert (await log.read("meeting:1"))[1].metadata.key == KEY_OF[0]


async def test_one_command_cannot_write_to_two_partitions(log: EventLog) -> None:
    await log.append(write("meeting:1", 0, "a"), key=KEY_OF[2], command=order())
    await log.append(write("meeting:2", 0, "a"), key=KEY_OF[1], command=order())
    for cell in KEY_OF.values():
        with pytest.raises(DifferentPartitions):
            await log.append([write("meeting:1", 1, "b"), write("meeting:2", 1, "b")], key=cell, command=order())
    with pytest.raises(ValueError, match="twice"):
        await log.append([write("meeting:1", 1, "b"), write("meeting:1", 2, "b")], key=CELL, command=order())
    assert sum((await log.heads()).values()) == 2


async def test_one_who_cannot_be_recorded_disturbs_nobody_who_is_recorded_with_it(log: EventLog) -> None:
    attempts = [log.append(write(f"meeting:{n}", 0, "a"), key=CELL, command=order()) for n in range(5)]
    unstorable = log.append(write("meeting:\0", 0, "a"), key=CELL, command=order())
    *outcomes, refused = await asyncio.gather(*attempts, unstorable, return_exceptions=True)
    assert isinstance(refused, asyncpg.PostgresError)
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    assert await positions(log, 2) == [1, 2, 3, 4, 5]


async def test_a_joined_append_stands_and_falls_with_its_transaction(log: EventLog, pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"), connection=connection)
        await transaction.rollback()
        assert await log.find(order("k")) is None
        async with connection.transaction():
            await log.append(write("meeting:2", 0, "b"), key=CELL, command=order("k"), connection=connection)
            await log.append(write("meeting:2", 1, "c"), key=KEY_OF[0], command=order(), connection=connection)
            assert texts(await log.read("meeting:2", connection=connection)) == ["b", "c"]
            assert await log.find(order("k"), connection) is not None
            assert await log.find(order("k")) is None
    assert await positions(log, 2) == [1, 2]
    assert texts(await log.read("meeting:2")) == ["b", "c"]


async def test_a_refusal_leaves_the_joined_transaction_as_it_was(log: EventLog, pool: asyncpg.Pool) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(StaleVersion):
            await log.append(write("meeting:1", 0, "b"), key=CELL, command=order("k"), connection=connection)
        await log.append(write("meeting:1", 1, "b"), key=CELL, command=order("k"), connection=connection)
    assert texts(await log.read("meeting:1")) == ["a", "b"]


async def test_an_old_event_is_read_as_what_it_is_today(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    monkeypatch.setattr(StatementRecorded, "SCHEMA", 2)
    monkeypatch.setitem(base._UPCASTS, (StatementRecorded.TYPE, 1), lambda data: {**data, "text": data["text"].upper()})
    await log.append(write("meeting:1", 1, "b"), key=CELL, command=order())
    assert texts(await log.read("meeting:1")) == ["A", "b"]


async def test_an_event_from_the_future_is_an_error_to_see(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(StatementRecorded, "SCHEMA", 2)
        await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    with pytest.raises(UnknownEventType):
        await log.read("meeting:1")


@pytest.mark.parametrize("joined", [False, True])
async def test_whoever_listens_is_told_which_partition_grew(
    log: EventLog, pool: asyncpg.Pool, database: str, joined: bool
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(database)
    try:
        await listener.add_listener(log.channel, lambda *told: heard.put_nowait(told[3]))
        if joined:
            async with pool.acquire() as connection, connection.transaction():
                await log.append(write("meeting:1", 0, "a"), key=CELL, command=order(), connection=connection)
        else:
            await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
        assert await asyncio.wait_for(heard.get(), 5) == "2"
    finally:
        await listener.close()


async def test_the_number_of_partitions_is_that_of_the_database(log: EventLog, pool: asyncpg.Pool) -> None:
    assert log.partitions == (await EventLog.open(pool, "meetings")).partitions == 4
    assert [log.partition_of(KEY_OF[partition]) for partition in range(4)] == [0, 1, 2, 3]
