"""How much one request may bring: more is refused before it fills the memory."""

from fastapi import HTTPException  # Starlette's own would be answered as a body that cannot be parsed
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 * 1024 * 1024  # a roster of 5 MB, in base64 within a form


class BodyLimit:
    """Raises a 413 into whoever reads a body past ``most`` bytes, whatever its Content-Length said."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise HTTPException(413, f"{self.most // 1024 // 1024} MB")
            return message

        await self.app(scope, counted, send)
