"""What an operator reads over HTTP: request metrics, `/metrics`, `/health/live`, `/health/ready`."""

import time
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth.http import public
from shared.telemetry import metrics

Health = Callable[[], Awaitable[list[str]]]
"""Returns what is wrong, in words; empty when all is well."""


class MetricsMiddleware:
    """Counts and times every answer by route template (never by raw path: its values would be without end)."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, stream = time.perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status = message["status"]
                stream = any(
                    name == b"content-type" and value.startswith(b"text/event-stream")
                    for name, value in message["headers"]
                )
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            metrics.HTTP_REQUESTS.labels(self.service, scope["method"], route, status).inc()
            if not stream:
                metrics.HTTP_SECONDS.labels(self.service, route).observe(time.perf_counter() - started)


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
