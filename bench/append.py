"""Recording commands from 32 writers: chibo beside a plain one-row INSERT of the same text, and two other event stores.

All on one server, in turns, round after round. chibo commits commands that wait for the disk together (decision 0007);
``alone`` is the same database function with one command a transaction, from 32 connections: what that decision gains.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median

import asyncpg

from bench.figures import Figure, Result, Size
from bench.load import WORKERS, Call, Statements, rate
from bench.peers import EVENTSOURCE, EVENTSOURCING, Rate, eventsource, eventsourcing, installed
from bench.servers import Place
from shared.database import open_pool
from shared.eventlog import Command, EventLog, Write
from shared.eventlog.append import call, prepare
from shared.eventlog.partition import partition_of

PARTITIONS = (1, 4, 16, 64)
FUNCTIONS = "eventsourcing with its database functions"
ALONE = 4  # partitions of the log that is written one command a transaction: what `chibo up` makes


@dataclass(frozen=True, slots=True)
class Extent:
    rounds: int
    seconds: float
    partitions: tuple[int, ...] = PARTITIONS


EXTENTS: dict[Size, Extent] = {"full": Extent(7, 1.5), "quick": Extent(3, 1.0), "tiny": Extent(1, 0.1, (4,))}


@asynccontextmanager
async def plain(place: Place, said: Statements) -> AsyncIterator[Rate]:
    """The least a durable commit costs: one connection a writer, one prepared INSERT a transaction."""
    async with place.database("plain") as url:
        bare = await asyncio.gather(*(asyncpg.connect(url) for _ in range(WORKERS)))
        await bare[0].execute(
            "CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text NOT NULL)"
        )

        async def insert(worker: int) -> None:
            text = said.next(worker).model_dump_json()
            await bare[worker].execute("INSERT INTO plain (data) VALUES ($1)", text)

        yield lambda seconds: rate(insert, seconds)
        for connection in bare:
            await connection.close()


@asynccontextmanager
async def chibo(place: Place, said: Statements, partitions: int) -> AsyncIterator[Rate]:
    """As a service appends: a new stream, a version that is checked, an idempotency key, a hash, a notification."""
    async with place.database(f"chibo_{partitions}", partitions) as url:
        pool = await open_pool(url, name="bench")  # as many connections as the product's pool has
        append = appending(await EventLog.open(pool, "meetings"), said)
        yield lambda seconds: rate(append, seconds)
        await pool.close()


def appending(log: EventLog, said: Statements) -> Call:
    """Records a statement a call, each on a stream of its own."""

    async def append(worker: int) -> None:
        event = said.next(worker)
        command = Command("bench", "bench", key=event.statement, fingerprint=event.statement.encode())
        await log.append(Write(f"statement:{event.statement}", 0, [event]), key=event.cell, command=command)

    return append


@asynccontextmanager
async def alone(place: Place, said: Statements) -> AsyncIterator[Rate]:
    """The same function of the database, one command a transaction, on a connection for each writer."""
    async with place.database("alone", ALONE) as url:
        connections = await asyncio.gather(*(asyncpg.connect(url) for _ in range(WORKERS)))

        async def append(worker: int) -> None:
            event = said.next(worker)
            command = Command("bench", "bench", key=event.statement, fingerprint=event.statement.encode())
            write = Write(f"statement:{event.statement}", 0, [event])
            request = prepare([write], partition_of(event.cell, ALONE), event.cell, command, None)
            await call(connections[worker], "meetings", [request])

        yield lambda seconds: rate(append, seconds)
        for connection in connections:
            await connection.close()


async def run(place: Place, size: Size) -> Result:
    extent, said = EXTENTS[size], Statements()
    peers = {EVENTSOURCE: eventsource, EVENTSOURCING: eventsourcing}
    present = {name: found for name in peers if (found := installed(name))}
    async with AsyncExitStack() as stack:
        bare = await stack.enter_async_context(plain(place, said))
        logs = {count: await stack.enter_async_context(chibo(place, said, count)) for count in extent.partitions}
        others = {"alone": await stack.enter_async_context(alone(place, said))}
        for name in present:
            others[name] = await stack.enter_async_context(peers[name](place, said))
        if EVENTSOURCING in present:
            others[FUNCTIONS] = await stack.enter_async_context(eventsourcing(place, said, functions=True))
        for contender in (bare, *logs.values(), *others.values()):
            await contender(extent.seconds / 3)
        rounds = []
        for _ in range(extent.rounds):
            taken: dict[str, float] = {}
            for count, log in logs.items():  # each beside an INSERT of its own: the machine is not equally busy always
                taken[f"plain_{count}"] = await bare(extent.seconds)
                taken[f"chibo_{count}"] = await log(extent.seconds)
            for name, other in others.items():
                taken[name] = await other(extent.seconds)
            rounds.append({name: round(value) for name, value in taken.items()})
    return Result(_figures(extent, present, rounds), rounds, _notes(present))


def _figures(extent: Extent, present: dict[str, str], rounds: list[dict[str, int]]) -> list[Figure]:
    figures = [
        Figure("plain INSERT", median(told[f"plain_{extent.partitions[0]}"] for told in rounds), "commits/s"),
    ]
    for count in extent.partitions:
        figures.append(
            Figure(f"chibo, {count} partitions", median(told[f"chibo_{count}"] for told in rounds), "commands/s")
        )
    for count in extent.partitions:
        ratio = median(told[f"chibo_{count}"] / told[f"plain_{count}"] for told in rounds)
        figures.append(Figure(f"chibo, {count} partitions", ratio, "of plain INSERT", at_least=0.55))
    first = extent.partitions[0]
    ratio = median(told["alone"] / told[f"plain_{first}"] for told in rounds)
    figures.append(Figure(f"one command a transaction, {ALONE} partitions", ratio, "of plain INSERT"))
    for name, package, wanted in (
        (EVENTSOURCE, EVENTSOURCE, 4.0),
        (EVENTSOURCING, EVENTSOURCING, 7.0),
        (FUNCTIONS, EVENTSOURCING, None),
    ):
        if package not in present:
            continue
        figures.append(Figure(f"{name}, {present[package]}", median(told[name] for told in rounds), "commands/s"))
        for count in extent.partitions:
            times = median(told[f"chibo_{count}"] / told[name] for told in rounds)
            figures.append(Figure(f"chibo, {count} partitions", times, f"times {name}", at_least=wanted))
    return figures


def _notes(present: dict[str, str]) -> list[str]:
    missing = [name for name in (EVENTSOURCE, EVENTSOURCING) if name not in present]
    return [f"not installed, so not measured: {', '.join(missing)} (`make bench` installs them)"] if missing else []
