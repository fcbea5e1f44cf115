"""Views filled anew from the logs, by one process: events a second, and whether its memory stays as it is.

The log is many times what a rebuild holds of it at once. Each view is rebuilt by itself, as `chibo rebuild` does, in a
process of its own; what PostgreSQL uses meanwhile is told beside.
"""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

import uvloop

from bench.figures import Figure, Result, Size
from bench.processes import cpu_seconds, family, resident_mb
from bench.product import HOUSE
from bench.servers import Place
from bench.sources import PARTITIONS, VIEWS, prepare
from shared.database import open_pool
from shared.eventlog import EventLog
from shared.process import settle
from shared.streams.rebuild import rebuild
from shared.telemetry.log import configure_logging

WALL = "wall"  # inspection's: what the target is for
EARLY = 0.1  # of the events: by then everything that is kept once is there


@dataclass(frozen=True, slots=True)
class Extent:
    events: int
    rounds: int
    others: bool  # the other views too


EXTENTS: dict[Size, Extent] = {
    "full": Extent(300_000, 3, True),
    "quick": Extent(60_000, 1, True),
    "tiny": Extent(2_000, 1, False),
}


async def run(place: Place, size: Size) -> Result:
    extent, names = EXTENTS[size], [view.name for view in VIEWS]
    async with AsyncExitStack() as stack:
        members = await stack.enter_async_context(place.database("members", PARTITIONS))
        meetings = await stack.enter_async_context(place.database("meetings", PARTITIONS))
        await prepare(members, meetings, extent.events)
        rounds = []
        for number in range(extent.rounds):
            for name in names if extent.others and number == 0 else [WALL]:
                rounds.append(await _apart(place, members, meetings, name))
    of = {name: [told for told in rounds if told["view"] == name] for name in names}
    figures = [
        Figure("inspection's wall", median(told["a_second"] for told in of[WALL]), "events/s"),
        Figure("by its process", median(told["a_core_second"] for told in of[WALL]), "events per core second"),
        Figure(
            "with PostgreSQL's work",
            median(told["a_core_second_of_all"] for told in of[WALL]),
            "events per core second",
            at_least=15_000,
        ),
    ]
    if grown := [told["end_mb"] - told["early_mb"] for told in of[WALL]]:
        figures.append(Figure("memory, from a tenth of the log to its end", max(grown), "MB more", at_most=20))
    figures += [
        Figure(f"view {name}", median(told["a_second"] for told in of[name]), "events/s")
        for name in names
        if name != WALL and of[name]
    ]
    return Result(figures, rounds, [f"a log of {rounds[0]['events']:,} events; resident memory of the process"])


async def _apart(place: Place, members: str, meetings: str, view: str) -> dict[str, Any]:
    """One rebuild in a process of its own; what it tells, and what PostgreSQL used meanwhile."""
    before = cpu_seconds(family(place.postgres_pid)) if place.postgres_pid else 0.0
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rebuild", members, meetings, view,
        stdout=asyncio.subprocess.PIPE, cwd=HOUSE,
    )  # fmt: skip
    answer, _ = await child.communicate()
    if child.returncode != 0:
        raise RuntimeError(f"the rebuild of {view} ended with {child.returncode}")
    told: dict[str, Any] = json.loads(answer)
    used = cpu_seconds(family(place.postgres_pid)) - before if place.postgres_pid else 0.0
    told["postgres_seconds"] = round(used, 2)  # its connections have ended: their parent counts what it has outlived
    told["a_core_second_of_all"] = round(told["events"] / (told["cpu_seconds"] + told["postgres_seconds"]))
    return told


async def alone(members: str, meetings: str, name: str) -> dict[str, Any]:
    """One rebuild by this process, which is to do nothing else."""
    (view,) = [view for view in VIEWS if view.name == name]
    resident: list[tuple[float, float]] = []  # part of the log, megabytes
    async with await open_pool(members, name="bench") as members_pool, await open_pool(meetings, name="bench") as pool:
        feeds = {
            "members": await EventLog.open(members_pool, "members"),
            "meetings": await EventLog.open(pool, "meetings"),
        }
        events = sum([sum((await feeds[source].heads()).values()) for source in view.sources])
        settle()
        started, used = perf_counter(), process_time()
        await rebuild(
            pool,
            "inspection",
            view,
            feeds,
            progress=lambda done, total: resident.append((done / max(total, 1), resident_mb(os.getpid()))),
        )
        took, used = perf_counter() - started, process_time() - used
    return {
        "view": name,
        "events": events,
        "seconds": round(took, 2),
        "cpu_seconds": round(used, 2),
        "a_second": round(events / took),
        "a_core_second": round(events / used),
        "early_mb": next(size for part, size in resident if part >= EARLY),
        "middle_mb": next(size for part, size in resident if part >= 0.5),
        "end_mb": resident[-1][1],
    }


if __name__ == "__main__":
    configure_logging(as_json=False, level="WARNING")
    print(json.dumps(uvloop.run(alone(*sys.argv[1:]))))
