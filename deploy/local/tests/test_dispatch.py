"""One port for four services: who answers what, and what nobody outside may ask."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.dispatch import Dispatch, Fleet
from shared.settings import SERVICES


def service(name: str, fleet: Fleet, asks: str | None = None) -> FastAPI:
    """Answers everything with its name; at its start it may ask another service something."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if asks:
            async with httpx.AsyncClient(transport=fleet.transports(SERVICES)[asks], base_url="http://near") as client:
                app.state.heard = (await client.get("/internal/name")).json()
        app.state.up = True
        yield
        app.state.up = False

    app = FastAPI(lifespan=lifespan)

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.get("/{path:path}")
    async def anything(path: str) -> str:
        return name

    return app


@pytest.fixture
async def outside() -> AsyncIterator[httpx.AsyncClient]:
    fleet = Fleet()
    async with (
        fleet.running({name: service(name, fleet) for name in SERVICES}) as dispatch,
        httpx.AsyncClient(transport=httpx.ASGITransport(dispatch), base_url="http://outside") as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/", "members"),
        ("/login", "members"),
        ("/static/chibo.css", "members"),
        ("/members/api/v1/members", "members"),
        ("/meetings", "meetings"),
        ("/meetings/1", "meetings"),
        ("/inspection/wall", "inspection"),
        ("/notifications/openapi.json", "notifications"),
        ("/meetingsroom", "members"),
    ],
)
async def test_each_path_has_one_owner(path: str, owner: str, outside: httpx.AsyncClient) -> None:
    assert (await outside.get(path)).json() == owner


@pytest.mark.parametrize("path", ["/internal", "/internal/events", "/health", "/health/else", "/metrics/"])
async def test_the_inside_is_not_reached_from_outside(path: str, outside: httpx.AsyncClient) -> None:
    assert (await outside.get(path)).status_code == 404


async def test_health_is_the_health_of_all(outside: httpx.AsyncClient) -> None:
    answer = await outside.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"services": list(SERVICES), "wrong": {}})


async def test_one_that_is_not_ready_is_named() -> None:
    fleet, ailing = Fleet(), FastAPI()
    dispatch = Dispatch({"members": service("members", fleet), "meetings": ailing})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(dispatch), base_url="http://outside") as client:
        answer = await client.get("/health/ready")
    assert (answer.status_code, list(answer.json()["wrong"])) == (503, ["meetings"])


async def test_services_may_ask_each_other_while_they_start() -> None:
    fleet = Fleet()
    apps = {"meetings": service("meetings", fleet, asks="members"), "members": service("members", fleet)}
    async with fleet.running(apps):
        assert apps["meetings"].state.heard == "members"
    assert [app.state.up for app in apps.values()] == [False, False]


async def test_asking_a_service_that_is_not_there_is_a_refused_connection() -> None:
    async with httpx.AsyncClient(transport=Fleet().transports(SERVICES)["members"], base_url="http://near") as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/internal/name")


async def test_one_that_cannot_start_stops_the_others() -> None:
    @asynccontextmanager
    async def broken(app: FastAPI) -> AsyncIterator[None]:
        raise OSError("no room")
        yield

    fleet = Fleet()
    sound = service("members", fleet)
    with pytest.raises(OSError, match="no room"):
        async with fleet.running({"members": sound, "meetings": FastAPI(lifespan=broken)}):
            pass
    assert not asyncio.all_tasks() - {asyncio.current_task()}
