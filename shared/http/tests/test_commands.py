"""A repeated request is recognised by its key and its content."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from shared.auth.login import Login
from shared.auth.model import Actor
from shared.auth.tokens import Claims
from shared.eventlog import Command
from shared.http import CommandDep, Malformed, decode_cursor, encode_cursor, page_of


async def by_anna(request: Request) -> None:
    claims = Claims(Actor("anna", None, ()), "session", datetime.max.replace(tzinfo=UTC))
    request.state.login = Login(claims, by_cookie=False)


app = FastAPI(dependencies=[Depends(by_anna)])


@app.post("/{path}")
async def take(path: str, command: CommandDep) -> dict[str, str | None]:
    return _shown(command)


def _shown(command: Command) -> dict[str, str | None]:
    return {
        "actor": command.actor,
        "key": command.key,
        "fingerprint": command.fingerprint.hex() if command.fingerprint else None,
    }


async def post(path: str, **how: object) -> dict[str, str | None]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chibo") as client:
        found: dict[str, str | None] = (await client.post(path, **how)).json()  # type: ignore[arg-type]
        return found


async def test_a_command_without_a_key_is_not_repeatable() -> None:
    assert await post("/a", json={}) == {"actor": "anna", "key": None, "fingerprint": None}


async def test_the_key_is_the_account_s_own() -> None:
    told = await post("/a", json={}, headers={"Idempotency-Key": "k1"})
    assert told["key"] == "anna:k1"


async def test_a_key_in_vietnamese_is_read_as_it_was_sent() -> None:
    told = await post("/a", json={}, headers={"Idempotency-Key": "khóa của chi bộ".encode()})
    assert told["key"] == "anna:khóa của chi bộ"


async def test_the_fingerprint_is_of_the_content() -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await post("/a", json={"n": 1}, headers=headers)
    assert await post("/a", json={"n": 1}, headers=headers) == first
    assert await post("/a", json={"n": 2}, headers=headers) != first
    assert await post("/b", json={"n": 1}, headers=headers) != first


async def test_a_form_carries_its_key_and_may_be_sent_again_with_another_token() -> None:
    first = await post("/a", data={"text": "đồng ý", "idempotency_key": "k2", "csrf": "old"})
    again = await post("/a", data={"text": "đồng ý", "idempotency_key": "k2", "csrf": "new"})
    other = await post("/a", data={"text": "không", "idempotency_key": "k2", "csrf": "new"})
    assert first["key"] == "anna:k2"
    assert first == again
    assert first != other


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(-(2**53), 2**53), st.none()
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_cursor_gives_back_its_key(key: list[str | int | None]) -> None:
    assert decode_cursor(encode_cursor(*key), len(key)) == key


@pytest.mark.parametrize("cursor", ["", "!", "e30", "WzFd", "\u0111"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Malformed):
        decode_cursor(cursor, 2)


def test_the_last_page_names_no_next() -> None:
    rows = [{"name": "a", "id": 1}, {"name": "b", "id": 2}, {"name": "c", "id": 3}]
    first = page_of(rows, 2, ("name", "id"))
    assert [row["id"] for row in first.items] == [1, 2]
    assert first.next is not None
    assert decode_cursor(first.next, 2) == ["b", 2]
    assert page_of(rows[2:], 2, ("name", "id")).next is None
