"""What the service's own database role can do to its log: append and read, nothing else."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from shared.database import open_pool
from shared.eventlog import EventLog
from shared.eventlog.schema import grant_statements
from shared.eventlog.tests.support import KEY_OF, order, texts, write

CELL = KEY_OF[2]
CHANGES = [
    "UPDATE event SET data = '{}'",
    "DELETE FROM event",
    "TRUNCATE event",
]
OTHERS = [
    "INSERT INTO event SELECT * FROM event",
    "UPDATE partition_head SET position = 0",
    "DELETE FROM command",
    "UPDATE log_settings SET partitions = 8",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "DROP FUNCTION append_events",
]


@pytest.fixture
async def runtime(log: EventLog, pool: asyncpg.Pool, database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections of the least-privileged role a service runs as."""
    role, password = f"runtime_{secrets.token_hex(6)}", secrets.token_hex(16)
    await pool.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        for statement in grant_statements(role):
            await pool.execute(statement)
        parts = urlsplit(database)
        netloc = f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"
        opened = await open_pool(urlunsplit(parts._replace(netloc=netloc)), name="runtime")
        async with opened:
            yield opened
    finally:
        await pool.execute(f"DROP OWNED BY {role}")
        await pool.execute(f"DROP ROLE {role}")


async def test_the_service_can_append_read_and_verify(runtime: asyncpg.Pool) -> None:
    log = await EventLog.open(runtime, "meetings")
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"))
    assert texts(await log.read("meeting:1")) == ["a"]
    assert await log.find(order("k")) is not None
    assert (await log.verify()).broken == []


@pytest.mark.parametrize("sql", CHANGES + OTHERS)
async def test_the_service_cannot_change_its_log(log: EventLog, runtime: asyncpg.Pool, sql: str) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await runtime.execute(sql)


async def test_a_table_of_the_services_own_making_deceives_nobody(log: EventLog, runtime: asyncpg.Pool) -> None:
    async with runtime.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE partition_head AS SELECT * FROM public.partition_head")
        await connection.execute("SET search_path = pg_temp, public")
        at = await log.append(write("meeting:1", 0, "a"), key=CELL, command=order(), connection=connection)
    assert at.at.position == (await log.heads())[2] == 1


@pytest.mark.parametrize("sql", CHANGES)
async def test_even_the_owner_does_not_change_events_by_mistake(log: EventLog, pool: asyncpg.Pool, sql: str) -> None:
    await log.append(write("meeting:1", 0, "a"), key=CELL, command=order())
    with pytest.raises(asyncpg.PostgresError, match="events are facts") as refused:
        await pool.execute(sql)
    assert refused.value.sqlstate == "CB005"
    assert texts(await log.read("meeting:1")) == ["a"]


def test_a_role_with_a_strange_name_is_not_granted_anything() -> None:
    for name in ('a"; DROP TABLE event; --', "", "A", "a" * 64):
        with pytest.raises(ValueError, match="role name"):
            grant_statements(name)
