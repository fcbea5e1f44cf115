"""Free text: what people write is taken as it is seen, and nothing else is taken."""

from typing import Annotated, Any

import httpx
import pytest
from asyncpg import CharacterNotInRepertoireError, DataError
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from starlette.responses import PlainTextResponse

from shared.http import Malformed, Readable, RuleTexts, cleared, decode_cursor, encode_cursor, readable
from shared.http.problems import Problems
from shared.refusal import Refused

UNREADABLE = ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800", "\udfff"]


@pytest.mark.parametrize("letter", UNREADABLE)
def test_a_character_nobody_sees_is_refused_with_its_place(letter: str) -> None:
    with pytest.raises(Refused, match=r"text\.readable") as refused:
        readable(f"Đề{letter} nghị")
    assert refused.value.params["place"] == 3
    assert cleared(f"Đề{letter} nghị") == "Đề nghị"


@pytest.mark.parametrize(
    "text",
    ["Đồng chí Lò Văn Mẫu", "Tie\u0302\u0301ng Vie\u0323\u0302t", "một\u00a0trăm", "a\tb\nc", "👩\u200d🌾 “…” – №"],
)
def test_what_people_write_and_paste_is_taken_as_it_is(text: str) -> None:
    assert readable(text) == text == cleared(text)


def test_line_ends_of_any_system_are_one_character() -> None:
    assert readable("một\r\nhai\rba\u2028bốn") == "một\nhai\nba\nbốn"


@given(st.text(st.characters(codec=None)))
def test_what_was_taken_out_leaves_what_is_taken_and_can_be_stored(text: str) -> None:
    left = cleared(text)
    assert readable(left) == left
    assert "\x00" not in left
    left.encode()


def test_a_cursor_holds_nothing_the_database_could_not_have_given() -> None:
    with pytest.raises(Malformed):
        decode_cursor(encode_cursor("a\0", "b"), 2)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Readable]


@pytest.fixture
async def client() -> Any:
    app = FastAPI()

    @app.post("/api/body")
    async def take(body: Body) -> str:
        return body.text

    @app.post("/api/{fault}")
    async def met_the_database(fault: str) -> None:
        if fault == "nul":
            raise CharacterNotInRepertoireError("invalid byte sequence")
        raise DataError("invalid input for query argument $1") from UnicodeEncodeError("utf-8", "\ud800", 0, 1, "")

    Problems("meetings", RuleTexts(), lambda: "vi", lambda _r, p: PlainTextResponse(p.rule, p.status)).install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://chibo") as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("/api/body", rb'{"text": "M\u0000"}', "text.readable"),
        ("/api/body", rb'{"text": "M\ud800"}', "text.readable"),
        ("/api/body", rb'{"text": "M", "\ud800": 1}', "request.invalid"),
        ("/api/body", b'{"text": "\xff"}', "request.invalid"),
        ("/api/nul", b"", "text.readable"),
        ("/api/half", b"", "text.readable"),
    ],
)
async def test_a_program_is_told_by_name_and_never_of_a_fault_of_ours(
    client: httpx.AsyncClient, path: str, content: bytes, rule: str
) -> None:
    answer = await client.post(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["rule"] == rule


async def test_a_program_gets_line_ends_as_they_are_kept(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/body", json={"text": "một\r\nhai"})).json() == "một\nhai"
