"""What must hold after any fault, checked from outside the processes: in the databases, and by what they tell."""

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from time import monotonic

import asyncpg
import orjson

from deploy.local.embedded import parts_of
from shared.eventlog import EventLog, Position
from shared.events.inspection import RemarkRecorded
from shared.events.notifications import NotificationRaised
from shared.service import views_of
from shared.settings import SERVICES
from shared.streams.parking import parked as waiting
from tests.faults.fleet import PATIENCE, Fleet, until
from tests.faults.load import Acknowledged, Book
from tests.support.recomputed import differences

BEHIND = """
    SELECT c.subscription, c.source, c.partition, c.position FROM checkpoint c
    JOIN unnest($1::text[], $2::integer[], $3::bigint[]) AS head(source, partition, position)
    USING (source, partition) WHERE c.position < head.position
"""


class Proof:
    """The logs and databases of all services."""

    def __init__(self, fleet: Fleet, pools: dict[str, asyncpg.Pool], logs: dict[str, EventLog]) -> None:
        self.fleet, self.pools, self.logs = fleet, pools, logs

    @classmethod
    async def open(cls, fleet: Fleet, stack: AsyncExitStack) -> "Proof":
        pools, logs = {}, {}
        for service in SERVICES:
            url = fleet.postgres.url(service)
            pools[service] = await stack.enter_async_context(asyncpg.create_pool(url, min_size=1, max_size=4))
            logs[service] = await EventLog.open(pools[service], service)
        return cls(fleet, pools, logs)

    async def of(self, book: Book, parked: int) -> None:
        """Everything that the design promises of acknowledged commands and of views."""
        await self._nothing_else_is_parked(parked)
        await self._logs_are_whole()
        for service in SERVICES:
            theirs = [one for one in book.acknowledged if one.service == service]
            await self._recorded_once(service, theirs)
        await self._views_are_recomputable()
        await self._effects_happened_once()

    async def _logs_are_whole(self) -> None:
        for service, log in self.logs.items():
            assert (await log.verify()).broken == [], service

    async def _nothing_else_is_parked(self, expected: int) -> None:
        """What breaks around an event is not the event's fault."""
        found = [f"{service}: {one}" for service, pool in self.pools.items() for one in await waiting(pool)]
        assert len(found) == expected, found

    async def _recorded_once(self, service: str, acknowledged: list[Acknowledged]) -> None:
        """Each command's events stand together, end where the answer said, and are its only ones."""
        rows = await self.pools[service].fetch("SELECT partition, position, recorded_at, metadata FROM event")
        found = defaultdict(list)
        for row in rows:
            told = orjson.loads(row["metadata"])
            if "causation" not in told:
                found[told["correlation"]].append((row["partition"], row["position"], row["recorded_at"]))
        for one in acknowledged:
            events, at = sorted(found[one.correlation]), Position.parse(one.position)
            places = [(at.partition, at.position - back) for back in reversed(range(len(events)))]
            assert events, f"{one} is not in the log"
            assert [event[:2] for event in events] == places, f"{one} is recorded as {events}"
            assert len({event[2] for event in events}) == 1, f"{one} was recorded at different times: {events}"

    async def _views_are_recomputable(self) -> None:
        for service in SERVICES:
            async with self.pools[service].acquire() as connection:
                for view in views_of(parts_of(service)):
                    assert await differences(connection, view, self.logs) == [], f"{service}.{view.name}"

    async def _effects_happened_once(self) -> None:
        """Every remark was told of once: the policy wrote to its own log exactly once per event."""
        remarks = await self.pools["inspection"].fetch(
            "SELECT partition, position FROM event WHERE type = $1", RemarkRecorded.TYPE
        )
        raised = await self.pools["notifications"].fetch(
            "SELECT metadata FROM event WHERE type = $1", NotificationRaised.TYPE
        )
        causes = [orjson.loads(row["metadata"])["causation"] for row in raised]
        expected = [f"inspection.{row['partition']}.{row['position']}" for row in remarks]
        assert sorted(cause for cause in causes if cause.startswith("inspection.")) == sorted(expected)

    async def settled(self) -> None:
        """Wait until every view and policy has what the logs have; nobody but the services brings that about."""
        end = monotonic() + PATIENCE
        while behind := await self._behind():
            assert monotonic() < end, f"still behind: {behind}"
            await asyncio.sleep(0.05)

    async def _behind(self) -> list[str]:
        """Who is behind what the logs have now."""
        heads = [
            (service, partition, position)
            for service, log in self.logs.items()
            for partition, position in (await log.heads()).items()
        ]
        columns = [list(column) for column in zip(*heads, strict=True)]
        return [
            f"{service}: {dict(row)}"
            for service, pool in self.pools.items()
            for row in await pool.fetch(BEHIND, *columns)
        ]


async def prove(fleet: Fleet, book: Book, parked: int = 0) -> None:
    """After a fault, with nobody at work any more; ``parked`` events wait for an operator, and no others.

    Raises `AssertionError` with what does not hold.
    """
    fleet.ready()
    async with AsyncExitStack() as stack:
        proof = await Proof.open(fleet, stack)
        await proof.settled()
        until(lambda: fleet.metric("chibo_subscription_lag") == 0, "the lag that is told is zero")
        await proof.of(book, parked)
