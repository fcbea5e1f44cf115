"""Another service's log, as its owner serves it over HTTP (`shared.http.every_service`)."""

import httpx

from shared.eventlog.cloudevents import Malformed, from_batch
from shared.eventlog.model import Stored

LIMIT = 1_000  # events in one answer


class FeedClient:
    """Another service's log, read through its feed; asks like an `EventLog` and answers alike."""

    def __init__(self, service: str, client: httpx.AsyncClient) -> None:
        self.service = service
        self._client = client

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]:
        """At most ``limit`` events (1,000 at once) that follow ``after``, checked to be gap-free.

        Raises `Malformed` for an answer that is not that, `httpx.HTTPError` when there is none.
        """
        answer = await self._client.get(
            "/internal/events", params={"partition": partition, "after": after, "limit": min(limit, LIMIT)}
        )
        found = from_batch(answer.raise_for_status().content)
        for position, event in enumerate(found, after + 1):
            if (event.service, event.partition, event.position) != (self.service, partition, position):
                raise Malformed(f"expected {self.service}.{partition}.{position}, not {event.stream}:{event.version}")
        return found

    async def heads(self) -> dict[int, int]:
        """Partition -> position of its last event; also tells how many partitions there are. Raises as `feed`."""
        answer = (await self._client.get("/internal/heads")).raise_for_status()
        try:
            heads = {int(partition): int(position) for partition, position in answer.json().items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise Malformed(f"not the heads of {self.service}: {error!r}") from error
        if not heads or sorted(heads) != list(range(len(heads))) or min(heads.values()) < 0:
            raise Malformed(f"not the heads of {self.service}: {heads}")  # it would be believed for ever
        return heads
