"""The inspection service, put together."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.inspection import api
from services.inspection.pages import cell, live, wall
from services.inspection.views.remarks import REMARKS
from services.inspection.views.wall import WALL
from shared.clock import Clock, system_clock
from shared.peers import Peers
from shared.service import Parts, create_service
from shared.settings import Settings

PARTS: Final = Parts(
    name="inspection",
    title="kiểm tra, giám sát",
    folder=Path(__file__).parent,
    routers=(wall.router, cell.router, live.router, api.router),
    views=(WALL, REMARKS),
)


def create_app(settings: Settings, clock: Clock = system_clock, peers: Peers | None = None) -> FastAPI:
    return create_service(PARTS, settings, clock=clock, peers=peers)
