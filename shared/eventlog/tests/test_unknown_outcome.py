"""The connection breaks around COMMIT: the command is recorded exactly once, or its sender learns that nobody knows."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import open_pool
from shared.eventlog import Appended, EventLog, UnknownOutcome
from shared.eventlog import sender as sending
from shared.eventlog.tests.proxy import CuttingProxy, Moment
from shared.eventlog.tests.support import KEY_OF, order, texts, until_waiting, write
from shared.telemetry.metrics import REGISTRY

CELL = KEY_OF[2]
MOMENTS: list[Moment] = ["before", "after"]


@pytest.fixture
async def proxy(database: str) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(database) as proxy:
        yield proxy


@pytest.fixture
async def far(log: EventLog, proxy: CuttingProxy) -> AsyncIterator[EventLog]:
    """The same log, reached through the proxy."""
    pool = await open_pool(proxy.url, name="far", size=4)
    async with pool:
        yield await EventLog.open(pool, "meetings")


def looked_up() -> float:
    return REGISTRY.get_sample_value("chibo_append_lookups_total", {"service": "meetings"}) or 0


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_command_with_a_key_is_recorded_exactly_once(
    log: EventLog, far: EventLog, proxy: CuttingProxy, moment: Moment
) -> None:
    before = looked_up()
    proxy.cut(moment, "cut here")
    appended = await far.append(write("meeting:1", 0, "cut here"), key=CELL, command=order("k"), answer={"n": 1})
    assert proxy.cuts == 1
    assert looked_up() == before + 1
    assert (appended.at.position, appended.versions, appended.answer) == (1, {"meeting:1": 1}, {"n": 1})
    assert texts(await log.read("meeting:1")) == ["cut here"]
    assert (await log.heads())[2] == 1


@pytest.mark.parametrize("moment", MOMENTS)
async def test_without_a_key_the_sender_learns_that_nobody_knows(
    log: EventLog, far: EventLog, proxy: CuttingProxy, moment: Moment
) -> None:
    proxy.cut(moment, "cut here")
    with pytest.raises(UnknownOutcome):
        await far.append(write("meeting:1", 0, "cut here"), key=CELL, command=order())
    assert texts(await log.read("meeting:1")) == {"before": [], "after": ["cut here"]}[moment]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_of_commands_sent_together_each_is_looked_up_by_itself(
    log: EventLog, far: EventLog, proxy: CuttingProxy, moment: Moment
) -> None:
    proxy.cut(moment, "cut here")
    outcomes = await asyncio.gather(
        *(far.append(write(f"meeting:{n}", 0, "cut here"), key=CELL, command=order(f"k{n}")) for n in range(5)),
        far.append(write("meeting:keyless", 0, "b"), key=CELL, command=order()),
        return_exceptions=True,
    )
    assert proxy.cuts == 1
    assert all(isinstance(outcome, Appended) for outcome in outcomes[:5])
    assert isinstance(outcomes[5], UnknownOutcome)
    assert (await log.heads())[2] == {"before": 5, "after": 6}[moment]


async def test_a_command_still_under_way_on_the_server_is_not_recorded_twice(
    log: EventLog, far: EventLog, proxy: CuttingProxy, pool: asyncpg.Pool
) -> None:
    async with pool.acquire() as slow, slow.transaction():
        await log.append(write("meeting:slow", 0, "a"), key=CELL, command=order(), connection=slow)
        proxy.cut("meanwhile", "cut here")
        sent = asyncio.create_task(far.append(write("meeting:1", 0, "cut here"), key=CELL, command=order("k")))
        await until_waiting(pool, 1)
    appended = await sent
    assert (appended.at.position, appended.versions) == (2, {"meeting:1": 1})
    assert texts(await log.read("meeting:1")) == ["cut here"]


async def test_a_command_without_a_key_that_was_never_sent_fails_plainly(
    far: EventLog, log: EventLog, proxy: CuttingProxy
) -> None:
    await far._pool.expire_connections()
    proxy.up = False
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await far.append(write("meeting:1", 0, "a"), key=CELL, command=order())


async def test_when_the_database_stays_away_the_sender_learns_that_nobody_knows(
    far: EventLog, log: EventLog, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.0))
    await far._pool.expire_connections()
    proxy.up = False
    with pytest.raises(UnknownOutcome):
        await far.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"))
    proxy.up = True
    appended = await far.append(write("meeting:1", 0, "a"), key=CELL, command=order("k"))
    assert not appended.repeated
