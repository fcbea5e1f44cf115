"""The real spine, to be driven step by step: PostgreSQL, Redis, and workers that can be killed and started."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from shared.database import open_pool
from shared.eventlog import Appended, Command, Stored, Write
from shared.eventlog.codec import to_recorded
from shared.events.inspection import RemarkRecorded
from shared.streams.checkpoint import Checkpoint, Place
from shared.streams.parking import skip
from shared.streams.rebuild import rebuild
from shared.streams.subscriptions import Subscriptions
from shared.streams.tests.house import SERVICE, House, eventually
from shared.streams.tests.process import Process
from tests.spine.expected import Changes, Said
from tests.spine.followers import Answers, Stories
from tests.support.databases import fresh_database

LOOK = 0.05  # seconds between the looks that repair what nobody tells
CELLS = ("alpha", "beta", "gamma", "delta")
BEHIND = """
    SELECT EXISTS (
        SELECT FROM unnest(ARRAY['stories', 'answers']) AS name CROSS JOIN partition_head h
        LEFT JOIN checkpoint c ON c.subscription = name AND c.source = $1 AND c.partition = h.partition
        WHERE h.position > coalesce(c.position, 0))
"""
PARKED = "SELECT partition, position FROM parked WHERE subscription = $1 AND (skipped_at IS NULL) = $2 ORDER BY 1, 2"
DROP = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'worker'
"""
ANSWERS = """
    SELECT substr(stream, 9) AS stream, string_agg(data::json->>'name', '/' ORDER BY version) AS told
    FROM event WHERE stream LIKE 'answers:%' GROUP BY 1
"""


