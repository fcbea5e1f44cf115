import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, Request
from fastapi.responses import JSONResponse, StreamingResponse

from shared.auth import cookies, csrf
from shared.auth.http import allow, current_actor, guarded_routes, internal, public, signed_in, unguarded
from shared.auth.login import OVERDUE
from shared.auth.model import Actor, Forbidden, HeldOffice, Unauthenticated
from shared.auth.service_token import source
from shared.auth.tests.issuer import Issuer, settings
from shared.events.members import Office

SECRETARY = Actor("account-1", "member-1", (HeldOffice(Office.CELL_SECRETARY, "cell-1"),))
INSPECTOR = Actor("account-2", None, (HeldOffice(Office.INSPECTOR, "bloc"),))


async def cell_1(request: Request, ctx: object) -> str:
    return "cell-1"


def application() -> FastAPI:
    app, router = FastAPI(docs_url=None, redoc_url=None), APIRouter(prefix="/meetings")

    @app.exception_handler(Unauthenticated)
    async def unauthenticated(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({}, 401)

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Forbidden) -> JSONResponse:
        return JSONResponse({"action": error.action}, 403)

    @app.exception_handler(ConnectionError)
    async def not_ready(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({}, 503)

    @router.get("/mine")
    async def mine(request: Request, actor: Annotated[Actor, Depends(signed_in())]) -> dict[str, str]:
        return {"account": actor.account, "csrf": getattr(request.state, "csrf", "")}

    @router.post("/statements")
    async def record(
        text: Annotated[str, Form()], actor: Annotated[Actor, Depends(allow("meeting.record", cell_1))]
    ) -> dict[str, str]:
        return {"text": text}

    @router.get("/live")
    async def live(actor: Annotated[Actor, Depends(signed_in())]) -> StreamingResponse:
        async def lines() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    @router.get("/door", dependencies=[Depends(public())])
    async def door(actor: Annotated[Actor | None, Depends(current_actor)]) -> dict[str, bool]:
        return {"known": actor is not None}

    @router.post("/door", dependencies=[Depends(public())])
    async def knock() -> dict[str, bool]:
        return {"in": True}

    @app.get("/internal/events")
    async def feed(caller: Annotated[str, Depends(internal())]) -> dict[str, str]:
        return {"caller": caller}

    app.include_router(router)
    return app


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def browser(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with issuer.serve(application()) as client:
        yield client


def log_in(browser: httpx.AsyncClient, issuer: Issuer, actor: Actor = SECRETARY, refresh: str = "r1") -> None:
    issuer.renewable[refresh] = actor
    browser.cookies.set(cookies.SESSION, issuer.token(actor), domain="chibo.test", path="/")
    browser.cookies.set(cookies.REFRESH, refresh, domain="chibo.test", path="/")


async def page_token(browser: httpx.AsyncClient) -> str:
    answer = await browser.get("/meetings/mine")
    return str(answer.json()["csrf"])


async def test_without_a_login_nothing_of_anybody_is_shown(browser):
    assert (await browser.get("/meetings/mine")).status_code == 401
    assert (await browser.post("/meetings/statements", data={"text": "x"})).status_code == 401
    assert (await browser.get("/internal/events")).status_code == 401
    assert (await browser.get("/meetings/door")).json() == {"known": False}


async def test_a_program_sends_its_token_and_needs_no_form_token(browser, issuer):
    bearer = {"Authorization": f"Bearer {issuer.token(SECRETARY)}"}
    answer = await browser.post("/meetings/statements", data={"text": "Đồng ý"}, headers=bearer)
    assert answer.json() == {"text": "Đồng ý"}


async def test_an_office_that_may_not_do_it_is_refused_by_the_action(browser, issuer):
    bearer = {"Authorization": f"Bearer {issuer.token(INSPECTOR)}"}
    answer = await browser.post("/meetings/statements", data={"text": "x"}, headers=bearer)
    assert (answer.status_code, answer.json()) == (403, {"action": "meeting.record"})


async def test_a_form_of_our_own_page_is_accepted(browser, issuer):
    log_in(browser, issuer)
    fields = {"text": "Đồng ý", "csrf": await page_token(browser)}
    assert (await browser.post("/meetings/statements", data=fields)).json() == {"text": "Đồng ý"}
    by_script = {"X-CSRF-Token": fields["csrf"]}
    assert (await browser.post("/meetings/statements", data={"text": "x"}, headers=by_script)).status_code == 200


async def test_a_form_without_the_token_or_with_that_of_another_login_is_refused(browser, issuer):
    log_in(browser, issuer)
    elsewhere = csrf.token(settings(), "session-2")
    for given in ({}, {"csrf": ""}, {"csrf": "a.b"}, {"csrf": "đảng"}, {"csrf": elsewhere}):
        answer = await browser.post("/meetings/statements", data={"text": "x"} | given)
        assert (answer.status_code, answer.json()) == (403, {"action": "csrf"})


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://chibo.test"}, 200),
    ],
)
async def test_a_form_must_come_from_our_own_origin(browser, issuer, header, status):
    log_in(browser, issuer)
    fields = {"text": "x", "csrf": await page_token(browser)}
    assert (await browser.post("/meetings/statements", data=fields, headers=header)).status_code == status
    assert (await browser.post("/meetings/door", headers=header)).status_code == status


