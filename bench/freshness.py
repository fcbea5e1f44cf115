"""How long after its commit an event is visible on inspection's wall, while cells meet; and what rate that holds for.

The whole product runs in a process of its own (`chibo up`): relay, Redis, every view and policy of the four services.
This process is the load: 64 cells meet at once, each event a command of its own, at a given rate whatever the answers
take. What is seen is told by inspection's database when it commits the wall's batch, as live pages are told.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import NamedTuple

import asyncpg

from bench.figures import Figure, Result, Size
from bench.load import percentile
from bench.processes import cpu_seconds, family
from bench.product import CHIBO, deployment, free_ports, process, wait_for
from bench.servers import Place
from bench.told import establish, meeting_events, tours
from deploy.local.demo import story
from services.inspection.views.wall import WALL
from shared.database import open_pool
from shared.eventlog import Appended, Command, EventLog, Position, Write
from shared.events import Event
from shared.streams.hub import CHANNEL, Hub, ViewChanged
from shared.streams.waiting import Waiting

CELLS = 64  # that meet at once
ASKED = 300  # events a second
DRAIN = 1.0  # seconds: what is kept up with is on the wall within them, meanwhile and at the end
PATIENCE = 60.0


class Happening(NamedTuple):
    meeting: str
    cell: str
    version: int  # of the meeting before it
    event: Event


@dataclass(frozen=True, slots=True)
class Extent:
    seconds: float
    rounds: int
    steps: Sequence[int]  # events a second, until one is too many
    step_seconds: float


EXTENTS: dict[Size, Extent] = {
    "full": Extent(8.0, 5, (600, 900, 1200, 1500, 1800, 2100, 2400, 2800, 3200), 4.0),
    "quick": Extent(5.0, 2, (600, 1200, 1800, 2400), 3.0),
    "tiny": Extent(0.5, 1, (400,), 0.3),
}


@dataclass
class Wall:
    """Sees what the wall has, as its database tells it."""

    waiting: Waiting
    reached: dict[int, int] = field(default_factory=dict)
    committed: dict[tuple[int, int], float] = field(default_factory=dict)  # not seen yet: (partition, position)
    delays: list[float] = field(default_factory=list)  # seconds

    def recorded(self, appended: Appended) -> None:
        place = appended.at.partition, appended.at.position
        if self.reached.get(place[0], 0) >= place[1]:
            self.delays.append(0.0)  # it was visible before we had the answer
        else:
            self.committed[place] = perf_counter()

    def hear(self, payload: str) -> None:
        if not payload:
            return
        change, now = ViewChanged.parse(payload), perf_counter()
        if WALL.name not in change.subscriptions or change.source != "meetings":
            return
        for position in range(self.reached.get(change.partition, 0) + 1, change.position + 1):
            if (at := self.committed.pop((change.partition, position), None)) is not None:
                self.delays.append(now - at)
        self.reached[change.partition] = max(self.reached.get(change.partition, 0), change.position)


def line(meetings: Iterator[story.Held], events: int) -> list[Happening]:
    """What happens in one room after another, so many events of it."""
    found = list[Happening]()
    while len(found) < events:
        held = next(meetings)
        meeting, told = meeting_events(held)
        found += [Happening(meeting, held.cell.id, version, event) for version, event in enumerate(told)]
    return found[:events]


@dataclass
class Cells:
    """What happens in the cells of the demonstration's story, recorded one event a command."""

    log: EventLog
    wall: Wall
    at_work: dict[str, int]  # whose processor time is told: the first of each family of processes
    meetings: Iterator[story.Held] = field(default_factory=tours)

    async def go_on(self, rate: float, seconds: float) -> float:
        """At ``rate`` events a second, whatever the answers take; returns what rate that really was."""
        lines = [line(self.meetings, max(1, round(rate * seconds / CELLS))) for _ in range(CELLS)]
        started = perf_counter() + 0.05

        async def meet(number: int, happenings: list[Happening]) -> None:
            for turn, one in enumerate(happenings):
                await asyncio.sleep(max(0.0, started + (turn * CELLS + number) / rate - perf_counter()))
                write = Write(f"meeting:{one.meeting}", one.version, [one.event])
                self.wall.recorded(await self.log.append(write, key=one.cell, command=Command("bench", "bench")))

        await asyncio.gather(*(meet(number, happenings) for number, happenings in enumerate(lines)))
        return sum(map(len, lines)) / (perf_counter() - started)

    async def on_the_wall(self, patience: float) -> bool:
        """Whether the wall has everything within so many seconds."""
        heads = await self.log.heads()
        waiting = [
            self.wall.waiting.wait_for(WALL.name, Position("meetings", partition, position), patience)
            for partition, position in heads.items()
            if position
        ]
        return all(await asyncio.gather(*waiting))


