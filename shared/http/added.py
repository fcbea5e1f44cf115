"""What every answer carries besides its own headers: put on in one place, as each wrapping of an answer takes time.

Plain ASGI, so that streams (live changes) pass through untouched.
"""

from collections.abc import Callable, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]  # the name in lower case
Adding = Callable[[Scope, list[Header]], Iterable[Header]]
"""From a request's scope and the headers of its answer so far: those to add."""


class AddedHeaders:
    """Stands inside whatever replaces the scope, so that what a request leaves there is found."""

    def __init__(self, app: ASGIApp, *adding: Adding) -> None:
        self.app, self.adding = app, adding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Header] = list(message.get("headers", ()))
                for adds in self.adding:
                    headers.extend(adds(scope, headers))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, complete)
