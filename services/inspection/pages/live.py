"""Live pages: which parts of a wall look different now, told by server-sent events as facts arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Final

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.inspection.supervision import supervised
from services.inspection.views.wall import WALL
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Ctx
from shared.ids import Id
from shared.streams.hub import ViewChanged
from shared.web.live import ready

router = APIRouter(include_in_schema=False)

BREATH: Final = 0.4  # seconds between two tellings: a busy evening is told in a few strokes a second
PING: Final = 20  # seconds of silence after which proxies and browsers are told that the line is alive

_BELOW: Final = """
    SELECT DISTINCT unnest(path[array_position(path, $1):]) FROM view_wall.place
    WHERE organisation = ANY ($2) AND path @> ARRAY[$1]
"""


@router.get("/inspection/live")
async def live(
    organisation: Id,
    request: Request,
    ctx: Ctx,
    _actor: Annotated[Actor, Depends(allow("supervision.record", supervised))],
    seen: Annotated[str | None, Query(max_length=64)] = None,
) -> EventSourceResponse:
    """``event: wall`` when anything under the organisation changed, ``event: c-<id>`` for each row that did.

    Begins with ``event: ready``, which says whether something was missed while the page was on its way.
    """

    async def told() -> AsyncIterator[ServerSentEvent]:
        async with ctx.hub.follow(WALL.name) as changes:
            yield ready(ctx.hub, seen)
            async for event in strokes(ctx.pool, organisation, changes):
                yield event

    return EventSourceResponse(told(), ping=PING, headers={"X-Accel-Buffering": "no"})


async def strokes(
    pool: asyncpg.Pool, organisation: str, changes: AsyncIterator[ViewChanged], breath: float = BREATH
) -> AsyncIterator[ServerSentEvent]:
    """What to tell the followers of one organisation: all that came in since the last telling, at once."""
    waiting: asyncio.Queue[ViewChanged] = asyncio.Queue()

    async def gather() -> None:
        async for change in changes:
            waiting.put_nowait(change)

    gathering = asyncio.create_task(gather())
    try:
        while True:
            news = [await waiting.get()]
            while not waiting.empty():
                news.append(waiting.get_nowait())
            events = await _events(pool, organisation, news)
            for event in events:
                yield event
            if events:
                await asyncio.sleep(breath)
    finally:
        gathering.cancel()


async def _events(pool: asyncpg.Pool, organisation: str, news: Iterable[ViewChanged]) -> list[ServerSentEvent]:
    news = list(news)
    at = next((f"{one.source}.{one.partition}.{one.position}" for one in reversed(news) if one.source), "")
    data = orjson.dumps({"at": at}).decode()
    if any(one.topics is None for one in news):  # too much to name: whoever looks fetches all of it
        return [ServerSentEvent(data, event=name) for name in ("wall", "rows")]
    topics = frozenset().union(*(one.topics or () for one in news))
    below = [row[0] for row in await pool.fetch(_BELOW, organisation, list(topics))]
    if not below:
        return []
    return [ServerSentEvent(data, event=name) for name in ("wall", *sorted(f"c-{one}" for one in below))]
