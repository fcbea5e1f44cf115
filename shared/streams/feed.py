"""Where an owner serves its log."""

from typing import Protocol

from shared.eventlog import Stored


class Feed(Protocol):
    """An `EventLog` of our own, or another service's `shared.eventlog.feed.FeedClient`."""

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]: ...

    async def heads(self) -> dict[int, int]: ...
