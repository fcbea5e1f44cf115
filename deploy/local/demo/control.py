"""The demonstration's own page: what is made up, who may log in, and a switch for the simulation."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from deploy.local.demo.logins import LOGINS
from deploy.local.demo.simulate import Simulation
from shared import web
from shared.auth.http import current_actor, public, signed_in
from shared.auth.model import Actor
from shared.web.i18n import _

router = APIRouter(prefix="/demo", include_in_schema=False)

SignedIn = Annotated[Actor, Depends(signed_in())]


def install(app: FastAPI, simulation: Simulation) -> None:
    """Hang the page into the application that answers what no service owns."""
    web.templates_from(Path(__file__).parent / "pages" / "templates")
    app.include_router(router)
    app.state.simulation = simulation


@router.get("", dependencies=[Depends(public())])
async def control(request: Request, _reader: Annotated[Actor | None, Depends(current_actor)]) -> Response:
    simulation: Simulation = request.app.state.simulation
    return web.render(request, "demo/control.html", title=_("Bản minh họa"), paused=simulation.paused, logins=LOGINS)


@router.post("/pause")
async def pause(request: Request, _actor: SignedIn) -> Response:
    request.app.state.simulation.paused = True
    return web.see_other("/demo")


@router.post("/resume")
async def resume(request: Request, _actor: SignedIn) -> Response:
    request.app.state.simulation.paused = False
    return web.see_other("/demo")
