"""The cookies of a login that was renewed while a request was served, put on whatever answer it gets."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.auth.cookies import PENDING


class SessionMiddleware:
    """A login renewed while a request was served reaches the browser with any answer.

    FastAPI drops what a dependency sets when the endpoint returns a response of its own, hence not by `Response`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        pending: dict[str, bytes] = {}
        scope[PENDING] = pending

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and pending:
                headers: list[Any] = list(message.get("headers", ()))
                message["headers"] = headers + [(b"set-cookie", value) for value in pending.values()]
            await send(message)

        await self.app(scope, receive, send_with_cookies)
