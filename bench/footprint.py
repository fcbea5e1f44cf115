"""What chibo takes of the machine when it is started on an empty folder and nobody does anything.

Memory is the sum of the proportional set sizes of all processes (chibo, PostgreSQL, Redis): a page that several share,
as PostgreSQL's buffers, counts once. The start is timed on a fresh folder and on one that has been used.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.figures import Figure, Result, Size
from bench.processes import cpu_seconds, family, memory_mb, program
from bench.product import CHIBO, free_ports, process, wait_for
from bench.servers import Place


@dataclass(frozen=True, slots=True)
class Extent:
    settle: float  # seconds after the start before anything is measured
    idle: float  # seconds
    starts: int  # on the used folder


EXTENTS: dict[Size, Extent] = {
    "full": Extent(15.0, 30.0, 3),
    "quick": Extent(5.0, 12.0, 1),
    "tiny": Extent(0.5, 1.0, 1),
}


@contextmanager
def up(data: Path) -> Iterator[tuple[int, float]]:
    """`chibo up` on ``data``: its pid, and the seconds until it answered."""
    (port,) = free_ports(1)
    log, started = data.with_suffix(".log"), perf_counter()
    with process(*CHIBO, "up", "--data", str(data), "--port", str(port), log=log) as child:
        wait_for(f"http://127.0.0.1:{port}/health/ready", child, log)
        yield child.pid, perf_counter() - started


def memory(pids: list[int]) -> dict[str, float]:
    """Megabytes by program."""
    found: dict[str, float] = {}
    for pid in pids:
        found[program(pid)] = found.get(program(pid), 0.0) + memory_mb(pid)
    return {name: round(size, 1) for name, size in found.items() if size}


async def run(place: Place, size: Size) -> Result:
    extent, data = EXTENTS[size], place.folder / "footprint"
    data.mkdir()
    with up(data) as (pid, first):
        await asyncio.sleep(extent.settle)
        pids, started = family(pid), perf_counter()
        before = {one: cpu_seconds([one]) for one in pids}
        await asyncio.sleep(extent.idle)
        lasted, idle = perf_counter() - started, dict[str, float]()
        for one in pids:
            used = (cpu_seconds([one]) - before[one]) / lasted * 100
            idle[program(one)] = round(idle.get(program(one), 0.0) + used, 2)
        held = memory(family(pid))
    again = []
    for _ in range(extent.starts):
        with up(data) as (_, seconds):
            again.append(seconds)
    return Result(
        [
            Figure("memory of everything", sum(held.values()), "MB", at_most=450),
            Figure("processor while idle", sum(idle.values()), "% of one core", at_most=3),
            Figure("start on an empty folder", first, "s", at_most=8),
            Figure("start on a used folder", median(again), "s", at_most=8),
        ],
        [
            {
                "memory_mb": held,
                "idle_percent": idle,
                "first_s": round(first, 2),
                "again_s": [round(s, 2) for s in again],
            }
        ],
        [f"{len(pids)} processes; memory is their proportional set size, so that shared pages count once"],
    )
