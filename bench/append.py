"""Appending to the log beside a plain one-row INSERT of the same text, on the same server, in turns, in one run.

``python -m bench.append postgresql://owner@host:port/database [--partitions 4 …] [--seconds 3] [--rounds 3]`` makes a
database of its own and drops it; prints one JSON object: commits a second and the ratio, per number of partitions.
"""

import argparse
import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import uvloop

from shared.database import open_pool
from shared.eventlog import Command, EventLog, Write
from shared.eventlog.schema import create
from shared.events.meetings import StatementRecorded

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "server_version")
WORKERS = 32
CELL = "3d0c5f1e-8e1b-4a55-9f0e-0b8f3f1c{:04d}"
TEXT = "Nhất trí với báo cáo; đề nghị chi bộ quan tâm hơn đến việc bồi dưỡng đảng viên trẻ ở các thôn. " * 2

Call = Callable[[int], Awaitable[object]]


def statement(meeting: str, number: int, cell: str) -> StatementRecorded:
    return StatementRecorded(
        meeting=meeting, cell=cell, statement=f"{meeting}-{number}", item="discussion", speaker=cell, text=TEXT
    )


async def rate(call: Call, seconds: float) -> float:
    """Calls answered a second, with every worker calling again as soon as it is answered."""
    done = 0
    started = perf_counter()

    async def work(worker: int) -> None:
        nonlocal done
        while perf_counter() - started < seconds:
            await call(worker)
            done += 1

    await asyncio.gather(*map(work, range(WORKERS)))
    return done / (perf_counter() - started)


async def measure(url: str, partitions: int, seconds: float, rounds: int) -> dict[str, object]:
    """Both in turns, on one fresh database; each round is a pair."""
    bare = await asyncio.gather(*(asyncpg.connect(url) for _ in range(WORKERS)))
    pool = await open_pool(url, name="bench", size=WORKERS)
    try:
        await create(bare[0], partitions)
        await bare[0].execute(
            "CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data text NOT NULL)"
        )
        log = await EventLog.open(pool, "meetings")
        said = [0] * WORKERS
        cells = [CELL.format(worker) for worker in range(WORKERS)]
        meetings = [str(uuid4()) for _ in range(WORKERS)]

        async def plain(worker: int) -> None:
            said[worker] += 1
            event = statement(meetings[worker], said[worker], cells[worker])
            await bare[worker].execute("INSERT INTO plain (data) VALUES ($1)", event.model_dump_json())

        async def append(worker: int) -> None:
            said[worker] += 1
            event = statement(meetings[worker], said[worker], cells[worker])
            key = f"{worker}-{said[worker]}"
            await log.append(
                Write(f"statement:{event.statement}", 0, [event]),
                key=event.cell,
                command=Command("bench", "bench", key=key, fingerprint=key.encode()),
            )

        await rate(plain, 0.5)
        await rate(append, 0.5)
        pairs = [(await rate(plain, seconds), await rate(append, seconds)) for _ in range(rounds)]
    finally:
        await pool.close()
        for connection in bare:
            await connection.close()
    return {
        "partitions": partitions,
        "plain_per_second": [round(plain) for plain, _ in pairs],
        "append_per_second": [round(append) for _, append in pairs],
        "ratio": round(median(append / plain for plain, append in pairs), 3),
    }


async def main(server: str, partitions: list[int], seconds: float, rounds: int) -> dict[str, object]:
    admin = await asyncpg.connect(server)
    name = f"bench_{secrets.token_hex(6)}"
    results = []
    try:
        settings = {setting: await admin.fetchval("SELECT current_setting($1)", setting) for setting in DURABILITY}
        for count in partitions:
            await admin.execute(f"CREATE DATABASE {name}")
            try:
                url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
                results.append(await measure(url, count, seconds, rounds))
            finally:
                await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()
    return {"bench": "append", "connections": WORKERS, "settings": settings, "results": results}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="a PostgreSQL, as a role that may create databases")
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(main(given.server, given.partitions, given.seconds, given.rounds)), indent=2))
