"""What every answer of a service carries, whatever was asked for and however it went."""

from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from fastapi import Depends

from services.meetings.app import create_app
from shared.auth.cookies import REFRESH, SESSION
from shared.auth.http import signed_in
from shared.auth.login import Logins
from shared.auth.model import Actor
from shared.auth.tests.issuer import Issuer, settings
from shared.settings import SERVICES
from shared.telemetry.correlation import HEADER
from shared.web.security import HEADERS

REQUESTS = (("GET", "/mine", 200), ("HEAD", "/mine", 200), ("POST", "/mine", 405))


async def mine(actor: Annotated[Actor, Depends(signed_in())]) -> str:
    return actor.account


@pytest.fixture
async def browser():
    """In front of a service as it runs; its login has run out and can be renewed."""
    issuer = Issuer(renewable={"good": Actor("account-1", None, ())})
    app = create_app(settings(role="api", service_urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9")))
    app.add_api_route("/mine", mine)
    app.state.context = SimpleNamespace(settings=settings(), clock=lambda: issuer.now, pool=None)
    app.state.logins = Logins(issuer)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chibo.test") as client:
        yield client


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
async def test_it_names_its_request_and_guards_the_browser(browser, method, path, status):
    answer = await browser.request(method, path, headers={"Cookie": f"{REFRESH}=good", HEADER: "visit-4711"})
    assert answer.status_code == status
    assert answer.headers.get_list(HEADER) == ["visit-4711"]
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_it_brings_the_login_that_was_renewed_for_it(browser, method):
    answer = await browser.request(method, "/mine", headers={"Cookie": f"{REFRESH}=good"})
    assert answer.status_code == 200
    assert answer.cookies[REFRESH] == "good+"
    assert answer.cookies[SESSION]
