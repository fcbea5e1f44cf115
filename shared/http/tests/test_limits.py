"""A request that brings more than is taken is refused while it comes, not after it filled the memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, UploadFile
from starlette.responses import PlainTextResponse, Response

from shared.http.limits import BodyLimit
from shared.http.problems import Problem, Problems
from shared.http.texts import RuleTexts

MOST = 1024 * 1024


def page(_request: object, problem: Problem) -> Response:
    return PlainTextResponse(problem.detail, problem.status)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    Problems("members", RuleTexts(), lambda: "en", page).install(app)
    app.add_middleware(BodyLimit, most=MOST)

    @app.post("/api/json")
    async def take(body: dict[str, str]) -> int:
        return len(body)

    @app.post("/api/file")
    async def keep(file: UploadFile) -> int:
        return file.size or 0

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://chibo") as opened:
        yield opened


async def endless(beginning: bytes) -> AsyncIterator[bytes]:
    """Nobody said how long it would be."""
    yield beginning
    while True:
        yield b" " * 65536


@pytest.mark.parametrize(
    ("path", "kind", "beginning"),
    [
        ("/api/json", "application/json", b"{"),
        ("/api/file", "multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n'),
    ],
)
async def test_too_much_is_answered_with_how_much_is_taken(
    client: httpx.AsyncClient, path: str, kind: str, beginning: bytes
) -> None:
    answer = await client.post(path, content=endless(beginning), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["rule"]) == (413, "request.too_large")
    assert "1 MB" in answer.json()["detail"]


async def test_what_fits_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/json", json={"a": "x" * (MOST - 100)})).json() == 1
    assert (await client.post("/api/file", files={"file": b"x" * (MOST // 2)})).json() == MOST // 2
