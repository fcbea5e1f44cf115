"""Whoever asks for the head of a page is told what the page would have answered, and nothing of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse, StreamingResponse

from shared.http.head import HeadAsGet


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(HeadAsGet)

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>chi bộ</p>", headers={"Chibo-Mark": "here"})

    @app.post("/command")
    async def command() -> None: ...

    @app.get("/live")
    async def live() -> StreamingResponse:
        async def forever() -> AsyncIterator[str]:
            while True:
                yield "data: 1\n\n"
                await asyncio.Event().wait()

        return StreamingResponse(forever(), media_type="text/event-stream")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chibo") as opened:
        yield opened


async def test_a_page_answers_head_with_what_it_would_have_answered_without_its_body(client: httpx.AsyncClient) -> None:
    got, head = await client.get("/page"), await client.head("/page")
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(got.headers)


async def test_what_only_takes_commands_has_no_head(client: httpx.AsyncClient) -> None:
    assert (await client.head("/command")).status_code == 405


async def test_the_head_of_a_live_page_ends(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        head = await client.head("/live")
    assert head.headers["content-type"].startswith("text/event-stream")
