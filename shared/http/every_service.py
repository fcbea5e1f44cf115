"""What every service serves of itself: its log to the others, its language to tools, its state to operators."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.auth.http import internal, public
from shared.context import Ctx
from shared.eventlog import MOST_PARTITIONS
from shared.eventlog.cloudevents import MEDIA_TYPE, to_batch
from shared.eventlog.feed import LIMIT
from shared.events.asyncapi import describe
from shared.telemetry import metrics

Health = Callable[[], Awaitable[list[str]]]
"""Returns what is wrong, in words; empty when all is well."""

feed_router = APIRouter(prefix="/internal", dependencies=[Depends(internal())], tags=["internal"])


@feed_router.get(
    "/events",
    summary="Events of one partition that follow a position, without a gap",
    response_class=Response,
    responses={200: {"description": "CloudEvents 1.0, JSON batch", "content": {MEDIA_TYPE: {}}}},
)
async def events(
    ctx: Ctx,
    partition: Annotated[int, Query(ge=0, lt=MOST_PARTITIONS, description="Which partition.")],
    after: Annotated[int, Query(ge=0, lt=2**63, description="Position of the last event known; 0 for none.")] = 0,
    limit: Annotated[int, Query(ge=1, le=LIMIT, description="How many events at most.")] = LIMIT,
) -> Response:
    return Response(to_batch(await ctx.log.feed(partition, after, limit)), media_type=MEDIA_TYPE)


@feed_router.get("/heads", summary="Position of the last event of every partition")
async def heads(ctx: Ctx) -> dict[int, int]:
    return await ctx.log.heads()


def asyncapi_router(service: str) -> APIRouter:
    """``/<service>/asyncapi.json``: the streams a service writes, for others' tools."""
    router = APIRouter(dependencies=[Depends(public())], include_in_schema=False)

    @router.get(f"/{service}/asyncapi.json")
    async def asyncapi() -> dict[str, Any]:
        return describe(service)

    return router


def operations_router(ready: Health) -> APIRouter:
    """The routes of the internal side that orchestrators and Prometheus ask; not routed from outside."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(public())])

    @router.get("/health/live")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "alive"})

    @router.get("/health/ready")
    async def is_ready(request: Request) -> JSONResponse:
        wrong = await ready()
        return JSONResponse({"status": "not ready" if wrong else "ready", "wrong": wrong}, 503 if wrong else 200)

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
