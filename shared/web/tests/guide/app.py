"""Serves the style guide, and a form that answers as the meeting room's do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from shared.events.members import Office
from shared.http.added import AddedHeaders
from shared.web import Reader, install, render, see_other, templates_from
from shared.web.security import guarding
from shared.web.switch import choose_language
from shared.web.tests.guide.content import ROLL, WALL

INSPECTOR = Reader("a1", [Office.INSPECTOR, Office.MEMBER], Office.INSPECTOR, "Đảng bộ xã Thanh Minh", "Quàng Thị Xuân")


def guide() -> FastAPI:
    templates_from(Path(__file__).parent)
    app = FastAPI()
    app.add_middleware(AddedHeaders, guarding)
    install(app)
    app.add_api_route("/language", choose_language)
    app.state.statements = []
    app.state.keys = set()
    app.state.wall = WALL
    app.state.changes = asyncio.Queue()

    def page(request: Request, name: str, **values: Any) -> HTMLResponse:
        request.state.reader = INSPECTOR
        request.state.csrf = "token-1"
        return render(request, f"guide/{name}.html", **values)

    @app.get("/inspection/wall")
    async def wall(request: Request) -> Response:
        return page(
            request, "wall", title="Đảng bộ xã Thanh Minh", wall=app.state.wall, live="/inspection/live", wide=True
        )

    @app.get("/meetings/room")
    async def room(request: Request) -> Response:
        return page(request, "room", roll=ROLL, said=app.state.statements, progress=0.46)

    @app.post("/meetings/room/statements")
    async def record(request: Request) -> Response:
        form = await request.form()
        if form["text"] == "từ chối":
            return HTMLResponse('<p data-problem role="alert">Kỳ sinh hoạt đã kết thúc.</p>', status_code=409)
        key = str(form["idempotency_key"])
        if key not in app.state.keys:
            app.state.keys.add(key)
            app.state.statements.append({"speaker": str(form["speaker"]), "text": str(form["text"])})
        return see_other("/meetings/room")

    @app.post("/meetings/room/attendance")
    async def attendance() -> Response:
        return see_other("/meetings/room")

    @app.get("/login")
    async def login(request: Request) -> Response:
        return render(request, "guide/login.html", title="Đăng nhập")

    @app.get("/notifications")
    async def inbox(request: Request) -> Response:
        return page(request, "inbox", title="Thông báo")

    @app.get("/parts")
    async def parts(request: Request) -> Response:
        return page(request, "all", title="Các bộ phận")

    @app.post("/inspection/change")
    async def change() -> Response:
        """The first cell's November becomes 100%, and those who watch are told."""
        first = app.state.wall[0]
        months = [*first.months[:10], replace(first.months[10], text="100"), first.months[11]]
        app.state.wall = [replace(first, months=months), *app.state.wall[1:]]
        app.state.changes.put_nowait("wall")
        return Response(status_code=204)

    @app.post("/logout")
    async def logout() -> Response:
        return see_other("/login")

    @app.get("/inspection/live")
    async def live() -> Response:
        async def stream() -> AsyncIterator[str]:
            yield "event: ready\ndata: {}\n\n"
            while True:
                topic = await app.state.changes.get()
                yield f"event: {topic}\ndata: {{}}\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    return app
