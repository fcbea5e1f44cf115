"""One LISTEN connection per process for all who wait: the relay, queries that wait for a position, live pages."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import orjson

from shared.streams.faults import Backoff, Stopped, is_transient
from shared.telemetry.log import get_logger

CHANNEL = "chibo_view"
MOST_TOPICS = 50
QUEUE = 100  # notifications a slow listener may be behind before it is told only that anything may have changed

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """A committed batch of one or more subscriptions. ``topics`` is None when anything may have changed.

    All fields are empty when notifications may have been missed: whoever depends on them looks for itself.
    """

    subscriptions: tuple[str, ...] = ()
    source: str = ""
    partition: int = -1
    position: int = 0
    topics: frozenset[str] | None = None

    @classmethod
    def parse(cls, payload: str) -> "ViewChanged":
        told = orjson.loads(payload)
        topics = told["topics"]
        return cls(
            tuple(told["subscriptions"]),
            told["source"],
            told["partition"],
            told["position"],
            None if topics == "*" else frozenset(topics),
        )

    def payload(self) -> str:
        """The inverse of `parse`; many topics are told as "*", because PostgreSQL takes 8,000 octets at most."""
        few = self.topics is not None and len(self.topics) <= MOST_TOPICS
        told = {
            "subscriptions": self.subscriptions,
            "source": self.source,
            "partition": self.partition,
            "position": self.position,
            "topics": sorted(self.topics or ()) if few else "*",
        }
        return orjson.dumps(told).decode()

    def concerns(self, view: str, topics: frozenset[str] | None) -> bool:
        """Whether a page that shows ``topics`` of ``view`` (all of it: None) may look different now."""
        if not self.subscriptions:
            return True
        return view in self.subscriptions and (
            self.topics is None or (bool(self.topics) if topics is None else bool(self.topics & topics))
        )


MISSED = ViewChanged()
Listener = Callable[[str], None]


class Hub:
    """Passes PostgreSQL notifications on to callbacks; "" when it has just begun to listen: look for yourself."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._listeners: dict[str, set[Listener]] = {}
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()  # the set of channels, or the connection
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._name, self._count = secrets.token_hex(4), 0

    @property
    def seen(self) -> str:
        """How far this process has heard. A page that carries it can be told whether it missed something since."""
        return f"{self._name}-{self._count}"

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._stopping.set()
        self._changed.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def listening(self) -> None:
        """Returns once every channel asked for so far is listened to."""
        await self._listening.wait()

    def add(self, channel: str, listener: Listener) -> None:
        """Call ``listener(payload)`` for every notification on ``channel``."""
        self._listeners.setdefault(channel, set()).add(listener)
        self._listening.clear()
        self._changed.set()

    def remove(self, channel: str, listener: Listener) -> None:
        self._listeners.get(channel, set()).discard(listener)

    @asynccontextmanager
    async def follow(self, view: str, *topics: str) -> AsyncIterator[AsyncIterator[ViewChanged]]:
        """For live pages: ``async with hub.follow("wall", cell) as changes: async for change in changes``.

        Without topics every change of the view is passed on. A client that is too slow gets `MISSED` once.
        """
        queue: asyncio.Queue[ViewChanged] = asyncio.Queue(QUEUE)
        wanted = frozenset(topics) or None

        def hear(payload: str) -> None:
            change = ViewChanged.parse(payload) if payload else MISSED
            if not change.concerns(view, wanted):
                return
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                change = MISSED
            queue.put_nowait(change)

        async def changes() -> AsyncIterator[ViewChanged]:
            while True:
                yield await queue.get()

        self.add(CHANNEL, hear)
        try:
            yield changes()
        finally:
            self.remove(CHANNEL, hear)

    async def _run(self) -> None:
        backoff = Backoff(self._stopping)
        while not self._stopping.is_set():
            try:
                async with self._pool.acquire() as connection:
                    backoff.reset()
                    await self._listen(connection)
            except Exception as error:
                if not is_transient(error):
                    log.exception("hub.failed")
                else:
                    log.warning("hub.lost", error=str(error))
                try:
                    await backoff.wait()
                except Stopped:
                    return

    async def _listen(self, connection: asyncpg.Connection) -> None:
        """Until stopping, or until the connection is lost."""
        heard: set[str] = set()
        broken = False

        def lost(_connection: object) -> None:
            nonlocal broken
            broken = True
            self._changed.set()

        connection.add_termination_listener(lost)
        try:
            while not self._stopping.is_set():
                self._changed.clear()
                if broken:
                    raise ConnectionResetError("the LISTEN connection was lost")
                for channel in self._listeners.keys() - heard:
                    await connection.add_listener(channel, self._heard)
                    heard.add(channel)
                    self._tell(channel, "")
                if self._listeners.keys() <= heard:
                    self._listening.set()
                await self._changed.wait()
        finally:
            if not broken:
                connection.remove_termination_listener(lost)
                for channel in heard:
                    await connection.remove_listener(channel, self._heard)

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        self._tell(channel, str(payload))

    def _tell(self, channel: str, payload: str) -> None:
        self._count += 1
        for listener in list(self._listeners.get(channel, ())):
            listener(payload)
