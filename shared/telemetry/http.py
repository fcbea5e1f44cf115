"""Every request counted and timed."""

import time
from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import metrics


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
                stream = _is_stream(message["headers"])
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            requests, seconds = _counted(self.service, scope["method"], route, status)
            requests.inc()
            if not stream:
                seconds.observe(time.perf_counter() - started)


def _is_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name == b"content-type":
            return value.startswith(b"text/event-stream")
    return False


@cache  # a few for every route; looking a metric up by its labels takes longer than adding to it
def _counted(service: str, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return metrics.HTTP_REQUESTS.labels(service, method, route, status), metrics.HTTP_SECONDS.labels(service, route)