async def measure(cells: Cells, rate: float, seconds: float) -> dict[str, float | bool]:
    """One stretch at one rate: delays in milliseconds, and whether the wall kept up."""
    cells.wall.delays.clear()
    cells.wall.committed.clear()
    families = {name: family(pid) for name, pid in cells.at_work.items()}
    started, before = perf_counter(), {name: cpu_seconds(pids) for name, pids in families.items()}
    recorded = await cells.go_on(rate, seconds)
    lasted = perf_counter() - started
    used = {f"{name}_cores": round((cpu_seconds(families[name]) - before[name]) / lasted, 2) for name in before}
    drained = await cells.on_the_wall(DRAIN)
    if not drained:
        await cells.on_the_wall(PATIENCE)
    delays = [1000 * delay for delay in cells.wall.delays]
    return {
        "asked": rate,
        "recorded": round(recorded),
        "p50_ms": round(percentile(delays, 0.50), 2),
        "p99_ms": round(percentile(delays, 0.99), 2),
        "most_ms": round(max(delays, default=0.0), 2),
        "kept_up": drained and percentile(delays, 0.99) <= 1000 * DRAIN and recorded > 0.95 * rate,
        **used,
    }


@asynccontextmanager
async def product(place: Place) -> AsyncIterator[Cells]:
    """The product at work in a process of its own, its tree of organisations known to the wall."""
    own = deployment(place)
    (port,) = free_ports(1)
    log, servers = (
        place.folder / "up.log",
        {"CHIBO_POSTGRES_URL": place.postgres_url, "CHIBO_REDIS_URL": place.redis_url},
    )
    async with AsyncExitStack() as stack:
        command = (*CHIBO, "up", "--data", str(own.data), "--port", str(port))
        child = stack.enter_context(process(*command, log=log, env=servers))
        wait_for(f"http://127.0.0.1:{port}/health/ready", child, log)
        pools = {}
        for service in ("members", "meetings", "inspection"):
            url = own.settings(service).database_url.get_secret_value()
            pools[service] = await stack.enter_async_context(await open_pool(url, name="bench"))
        members = await EventLog.open(pools["members"], "members")
        wall, meetings = await watch(stack, pools["inspection"]), await EventLog.open(pools["meetings"], "meetings")
        cells = Cells(meetings, wall, {"chibo": child.pid, "postgres": place.postgres_pid})
        await establish(members)
        for partition, position in (await members.heads()).items():
            assert await wall.waiting.wait_for(WALL.name, Position("members", partition, position), PATIENCE)
        yield cells


async def watch(stack: AsyncExitStack, pool: asyncpg.Pool) -> Wall:
    """What inspection's database tells whoever listens."""
    hub = Hub(pool)
    wall = Wall(Waiting(pool, hub))
    hub.add(CHANNEL, wall.hear)
    await hub.start()
    stack.push_async_callback(hub.stop)
    await hub.listening()
    return wall


async def run(place: Place, size: Size) -> Result:
    extent = EXTENTS[size]
    async with product(place) as cells:
        await measure(cells, ASKED, extent.seconds / 4)
        rounds = [await measure(cells, ASKED, extent.seconds) for _ in range(extent.rounds)]
        steps = []
        for rate in extent.steps:
            steps.append(await measure(cells, rate, extent.step_seconds))
            if not steps[-1]["kept_up"]:
                break
    kept = [step for step in (*rounds, *steps) if step["kept_up"]]
    most = max(kept, key=lambda step: step["asked"], default=rounds[0])
    return Result(
        [
            Figure(f"p50 at {ASKED} events/s", median(told["p50_ms"] for told in rounds), "ms", at_most=20),
            Figure(f"p99 at {ASKED} events/s", median(told["p99_ms"] for told in rounds), "ms", at_most=150),
            Figure("highest rate kept up with", most["recorded"], "events/s"),
            Figure("p99 at that rate", most["p99_ms"], "ms"),
        ],
        [*rounds, *steps],
        [f"kept up with: p99, and the wall's last event after the last commit, within {DRAIN:.0f} s"],
    )
