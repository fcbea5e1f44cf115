"""Reading your own writes: wait, bounded, until a view has a position."""

import asyncio

import asyncpg

from shared.eventlog import Position
from shared.streams.faults import pause
from shared.streams.hub import CHANNEL, Hub, ViewChanged

LOOK_AGAIN = 0.5  # seconds; only matters while notifications are lost
REACHED = "SELECT position FROM checkpoint WHERE subscription = $1 AND source = $2 AND partition = $3"

Place = tuple[str, str, int]  # subscription, source, partition


class Waiting:
    """``wait_for`` of one process: woken by the hub, so that waiting costs nothing and ends at once."""

    def __init__(self, pool: asyncpg.Pool, hub: Hub) -> None:
        self._pool, self._hub = pool, hub
        self._reached: dict[Place, int] = {}
        self._waiting: dict[Place, set[asyncio.Event]] = {}
        hub.add(CHANNEL, self._heard)

    async def wait_for(self, view: str, at: Position, timeout: float = 2.0) -> bool:
        """Whether ``view`` has everything of ``at``'s partition up to ``at`` within ``timeout`` seconds."""
        place = (view, at.service, at.partition)
        if self._reached.get(place, 0) >= at.position:
            return True
        moved = asyncio.Event()
        self._waiting.setdefault(place, set()).add(moved)
        try:
            async with asyncio.timeout(timeout):
                while not await self._has(place, at.position):
                    moved.clear()
                    await pause(moved, LOOK_AGAIN)
            return True
        except TimeoutError:
            return False
        finally:
            self._waiting[place].discard(moved)
            if not self._waiting[place]:
                del self._waiting[place]

    async def _has(self, place: Place, position: int) -> bool:
        if self._reached.get(place, 0) < position:
            self._reached[place] = await self._pool.fetchval(REACHED, *place) or 0
        return self._reached[place] >= position

    def _heard(self, payload: str) -> None:
        if not payload:
            self._reached.clear()
            moved = [event for events in self._waiting.values() for event in events]
        else:
            change = ViewChanged.parse(payload)
            moved = []
            for subscription in change.subscriptions:
                place = (subscription, change.source, change.partition)
                self._reached[place] = change.position
                moved.extend(self._waiting.get(place, ()))
        for event in moved:
            event.set()
