"""The two cookies of a login, and the middleware that puts them on whatever answer the request gets."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION: Final = "chibo_session"  # the access token
REFRESH: Final = "chibo_refresh"  # the refresh token
_PENDING: Final = "chibo.cookies"


@dataclass(frozen=True, slots=True)
class Granted:
    """A login as it is handed out: both tokens, and how long the refresh token may lie idle."""

    access: str
    refresh: str
    idle: timedelta

    def to_json(self) -> dict[str, Any]:
        return {"access": self.access, "refresh": self.refresh, "idle": int(self.idle.total_seconds())}

    @classmethod
    def from_json(cls, answer: dict[str, Any]) -> "Granted":
        return cls(answer["access"], answer["refresh"], timedelta(seconds=answer["idle"]))


def keep(scope: Scope, granted: Granted, *, secure: bool) -> None:
    """Have the browser keep this login."""
    age = int(granted.idle.total_seconds())
    _put(scope, SESSION, granted.access, age, secure, "lax")
    _put(scope, REFRESH, granted.refresh, age, secure, "strict")


def forget(scope: Scope, *, secure: bool) -> None:
    """Have the browser forget its login."""
    _put(scope, SESSION, "", 0, secure, "lax")
    _put(scope, REFRESH, "", 0, secure, "strict")


def _put(
    scope: Scope, name: str, value: str, age: int, secure: bool, samesite: Literal["lax", "strict", "none"]
) -> None:
    carrier = Response()
    carrier.set_cookie(name, value, max_age=age, path="/", secure=secure, httponly=True, samesite=samesite)
    scope[_PENDING][name] = carrier.headers["set-cookie"].encode("latin-1")


class SessionCookies:
    """ASGI middleware: a login renewed while a request was served reaches the browser with any answer.

    FastAPI drops what a dependency sets when the endpoint returns a response of its own, hence not by `Response`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        pending: dict[str, bytes] = {}
        scope[_PENDING] = pending

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and pending:
                headers: list[Any] = list(message.get("headers", ()))
                message["headers"] = headers + [(b"set-cookie", value) for value in pending.values()]
            await send(message)

        await self.app(scope, receive, send_with_cookies)
