"""A small service to try the streams on: remarks about cells go into its log, a view counts and lists them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
from redis.asyncio import Redis

from shared.eventlog import Command, EventLog, Position, Recorded, Write
from shared.eventlog import schema as eventlog_schema
from shared.events.inspection import RemarkRecorded
from shared.ids import new_id
from shared.streams import Changes, Policy, Spot, Table, View
from shared.streams import schema as streams_schema
from shared.streams.hub import Hub
from shared.streams.rebuild import prepare_views
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions

SERVICE = "inspection"
PARTITIONS = 2
QUICK = 0.2  # seconds between the looks that repair what notifications do not tell

BY_CELL = Table("by_cell", {"cell": "text", "remarks": "integer NOT NULL"}, key=("cell",), new={"remarks": 0})
REMARK = Table(
    "remark",
    {"remark": "text", "cell": "text NOT NULL", "text": "text", "nth": "bigint"},
    key=("remark",),
    indexes=("(cell)",),
)


class Remarks(View):
    """Counts and lists remarks, and fails on those whose text is in ``poison`` (or, before, ``unforeseeable``)."""

    def __init__(self, name: str = "remarks", version: int = 1) -> None:
        super().__init__(name, version=version, sources=[SERVICE], tables=[BY_CELL, REMARK], concurrent=[SERVICE])
        self.poison: set[str] = set()
        self.unforeseeable: set[str] = set()
        self.on(RemarkRecorded)(self.recorded)
        self.reads(RemarkRecorded)(self.of_remark)

    def of_remark(self, event: RemarkRecorded) -> list[Spot]:
        if event.text in self.unforeseeable:
            raise ValueError(f"nobody knows what {event.text} needs")
        return [REMARK.at(event.remark)]

    async def recorded(self, change: Changes, event: Recorded[RemarkRecorded]) -> None:
        if event.data.text in self.poison:
            raise ValueError(f"{event.data.text} cannot be applied")
        change.add(BY_CELL, {"cell": event.data.cell}, remarks=1)
        row = await change.row(REMARK, remark=event.data.remark)
        row.update(cell=event.data.cell, text=event.data.text, nth=event.at.position)
        change.touched(event.data.cell)


@dataclass
class House:
    pool: asyncpg.Pool
    redis_url: str
    redis: Redis
    log: EventLog
    hub: Hub
    relays: list[Relay] = field(default_factory=list)
    following: list[Subscriptions] = field(default_factory=list)

    @classmethod
    async def build(cls, pool: asyncpg.Pool, redis_url: str) -> "House":
        async with pool.acquire() as connection:
            await eventlog_schema.create(connection, PARTITIONS)
            for statement in streams_schema.CREATE:
                await connection.execute(statement)
        hub = Hub(pool)
        await hub.start()
        return cls(pool, redis_url, Redis.from_url(redis_url), await EventLog.open(pool, SERVICE), hub)

    async def close(self) -> None:
        for relay in self.relays:
            await relay.stop()
        for subscriptions in self.following:
            await subscriptions.stop()
        await self.hub.stop()
        await self.redis.aclose()

    async def relay(self, **options: Any) -> Relay:
        relay = Relay(self.log, self.redis_url, self.hub, **{"look": QUICK, **options})
        await relay.start()
        self.relays.append(relay)
        return relay

    async def prepare(self, *views: View) -> None:
        async with self.pool.acquire() as connection:
            await prepare_views(connection, views)

    async def follow(self, *views: View, policies: Sequence[Policy] = (), **options: Any) -> Subscriptions:
        await self.prepare(*views)
        subscriptions = Subscriptions(
            SERVICE,
            self.pool,
            self.redis_url,
            views=views,
            policies=policies,
            feeds={SERVICE: self.log},
            hub=self.hub,
            context=self,
            **{"look": QUICK, **options},
        )
        await subscriptions.start()
        self.following.append(subscriptions)
        return subscriptions

    async def remark(
        self, cell: str, *texts: str, to: str | None = None, connection: asyncpg.Connection | None = None
    ) -> Position:
        """Record remarks about a cell, in a stream of their own per cell (or in ``to``)."""
        stream = to or f"cell-remarks:{cell}"
        version = len(await self.log.read(stream, connection=connection))
        events = [
            RemarkRecorded(remark=new_id(), cell=cell, period="2026-11", text=text, remarked_at=datetime.now(UTC))
            for text in texts
        ]
        command = Command(actor="somebody", correlation=new_id())
        write = Write(stream, version, events)
        return (await self.log.append(write, key=cell, command=command, connection=connection)).at

    async def counted(self, view: str = "remarks") -> dict[str, int]:
        rows = await self.pool.fetch(f"SELECT cell, remarks FROM view_{view}.by_cell")
        return {row["cell"]: row["remarks"] for row in rows}

    async def texts(self, cell: str) -> list[str]:
        rows = await self.pool.fetch("SELECT text FROM view_remarks.remark WHERE cell = $1 ORDER BY nth", cell)
        return [row["text"] for row in rows]


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Until the condition holds, or the test fails."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