class World:
    """One service: its log, and workers that relay it and follow it with a view and a policy."""

    def __init__(self, house: House, address: str) -> None:
        self.house, self._address = house, address
        self.view, self.policy = Stories(), Answers()
        self.workers: list[Process] = []
        self.home = {f"{cell}-{n}": house.log.partition_of(cell) for cell in CELLS for n in range(2)}

    @classmethod
    @asynccontextmanager
    async def open(cls, postgres_url: str, redis_url: str) -> AsyncIterator["World"]:
        async with AsyncExitStack() as stack:
            address = await stack.enter_async_context(fresh_database(postgres_url))
            pool = await stack.enter_async_context(await open_pool(address, name="world"))
            house = await House.build(pool, redis_url)
            stack.push_async_callback(house.close)
            await house.redis.flushall()
            world = cls(house, address)
            stack.push_async_callback(world.kill_all)
            await house.prepare(world.view)
            yield world

    # What happens in it ------------------------------------------------------------------------------------------

    async def append(
        self, changes: Changes, key: str | None = None, *, joined: bool = False, rolled_back: bool = False
    ) -> Appended:
        writes = [_write(stream, expected, texts) for stream, (expected, texts) in changes.items()]
        command = Command("somebody", "correlation", key, repr(changes).encode() if key else None)
        cell = _cell(writes[0].stream)
        if not joined:
            return await self.house.log.append(writes, key=cell, command=command)
        async with self.house.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                return await self.house.log.append(writes, key=cell, command=command, connection=connection)
            finally:
                await (transaction.rollback() if rolled_back else transaction.commit())

    async def hire(self) -> None:
        options = {"policies": [self.policy], "relay": True, "look": LOOK}
        self.workers.append(await Process.start(self.house, self._address, self.view, **options))

    async def kill_all(self) -> None:
        while self.workers:
            await self.workers.pop().kill()

    async def kill_before_commit(self, changes: Changes) -> None:
        """Record something; when a worker has applied it and only COMMIT is to come, all are killed."""
        reached, move = asyncio.Event(), Checkpoint.move

        async def stop(self: Checkpoint, position: int) -> None:
            await move(self, position)
            reached.set()
            await asyncio.Event().wait()

        with patch.object(Checkpoint, "move", stop):
            await self.append(changes)
            async with asyncio.timeout(20):
                await reached.wait()
            await self.kill_all()

    async def deliver(self, which: Sequence[int]) -> None:
        """Events of every partition to all workers: as Redis never would, in any order, again, with gaps."""
        for worker in self.workers:
            for partition, lane in _following(worker)._lanes.get(SERVICE, {}).items():
                events = await self.house.log.feed(partition, 0, 1000)
                chosen = [events[number % len(events)] for number in which if events]
                await worker.run(lane.deliver(chosen))

    async def drop_connections(self) -> None:
        """PostgreSQL ends every session of the workers."""
        await self.house.pool.execute(DROP)

    async def rebuild(self, meanwhile: Sequence[Changes], *, killed: bool) -> None:
        process = await Process.start(self.house, self._address)
        rebuilding = process.run(rebuild(process.house.pool, SERVICE, self.view, {SERVICE: process.house.log}))
        for changes in meanwhile:
            await self.append(changes)
        if not killed:
            await rebuilding
        await process.kill()

    # What an operator does ---------------------------------------------------------------------------------------

    async def retry(self, subscription: str, stream: str) -> int | None:
        """How many could be applied; None when one still could not."""
        following = _following(self.workers[0])
        try:
            return await following.retry(subscription, SERVICE, self.home[stream], stream)
        except ValueError:
            return None

    async def skip(self, subscription: str, said: Said) -> None:
        place = Place(subscription, SERVICE, self.home[said.stream])
        position = next(at for at, event in (await self._recorded(place.partition)).items() if event == said)
        await skip(self.house.pool, place, position, by="operator", reason="the model says so")

    # What is seen of it ------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Until everything recorded has had its effect, by itself; a policy's effects are recorded too."""
        if not self.workers:
            await self.hire()

        async def caught_up() -> bool:
            return not await self.house.pool.fetchval(BEHIND, SERVICE)

        try:
            await eventually(caught_up)
        except TimeoutError:
            rows = await self.house.pool.fetch("SELECT * FROM checkpoint ORDER BY 1, 2, 3")
            raise AssertionError(
                f"standing still: {await self.house.log.heads()} {[tuple(row.values()) for row in rows]}"
                f" {[_following(worker).health() for worker in self.workers]}"
            ) from None

    async def log(self) -> dict[int, list[Said]]:
        """The texts of every partition, in the order of their positions, which have no gap."""
        found = {}
        for partition, head in (await self.house.log.heads()).items():
            events = await self.house.log.feed(partition, 0, 10_000)
            assert len(events) >= head  # the policy goes on
            assert [event.position for event in events] == list(range(1, len(events) + 1))
            found[partition] = [_said(event) for event in events if event.type == RemarkRecorded.TYPE]
        assert (await self.house.log.verify()).broken == []
        return found

    async def stories(self) -> dict[str, str]:
        return dict(await self.house.pool.fetch("SELECT stream, told FROM view_stories.story"))

    async def tally(self) -> dict[str, int]:
        return dict(await self.house.pool.fetch("SELECT word, times FROM view_stories.tally"))

    async def answers(self) -> dict[str, str]:
        return dict(await self.house.pool.fetch(ANSWERS))

    async def parked(self, subscription: str) -> dict[str, list[Said]]:
        """What waits for an operator, by stream and in order."""
        waiting: dict[str, list[Said]] = {}
        for said in await self._parked(subscription, waiting=True):
            waiting.setdefault(said.stream, []).append(said)
        return waiting

    async def skipped(self, subscription: str) -> set[Said]:
        return set(await self._parked(subscription, waiting=False))

    async def _parked(self, subscription: str, *, waiting: bool) -> list[Said]:
        recorded = {partition: await self._recorded(partition) for partition in await self.house.log.heads()}
        rows = await self.house.pool.fetch(PARKED, subscription, waiting)
        return [recorded[partition][position] for partition, position in rows]

    async def _recorded(self, partition: int) -> dict[int, Said]:
        events = await self.house.log.feed(partition, 0, 10_000)
        return {event.position: _said(event) for event in events if event.type == RemarkRecorded.TYPE}


def _following(worker: Process) -> Subscriptions:
    return worker.house.following[0]


def _cell(stream: str) -> str:
    return stream.partition("-")[0]


def _write(stream: str, expected: int, texts: Sequence[str]) -> Write:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    events = [
        RemarkRecorded(remark=stream, cell=_cell(stream), period="2026-11", text=text, remarked_at=at) for text in texts
    ]
    return Write(stream, expected, events)


def _said(event: Stored) -> Said:
    return Said(event.stream, event.version, to_recorded(event).data.text)
