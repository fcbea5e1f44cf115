"""Other services verify what members signs, through its internal side, whatever happens to the keys meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from services.members.access.accounts import store_of
from services.members.access.tests.conftest import PASSWORD, House
from shared.auth import cookies
from shared.auth.http import signed_in
from shared.auth.keys import KeyCache
from shared.auth.login import Logins
from shared.auth.model import Actor, Unauthenticated
from shared.auth.service_token import source
from shared.auth.sessions import RemoteSessions
from shared.auth.tokens import UnknownKey
from shared.http.added import AddedHeaders
from shared.peers import Peers
from shared.privacy import MasterKey, WrongKey


class Watch:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def sessions(house: House) -> AsyncIterator[RemoteSessions]:
    """Members as meetings sees it."""
    settings = house.ctx.settings.model_copy(update={"service": "meetings"})
    transports = {"members": httpx.ASGITransport(house.app)}
    async with Peers(source(settings, lambda: house.now), {}, transports) as peers:
        yield RemoteSessions(peers)


async def granted(house: House):
    account = await house.account("hoa")
    return await store_of(house.ctx).begin(account, None, house.now)


async def test_only_a_service_gets_the_keys_and_only_their_public_halves(house, browser):
    assert (await browser.get("/internal/jwks")).status_code == 401
    (key,) = (await browser.get("/internal/jwks", headers=house.service())).json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "kid", "use"}


async def test_the_private_half_lies_wrapped_by_the_master_key(house):
    await store_of(house.ctx).keys.current(house.now)
    row = await house.ctx.pool.fetchrow("SELECT kid, wrapped FROM signing_key")
    with pytest.raises(WrongKey):
        MasterKey("A" * 43).unwrap(row["kid"], row["wrapped"])


async def test_processes_that_start_at_once_make_one_key(house):
    keys = await asyncio.gather(*(store_of(house.ctx).keys.current(house.now) for _ in range(6)))
    assert len({key.kid for key in keys}) == 1


async def test_a_changed_key_is_asked_for_once_and_the_former_stays_good(house, sessions):
    watch = Watch()
    cache, before = KeyCache(sessions, watch), await granted(house)
    await cache.verify(before.access, now=house.now)
    await store_of(house.ctx).keys.rotate(house.now, after=timedelta(0))
    after = await store_of(house.ctx).renew(before.refresh, house.now)
    with pytest.raises(UnknownKey):  # asked a moment ago: invented kids must not become requests
        await cache.verify(after.access, now=house.now)
    watch.seconds += 6
    for access in (after.access, before.access):
        assert await cache.verify(access, now=house.now)


async def test_a_retired_key_is_withdrawn_when_no_token_of_it_can_be_about(house, sessions):
    keys, begun = store_of(house.ctx).keys, house.now
    first = (await keys.current(begun)).kid
    second = await keys.rotate(begun, after=timedelta(0))
    assert {key["kid"] for key in (await keys.published(begun))["keys"]} == {first, second}
    later = begun + timedelta(hours=1)
    assert [key["kid"] for key in (await keys.published(later))["keys"]] == [second]
    assert await keys.rotate(begun + timedelta(days=89)) == second
    assert await keys.rotate(begun + timedelta(days=90)) != second


async def test_a_form_sent_to_another_service_renews_the_login_there(house, sessions):
    app = FastAPI()
    app.state.context = SimpleNamespace(settings=house.ctx.settings, clock=lambda: house.now)
    app.state.logins = Logins(sessions)

    @app.exception_handler(Unauthenticated)
    async def unauthenticated(request: object, error: Exception) -> JSONResponse:
        return JSONResponse({}, 401)

    @app.get("/meetings/mine")
    async def mine(actor: Annotated[Actor, Depends(signed_in())]) -> str:
        return actor.account

    login = await granted(house)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(AddedHeaders(app, cookies.pending)), base_url="http://chibo.test"
    ) as browser:
        for name, value in ((cookies.SESSION, login.access), (cookies.REFRESH, login.refresh)):
            browser.cookies.set(name, value, domain="chibo.test", path="/")
        house.now += timedelta(hours=2)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        at_once = await asyncio.gather(*(browser.get("/meetings/mine", headers=sent) for _ in range(4)))
        assert {answer.status_code for answer in at_once} == {200}
        assert len({answer.cookies[cookies.REFRESH] for answer in at_once}) == 1
        assert browser.cookies[cookies.REFRESH] != login.refresh
        house.now += timedelta(hours=12)
        assert (await browser.get("/meetings/mine")).status_code == 401
        assert not browser.cookies


async def test_the_right_password_opens_the_door_while_the_key_changes(house, browser):
    await house.account("hoa")
    body = {"login": "hoa", "password": PASSWORD}
    for _ in range(2):
        tokens = (await browser.post("/members/api/v1/sessions", json=body)).json()
        await store_of(house.ctx).keys.rotate(house.now, after=timedelta(0))
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await browser.get("/members/api/v1/me", headers=bearer)).status_code == 200
