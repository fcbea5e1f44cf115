"""What contenders are given to do, and how fast they do it."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from uuid import uuid4

from shared.events.meetings import StatementRecorded
from shared.ids import new_id

WORKERS = 32
TEXT = "Nhất trí với báo cáo; đề nghị chi bộ quan tâm hơn đến việc bồi dưỡng đảng viên trẻ ở các thôn. " * 2

Call = Callable[[int], Awaitable[object]]


class Statements:
    """A speech per call, each in the meeting of the worker that makes it: the payload of every contender."""

    def __init__(self) -> None:
        self._meetings = [str(uuid4()) for _ in range(WORKERS)]
        self._cells = [str(uuid4()) for _ in range(WORKERS)]

    def next(self, worker: int) -> StatementRecorded:
        cell = self._cells[worker]
        return StatementRecorded(
            meeting=self._meetings[worker],
            cell=cell,
            statement=new_id(),
            item="discussion",
            speaker=cell,
            text=TEXT,
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


async def threads_rate(call: Callable[[int], object], seconds: float) -> float:
    """The same for a contender that waits in threads, one per worker."""
    started = perf_counter()

    def work(worker: int) -> int:
        done = 0
        while perf_counter() - started < seconds:
            call(worker)
            done += 1
        return done

    with ThreadPoolExecutor(WORKERS) as pool:
        loop = asyncio.get_running_loop()
        counts = await asyncio.gather(*(loop.run_in_executor(pool, work, worker) for worker in range(WORKERS)))
    return sum(counts) / (perf_counter() - started)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that ``part`` (0 to 1) of ``values`` do not exceed; not a number when there are none."""
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, math.ceil(len(values) * part) - 1)]
