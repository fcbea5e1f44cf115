"""Every endpoint of every service, walked against the one table of permissions.

The routes are read from the applications themselves, so that an endpoint nobody thought of is walked too. Each request
goes through the real guard, the real tokens and the real tree; it is stopped where the endpoint would begin.
"""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib import import_module

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from shared.auth.http import GuardedRoute, guarded_routes, unguarded
from shared.auth.login import Logins
from shared.auth.marks import Guard
from shared.auth.model import Actor, HeldOffice
from shared.auth.permissions import INTERNAL, PERMISSIONS, PUBLIC, SIGNED_IN
from shared.auth.service_token import source
from shared.auth.tests.issuer import Issuer, settings
from shared.events.members import Office
from shared.migrations import migrate
from shared.organisations import ORGANISATIONS
from shared.settings import SERVICES, Settings
from shared.streams.rebuild import make_schema

MASTER = "A" * 43
PASSED = 299  # the guard let the request through
TREE = {"bloc": ["bloc"], "commune": ["bloc", "commune"], "cell": ["bloc", "commune", "cell"], "other": ["other"]}
TARGET = "cell"
ABOVE, ELSEWHERE = ("bloc", "cell"), ("other",)
NOTHING_OF_ANYBODY = {
    "/members/api/v1/roster-template",
    "/members/import/template.xlsx",
}  # behind an office, but the same for all
PEERS = {"service_urls": dict.fromkeys(SERVICES, "http://127.0.0.1:9")}

Endpoint = tuple[str, str, Guard]


class Passed(Exception): ...


def application(made: Settings, issuer: Issuer) -> FastAPI:
    """The service as it runs, except that what follows the guard is not reached and every target is one cell."""
    app: FastAPI = import_module(f"services.{made.service}.app").create_app(made, clock=lambda: issuer.now)
    app.state.logins = Logins(issuer)

    async def target(request: Request, ctx: object) -> str:
        return TARGET

    async def passed(request: Request, error: Exception) -> Response:
        return Response(status_code=PASSED)

    app.add_exception_handler(Passed, passed)
    for route in guarded_routes(app):
        if callable(route.guard):
            app.dependency_overrides[route.guard] = stopping(route.guard)
            app.dependency_overrides[route.guard.target] = target
    return app


def stopping(guard: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[None]]:
    """``guard`` as it is, with the parameters it asks FastAPI for."""

    async def stop(**given: object) -> None:
        await guard(**given)
        raise Passed

    stop.__signature__ = inspect.signature(guard)  # type: ignore[attr-defined]
    return stop


def endpoints(app: FastAPI) -> Iterator[Endpoint]:
    """Method, a path with its parameters filled in, and who may use it."""
    for route in guarded_routes(app):
        assert route.guard is not None, f"nobody said who may use {route}"
        for method in sorted(route.methods - {"HEAD"}):
            yield method, re.sub(r"\{[^}]*\}", "1", route.path), route.guard


def holder(office: Office, organisation: str) -> Actor:
    return Actor("account-1", None, (HeldOffice(office, organisation),))


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def walk(service: str, database: str, pool: asyncpg.Pool) -> AsyncIterator["Walk"]:
    """The service on a database of its own that knows a small tree, and whoever is wanted in front of it."""
    issuer, made = Issuer(), settings(service=service, role="api", database_url=database, master_key=MASTER, **PEERS)
    await migrate(made)
    async with pool.acquire() as connection:
        await make_schema(connection, ORGANISATIONS, ORGANISATIONS.schema)
    for id, path in TREE.items():
        await pool.execute(
            "INSERT INTO view_organisations.organisation (id, path, kind, sector, name, country, established_on)"
            " VALUES ($1, $2, 'cell', 'village', $1, 'VN', '2020-01-01')",
            id,
            path,
        )
    app = application(made, issuer)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://c") as client:
        yield Walk(client, issuer, list(endpoints(app)))


class Walk:
    """Sends requests as one person or another, and writes down what was answered otherwise than the table says."""

    def __init__(self, client: httpx.AsyncClient, issuer: Issuer, endpoints: list[Endpoint]) -> None:
        self.client, self.issuer, self.endpoints = client, issuer, endpoints
        self.wrong: list[str] = []

    async def expect(self, method: str, path: str, guard: Guard, who: str, bearer: str | None, *expected: int) -> None:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        answer = await self.client.request(method, path, headers=headers)
        if answer.status_code == 303 and answer.headers["location"].startswith("/login?next="):
            status = 401  # a page sends whoever is not logged in to the door
        else:
            status = answer.status_code
        if status not in expected:
            self.wrong.append(f"{method} {path} [{guard.action}] as {who}: {status}, not {expected}")

    def token(self, office: Office, organisation: str) -> str:
        return self.issuer.token(holder(office, organisation))


async def test_every_endpoint_of_every_service_answers_as_the_table_of_permissions_says(service, walk):
    own = settings(service="meetings" if service != "meetings" else "inspection")
    service_token = source(own, lambda: walk.issuer.now)(service)
    for method, path, guard in walk.endpoints:
        if not callable(guard):  # the API's description
            await walk.expect(method, path, guard, "nobody", None, 200)
            continue
        nobody = PASSED if guard.action == PUBLIC else 401
        await walk.expect(method, path, guard, "nobody", None, nobody)
        by_service = PASSED if guard.action in (INTERNAL, PUBLIC) else 401
        await walk.expect(method, path, guard, "a service", service_token, by_service)
        for office in Office:
            for organisation in (*ABOVE, *ELSEWHERE):
                who = f"{office.value} of {organisation}"
                allowed = expected(guard, office, organisation)
                await walk.expect(method, path, guard, who, walk.token(office, organisation), allowed)
    assert walk.wrong == []
    assert walk.endpoints


def expected(guard: Guard, office: Office, organisation: str) -> int:
    """What the table says of one office, held in one place, for an act on `TARGET`."""
    if guard.action in (PUBLIC, SIGNED_IN):
        return PASSED
    if guard.action == INTERNAL:
        return 401
    if office not in PERMISSIONS[guard.action]:
        return 403
    return PASSED if guard.target is None or organisation in ABOVE else 403


def test_a_service_with_an_endpoint_nobody_guards_does_not_start(service):
    app = application(settings(service=service, master_key=MASTER), Issuer())
    assert unguarded(app) == []

    @app.get(f"/{service}/forgotten")
    async def forgotten() -> None: ...

    assert unguarded(app) == [f"GET /{service}/forgotten"]
    assert str(GuardedRoute(frozenset({"GET"}), "/x", None)) == "GET /x"


def test_an_endpoint_whose_guard_names_no_organisation_asks_for_itself_where_the_actor_may(service):
    for route in iter_route_contexts(application(settings(service=service, master_key=MASTER), Issuer()).routes):
        guards = [one.call for one in getattr(route, "dependant", Dependant()).dependencies]
        untargeted = [one for one in guards if isinstance(one, Guard) and one.action in PERMISSIONS and not one.target]
        if untargeted and route.path not in NOTHING_OF_ANYBODY:
            assert route.endpoint is not None
            uses = re.findall(r"\bactor\b", inspect.getsource(route.endpoint))
            assert len(uses) > 1, f"{route.path} takes the actor and does not ask where it may act"