async def test_a_login_that_has_run_out_is_renewed_while_the_form_is_being_sent(browser, issuer):
    log_in(browser, issuer)
    token = await page_token(browser)
    issuer.now += timedelta(hours=3)
    answer = await browser.post("/meetings/statements", data={"text": "Đồng ý", "csrf": token})
    assert answer.json() == {"text": "Đồng ý"}
    assert browser.cookies[cookies.REFRESH] == "r1+"
    assert browser.cookies[cookies.SESSION] == issuer.token(SECRETARY)


async def test_a_stream_renews_a_login_too(browser, issuer):
    log_in(browser, issuer)
    issuer.now += timedelta(hours=3)
    answer = await browser.get("/meetings/live")
    assert answer.text == "data: 1\n\n"
    assert browser.cookies[cookies.REFRESH] == "r1+"


async def test_a_login_that_cannot_be_renewed_is_forgotten(browser, issuer):
    log_in(browser, issuer)
    issuer.renewable.clear()
    issuer.now += timedelta(hours=3)
    answer = await browser.get("/meetings/mine")
    assert answer.status_code == 401
    assert not browser.cookies


async def test_renewal_rereads_the_offices_held(browser, issuer):
    log_in(browser, issuer)
    fields = {"text": "x", "csrf": await page_token(browser)}
    issuer.renewable["r1"] = Actor("account-1", "member-1", ())
    assert (await browser.post("/meetings/statements", data=fields)).status_code == 200
    issuer.now += timedelta(minutes=6)
    assert (await browser.post("/meetings/statements", data=fields)).status_code == 403


async def test_a_meeting_goes_on_while_members_is_down(browser, issuer):
    log_in(browser, issuer)
    token = await page_token(browser)
    issuer.reachable = False
    issuer.now += OVERDUE
    answer = await browser.post("/meetings/statements", data={"text": "x", "csrf": token})
    assert answer.status_code == 200
    issuer.now += timedelta(hours=1)
    assert (await browser.get("/meetings/mine")).status_code == 401


async def test_a_service_that_has_never_seen_a_key_says_that_it_is_not_ready(browser, issuer):
    log_in(browser, issuer)
    issuer.reachable = False
    assert (await browser.get("/meetings/mine")).status_code == 503


async def test_a_new_key_is_fetched_and_invented_ones_do_not_become_requests(browser, issuer):
    log_in(browser, issuer)
    await browser.get("/meetings/mine")
    asked = issuer.asked
    forged = [Issuer(key=issuer.key.generate_key("Ed25519", {"kid": f"f{n}"})).token(SECRETARY) for n in range(5)]
    sent = [browser.get("/meetings/mine", headers={"Authorization": f"Bearer {token}"}) for token in forged]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {401}
    assert issuer.asked - asked <= 1


@pytest.mark.parametrize("secure", [True, False])
async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(issuer, secure):
    async with issuer.serve(application(), secure_cookies=secure) as browser:
        issuer.renewable["r1"] = SECRETARY
        browser.cookies.set(cookies.REFRESH, "r1", domain="chibo.test", path="/")
        set_cookies = (await browser.get("/meetings/mine")).headers.get_list("set-cookie")
    flags = {cookie.split("=")[0]: {flag.strip().lower() for flag in cookie.split(";")[1:]} for cookie in set_cookies}
    same = {"httponly", "path=/", "max-age=43200"} | ({"secure"} if secure else set())
    assert flags == {cookies.SESSION: same | {"samesite=lax"}, cookies.REFRESH: same | {"samesite=strict"}}


async def test_a_service_proves_itself_to_one_other_and_for_a_minute(browser, issuer):
    caller = settings(service="inspection")
    good = source(caller, lambda: issuer.now)("meetings")
    elsewhere = source(caller, lambda: issuer.now)("members")
    forged = source(settings(service="inspection", service_secret="x" * 40), lambda: issuer.now)("meetings")
    stranger = source(settings(service="nobody"), lambda: issuer.now)("meetings")

    async def ask(token: str) -> httpx.Response:
        return await browser.get("/internal/events", headers={"Authorization": f"Bearer {token}"})

    assert (await ask(good)).json() == {"caller": "inspection"}
    for token in (elsewhere, forged, stranger, issuer.token(INSPECTOR)):
        assert (await ask(token)).status_code == 401
    issuer.now += timedelta(minutes=2)
    assert (await ask(good)).status_code == 401


async def test_a_service_token_is_nobodys_login(browser, issuer):
    token = source(settings(service="inspection"), lambda: issuer.now)("meetings")
    answer = await browser.get("/meetings/mine", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_route_that_says_nothing_about_who_may_use_it_is_found():
    app, router = application(), APIRouter(prefix="/meetings/api")
    assert unguarded(app) == []

    @router.get("/forgotten", dependencies=[Depends(current_actor)])
    async def forgotten() -> None: ...

    app.include_router(router)
    app.add_route("/raw", lambda request: JSONResponse({}), methods=["POST"])
    assert unguarded(app) == ["GET /meetings/api/forgotten", "POST /raw"]


def test_a_route_names_its_action_and_its_target():
    marks = {(route.path, *sorted(route.methods)): route.guard for route in guarded_routes(application())}
    guard = marks["/meetings/statements", "POST"]
    assert guard is not None
    assert (guard.action, guard.target) == ("meeting.record", cell_1)


def test_an_action_the_table_does_not_know_is_refused_when_the_endpoint_is_written():
    with pytest.raises(KeyError):
        allow("meeting.abolish")
