"""HEAD wherever GET is answered: monitors, link checkers and mail programs ask so before they come."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Answers HEAD with the head of what GET would have answered (RFC 9110 §9.3.2); FastAPI's routes do not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        answered = False

        async def only_the_head(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                await send(message)
            elif not answered:
                answered = True
                await send({"type": "http.response.body"})

        async def until_answered() -> Message:
            """A live page goes on for ever: who asks for its head is gone once it was answered."""
            return {"type": "http.disconnect"} if answered else await receive()

        await self.app({**scope, "method": "GET"}, until_answered, only_the_head)
