"""Whatever is changed behind the log's back, verify names the first event that does not fit."""

import asyncio

import asyncpg
import pytest

from shared.eventlog import EventLog
from shared.eventlog import verify as verifying
from shared.eventlog.chain import GENESIS, canonical, next_hash
from shared.eventlog.tests.support import KEY_OF, order, write
from shared.eventlog.watch import look
from shared.telemetry.metrics import REGISTRY

CELL = KEY_OF[2]

INSERT_FORGED = """
    INSERT INTO event SELECT partition, {position}, 'meeting:forged', 1, type, schema, data, metadata, recorded_at, hash
    FROM event WHERE partition = 2 AND position = 3"""

TAMPERINGS = {
    "UPDATE event SET stream = 'meeting:9' WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET version = 9 WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET type = 'meetings.MeetingClosed' WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET schema = 2 WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET data = replace(data, 'three', 'thr33') WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET data = data || ' ' WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET metadata = replace(metadata, 'secretary', 'deputy') WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET recorded_at = recorded_at + interval '1 microsecond' WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET hash = sha256(hash) WHERE partition = 2 AND position = 3": 3,
    "UPDATE event SET hash = sha256(hash) WHERE partition = 2 AND position = 5": 5,
    "UPDATE event SET position = 9 WHERE partition = 2 AND position = 5": 5,
    "DELETE FROM event WHERE partition = 2 AND position = 1": 1,
    "DELETE FROM event WHERE partition = 2 AND position = 3": 3,
    "DELETE FROM event WHERE partition = 2 AND position = 5": 5,
    "DELETE FROM event WHERE partition = 2": 1,
    INSERT_FORGED.format(position=0): 0,
    INSERT_FORGED.format(position=6): 6,
    "UPDATE event SET position = CASE position WHEN 2 THEN -2 ELSE -4 END WHERE partition = 2 AND position IN (2, 4);"
    "UPDATE event SET position = CASE position WHEN -2 THEN 4 ELSE 2 END WHERE partition = 2 AND position < 0": 2,
    "UPDATE event SET position = position + 1000 WHERE partition = 2 AND position >= 3;"
    "UPDATE event SET position = position - 999 WHERE partition = 2 AND position >= 1000;"
    + INSERT_FORGED.format(position=3).replace("position = 3", "position = 4"): 3,
    "UPDATE partition_head SET position = 4 WHERE partition = 2": 4,
    "UPDATE partition_head SET position = 6 WHERE partition = 2": 6,
    "UPDATE partition_head SET hash = sha256(hash) WHERE partition = 2": 5,
    "UPDATE partition_head SET position = 0, hash = decode(repeat('00', 32), 'hex') WHERE partition = 2": 1,
    "DELETE FROM partition_head WHERE partition = 2": 1,
    "DELETE FROM event WHERE partition = 2 AND position = 5;"
    "UPDATE partition_head SET position = 4 WHERE partition = 2": 4,
}


@pytest.fixture
async def told(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> EventLog:
    """Five events in partition 2 and one in partition 0; verify reads them in several pages."""
    monkeypatch.setattr(verifying, "PAGE", 2)
    await log.append([write("meeting:1", 0, "one", "two"), write("task:1", 0, "three")], key=CELL, command=order())
    await log.append([write("meeting:1", 2, "four"), write("task:1", 1, "five")], key=CELL, command=order())
    await log.append(write("meeting:2", 0, "other"), key=KEY_OF[0], command=order())
    return log


async def tamper(pool: asyncpg.Pool, sql: str) -> None:
    await pool.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes;" + sql)


async def test_a_log_nobody_touched_is_whole(told: EventLog) -> None:
    seen: list[tuple[int, int]] = []
    verification = await told.verify(lambda partition, position: seen.append((partition, position)))
    assert verification.events == {0: 1, 1: 0, 2: 5, 3: 0}
    assert verification.broken == []
    assert seen == [(0, 1), (2, 2), (2, 4), (2, 5)]


@pytest.mark.parametrize("sql", TAMPERINGS)
async def test_the_first_event_that_does_not_fit_is_named(told: EventLog, pool: asyncpg.Pool, sql: str) -> None:
    await tamper(pool, sql)
    (broken,) = (await told.verify()).broken
    assert (broken.partition, broken.position) == (2, TAMPERINGS[sql])
    assert broken.reason


async def test_a_gap_in_a_stream_is_found_even_when_every_hash_was_recomputed(
    told: EventLog, pool: asyncpg.Pool
) -> None:
    await tamper(pool, "UPDATE event SET version = 7 WHERE partition = 2 AND position = 4")
    last = GENESIS
    for event in await told.feed(2, 0, 10):
        last = next_hash(last, event)
        await pool.execute("UPDATE event SET hash = $1 WHERE partition = 2 AND position = $2", last, event.position)
    await pool.execute("UPDATE partition_head SET hash = $1 WHERE partition = 2", last)
    (broken,) = (await told.verify()).broken
    assert (broken.partition, broken.position) == (2, 4)
    assert "version 7 of meeting:1 follows 2" in broken.reason


async def test_events_of_a_partition_that_does_not_exist_are_found(told: EventLog, pool: asyncpg.Pool) -> None:
    await tamper(pool, "UPDATE event SET partition = 7 WHERE partition = 0")
    broken = (await told.verify()).broken
    assert [(found.partition, found.position) for found in broken] == [(0, 1), (7, 1)]


async def test_verifying_goes_on_while_others_append(told: EventLog) -> None:
    async def go_on() -> None:
        for n in range(50):
            await told.append(write(f"meeting:more-{n}", 0, "a"), key=CELL, command=order())

    _, *verifications = await asyncio.gather(go_on(), *(told.verify() for _ in range(3)))
    assert all(verification.broken == [] for verification in verifications)
    assert (await told.verify()).events[2] == 55


async def test_the_canonical_form_is_fixed(told: EventLog) -> None:
    (event,) = await told.feed(0, 0, 1)
    micros = int(event.recorded_at.timestamp()) * 1_000_000 + event.recorded_at.microsecond
    expected = (
        f"0 1 1 1 {micros} 9:meeting:226:meetings.StatementRecorded"
        f"{len(event.metadata)}:{event.metadata.decode()}{len(event.data)}:{event.data.decode()}"
    )
    assert canonical(event).decode() == expected


async def test_the_service_itself_notices_what_does_not_fit(told: EventLog, pool: asyncpg.Pool) -> None:
    labels = {"service": told.service}
    await look(told)
    assert REGISTRY.get_sample_value("chibo_log_misfits", labels) == 0
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE event DISABLE TRIGGER event_never_changes")
        await connection.execute("UPDATE event SET data = data || ' ' WHERE partition = 2 AND position = 3")
    await look(told)
    assert REGISTRY.get_sample_value("chibo_log_misfits", labels) == 1
    assert (REGISTRY.get_sample_value("chibo_log_verified_timestamp_seconds", labels) or 0) > 0
