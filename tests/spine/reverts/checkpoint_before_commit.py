"""The checkpoint is moved, or a message acknowledged, before the changes of the view are committed: what a process was
applying when it died is lost."""

from collections.abc import Sequence

from shared.streams.changes import Changes
from shared.streams.checkpoint import Place
from shared.streams.incoming import Incoming, unbroken
from shared.streams.subscription import Subscription
from tests.spine.reverts import Bug


async def _attempt(self: Subscription, place: Place, events: Sequence[Incoming], _poison: Exception | None) -> int:
    async with self._pool.acquire() as connection, connection.transaction():
        checkpoint = await self._lock(connection, place)
        fresh = unbroken(events, checkpoint.position)
        if fresh:
            await checkpoint.move(fresh[-1].position)
    async with self._pool.acquire() as connection, connection.transaction():
        changes = Changes(connection, self._schema)
        for event in fresh:
            await self._handle(changes, event)
        await changes.flush()
        await self._tell(connection, place, checkpoint.position, changes.topics)
    return checkpoint.position


def put_back() -> None:
    Subscription._attempt = _attempt  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_races.py::test_what_a_process_was_applying_when_it_was_killed_the_next_applies_once",
    r"assert \[\] == \['one', 'two'\]",
    quick=True,
)
