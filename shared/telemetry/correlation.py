"""One id that travels from a request through its events into every view and log line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "X-Correlation-Id"
_SENT = HEADER.lower().encode()
_ACCEPTED = re.compile(r"^[A-Za-z0-9._-]{8,64}$")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="none")


_SCOPE = "chibo.correlation"


@contextmanager
def resumed(scope: Scope) -> Iterator[str]:
    """The id of a request that is answered outside the middleware, as an unforeseen fault is."""
    token = correlation_id.set(scope.get(_SCOPE, correlation_id.get()))
    try:
        yield correlation_id.get()
    finally:
        correlation_id.reset(token)


class CorrelationMiddleware:
    """Takes the caller's correlation id if it is a plain token, otherwise makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _SENT), "")
        identity = scope[_SCOPE] = given if _ACCEPTED.match(given) else token_hex(16)

        token = correlation_id.set(identity)
        try:
            await self.app(scope, receive, send)
        finally:
            correlation_id.reset(token)


def named(scope: Scope, _headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The id as a header of the answer (`shared.http.added`)."""
    return [(_SENT, scope[_SCOPE].encode())]
