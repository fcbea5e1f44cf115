"""The log over HTTP: what the owner serves to others' subscriptions, and how these read it."""

from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import APIRouter, Depends, Query, Request, Response

from shared.auth.http import internal
from shared.eventlog.cloudevents import MEDIA_TYPE, Malformed, from_batch, to_batch
from shared.eventlog.model import Stored

if TYPE_CHECKING:
    from shared.eventlog.log import EventLog

LIMIT = 1_000  # events in one answer

feed_router = APIRouter(prefix="/internal", dependencies=[Depends(internal())], tags=["internal"])


def _log(request: Request) -> "EventLog":
    log: EventLog = request.app.state.context.log
    return log


@feed_router.get(
    "/events",
    summary="Events of one partition that follow a position, without a gap",
    response_class=Response,
    responses={200: {"description": "CloudEvents 1.0, JSON batch", "content": {MEDIA_TYPE: {}}}},
)
async def events(
    request: Request,
    partition: Annotated[int, Query(ge=0, le=1023, description="Which partition.")],
    after: Annotated[int, Query(ge=0, lt=2**63, description="Position of the last event known; 0 for none.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="How many events at most.")] = LIMIT,
) -> Response:
    return Response(to_batch(await _log(request).feed(partition, after, limit)), media_type=MEDIA_TYPE)


@feed_router.get("/heads", summary="Position of the last event of every partition")
async def heads(request: Request) -> dict[int, int]:
    return await _log(request).heads()


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
            return {int(partition): int(position) for partition, position in answer.json().items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise Malformed(f"not the heads of {self.service}: {error!r}") from error
