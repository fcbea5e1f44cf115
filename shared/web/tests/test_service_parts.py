"""What `install` gives a service: guarding headers, static files, the reader's language; and the page of a fault."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, StreamingResponse

from shared.http.added import AddedHeaders
from shared.web import install, language, problem_page, static_url
from shared.web.assets import ASSETS
from shared.web.security import guarding
from shared.web.switch import choose_language
from shared.web.tests.conftest import MakeRequest


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(AddedHeaders, guarding)
    install(app)
    app.add_api_route("/language", choose_language)

    @app.get("/says")
    async def says() -> PlainTextResponse:
        return PlainTextResponse(language())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chibo.test") as client:
        yield client


async def test_a_page_allows_nothing_inline_and_nothing_from_another_host(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/says")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_file_is_kept_for_ever_only_under_its_own_hash(browser: httpx.AsyncClient) -> None:
    mine = await browser.get(static_url("chibo.css"))
    assert "immutable" in mine.headers["cache-control"]
    assert mine.headers["content-encoding"] == "gzip"
    assert mine.content == ASSETS["chibo.css"].content
    other_release = await browser.get("/static/chibo.css?v=000000000000")
    assert other_release.headers["cache-control"] == "no-cache"
    again = await browser.get("/static/chibo.css", headers={"If-None-Match": mine.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["nothing.css", "..%2frender.py", ""])
async def test_only_our_files_are_served(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/static/{name}")).status_code == 404


async def test_the_switch_remembers_the_language_and_goes_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/language", params={"to": "en", "next": "/says"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/says")
    assert (await browser.get("/says")).text == "en"
    away = await browser.get("/language", params={"to": "xx", "next": "//evil.test"})
    assert away.headers["location"] == "/"
    assert (await browser.get("/says")).text == "en"


async def test_live_changes_pass_through_unbuffered() -> None:
    app = FastAPI()
    install(app)
    gate = asyncio.Event()

    @app.get("/live")
    async def live() -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            yield "first"
            await gate.wait()
            yield "second"

        return StreamingResponse(stream(), media_type="text/event-stream")

    sent: asyncio.Queue[bytes] = asyncio.Queue()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/live",
        "root_path": "",
        "raw_path": b"/live",
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "server": ("chibo.test", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            sent.put_nowait(bytes(message["body"]))  # type: ignore[call-overload]

    answering = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    assert await sent.get() == b"first"
    gate.set()
    assert await sent.get() == b"second"
    await answering


@dataclass
class Fault:
    status: int = 403
    detail: str = "Không đủ quyền"
    rule: str = "access.forbidden"
    source: str = "design 7"
    correlation: str = "c-1"
    params: dict[str, str] = field(default_factory=lambda: {"action": "person.erase"})


def test_who_may_not_do_something_is_told_who_may(a_request: MakeRequest) -> None:
    page = problem_page(a_request(), Fault())
    html = page.body.decode()
    assert page.status_code == 403
    assert "Bạn chưa có quyền làm việc này" in html
    assert "Không đủ quyền" in html
    assert "Cán bộ bảo vệ dữ liệu" in html
    assert "access.forbidden" in html


def test_the_page_of_a_crash_is_guarded_and_in_the_readers_language(a_request: MakeRequest) -> None:
    page = problem_page(a_request(cookie="chibo_lang=en"), Fault(status=500))
    assert '<html lang="en">' in page.body.decode()
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
