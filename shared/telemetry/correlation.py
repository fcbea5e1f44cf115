"""One id that travels from a request through its events into every view and log line."""

import re
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Correlation-Id"
_ACCEPTED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="none")


class CorrelationMiddleware:
    """Takes the caller's correlation id if it is a plain token, otherwise makes one; answers with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-correlation-id"), "")
        identity = given if _ACCEPTED.match(given) else uuid4().hex

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = identity
            await send(message)

        token = correlation_id.set(identity)
        try:
            await self.app(scope, receive, answer)
        finally:
            correlation_id.reset(token)
