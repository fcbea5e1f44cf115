"""One port for the four services: what Caddy does in compose, done in the process.

Only what the world may see is routed; the services reach each other's internal sides directly (`InProcess`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

HOME = "members"  # owns /, /login, /logout, /language, and answers what nobody owns
NOT_FROM_OUTSIDE = ("/internal", "/health", "/metrics")
STARTING = 10.0  # seconds a service waits for another that is still starting


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


class Dispatch:
    """The ASGI application over ``apps`` (by service name), while they are `running`."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self.apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if any(_below(path, prefix) for prefix in NOT_FROM_OUTSIDE):
            answer = await self._operations(path)
            await answer(scope, receive, send)
            return
        owner = next((name for name in self.apps if _below(path, f"/{name}")), HOME)
        await self.apps[owner](scope, receive, send)

    async def _operations(self, path: str) -> Response:
        """The health of all, and the metrics of this process; nothing else below these paths."""
        if path in ("/health/live", "/health/ready"):
            answers = dict(
                zip(self.apps, await asyncio.gather(*(_ask(app, path) for app in self.apps.values())), strict=True)
            )
            wrong = {name: answer.json() for name, answer in answers.items() if answer.is_error}
            return JSONResponse({"services": list(self.apps), "wrong": wrong}, status_code=503 if wrong else 200)
        if path == "/metrics":
            answer = await _ask(self.apps[HOME], path)
            return Response(answer.content, media_type=answer.headers["content-type"])
        return PlainTextResponse("Not Found", status_code=404)


async def _ask(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://local") as client:
        return await client.get(path)


class InProcess(httpx.AsyncBaseTransport):
    """Reaches another service of this process as the network would: refused while it is not there."""

    def __init__(self, name: str, fleet: "Fleet") -> None:
        self._name, self._fleet = name, fleet

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        app = await self._fleet.started(self._name, request)
        return await httpx.ASGITransport(app, raise_app_exceptions=False).handle_async_request(request)


class Fleet:
    """The four applications of one process, started together and stopped together."""

    def __init__(self) -> None:
        self.apps: dict[str, FastAPI] = {}
        self._up: dict[str, asyncio.Event] = {}

    def transports(self, names: tuple[str, ...]) -> dict[str, httpx.AsyncBaseTransport]:
        return {name: InProcess(name, self) for name in names}

    async def started(self, name: str, request: httpx.Request) -> FastAPI:
        try:
            await asyncio.wait_for(self._up[name].wait(), STARTING)
        except (TimeoutError, KeyError):
            raise httpx.ConnectError(f"{name} is not running", request=request) from None
        return self.apps[name]

    @asynccontextmanager
    async def running(self, apps: Mapping[str, FastAPI]) -> AsyncIterator[Dispatch]:
        """Each lifespan in a task of its own: they start side by side, and end where they began."""
        self.apps.update(apps)
        self._up = {name: asyncio.Event() for name in apps}
        stopping = asyncio.Event()

        async def hold(name: str) -> None:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(apps[name].router.lifespan_context(apps[name]))
                self._up[name].set()
                await stopping.wait()

        tasks = [asyncio.create_task(hold(name), name=f"service {name}") for name in apps]
        all_up = asyncio.gather(*(up.wait() for up in self._up.values()))
        waited: list[asyncio.Future[Any]] = [all_up, *tasks]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()  # raises why it could not start
            yield Dispatch(self.apps)
        finally:
            all_up.cancel()
            stopping.set()
            await asyncio.gather(*waited, return_exceptions=True)
        for task in tasks:
            task.result()
