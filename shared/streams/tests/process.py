"""A service process inside this one: its own connections and tasks, all of which end at once when it is killed."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import asyncpg

from shared.database import open_pool
from shared.eventlog import EventLog
from shared.streams import Policy, View
from shared.streams.hub import Hub
from shared.streams.tests.house import SERVICE, House

_mine: ContextVar[set[asyncio.Task[Any]] | None] = ContextVar("tasks of the process", default=None)


def _keep(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
    """A task factory: a task belongs to the process whose task made it."""
    task = asyncio.Task(coroutine, loop=loop, **options)
    tasks = _mine.get()
    if tasks is not None:
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    return task


class Process:
    """``house`` is the same service as the tests', over connections of the process's own."""

    def __init__(self, house: House, pool: asyncpg.Pool, tasks: set[asyncio.Task[Any]]) -> None:
        self.house = house
        self._pool, self._tasks = pool, tasks

    @classmethod
    async def start(
        cls,
        house: House,
        address: str,
        *views: View,
        policies: Sequence[Policy] = (),
        relay: bool = False,
        **options: Any,
    ) -> "Process":
        asyncio.get_running_loop().set_task_factory(_keep)
        tasks: set[asyncio.Task[Any]] = set()
        before = _mine.set(tasks)
        try:
            pool = await open_pool(address, name="worker")
            own = replace(
                house, pool=pool, log=await EventLog.open(pool, SERVICE), hub=Hub(pool), relays=[], following=[]
            )
            await own.hub.start()
            if relay:
                await own.relay(**options)
            if views or policies:
                await own.follow(*views, policies=policies, **options)
        finally:
            _mine.reset(before)
        return cls(own, pool, tasks)

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let the process do something more."""
        before = _mine.set(self._tasks)
        try:
            return asyncio.create_task(work)
        finally:
            _mine.reset(before)

    async def kill(self) -> None:
        """Nothing of it goes on, nothing is said goodbye to: its sockets close, and the server rolls back."""
        self._pool.terminate()
        await asyncio.sleep(0)  # the sockets close before a dying task could say anything over them
        while self._tasks:
            for task in self._tasks:
                task.cancel()  # again, if it took the end of its connection for a passing failure
            await asyncio.wait(self._tasks, timeout=0.01)
        for relay in self.house.relays:  # what the kernel does for a process
            await relay._redis.aclose()
        for following in self.house.following:
            await asyncio.gather(*(reader._close() for reader in following._readers.values()))
