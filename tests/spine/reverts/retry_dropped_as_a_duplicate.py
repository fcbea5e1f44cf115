"""A parked event that is tried again comes the way every event comes, and the guard against duplicates drops it: it is
no longer parked, and it never had its effect."""

from shared.streams.checkpoint import Place
from shared.streams.feed import Feed
from shared.streams.incoming import in_order
from shared.streams.subscription import Subscription
from tests.spine.reverts import Bug


async def _retry(self: Subscription, source: str, partition: int, stream: str, feed: Feed) -> int:
    place, done = Place(self.name, source, partition), 0
    while True:
        async with self._pool.acquire() as connection, connection.transaction():
            position = await (await self._lock(connection, place)).first_parked(stream)
        if position is None:
            return done
        await self.apply(source, partition, in_order(await feed.feed(partition, position - 1, 1)))
        async with self._pool.acquire() as connection, connection.transaction():
            await (await self._lock(connection, place)).unpark(position)
        done += 1


def put_back() -> None:
    Subscription.retry = _retry  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_parking.py"
    "::test_an_event_whose_needs_cannot_be_told_is_parked_like_one_that_cannot_be_applied",
    r"assert \['first'\] == \['first', 'bad', 'third', 'fourth'\]",
)
