"""The meetings service, put together."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.meetings import api, pages, today
from services.meetings.daily import notice_missed
from services.meetings.views.calendar import CALENDAR
from services.meetings.views.participation import PARTICIPATION
from services.meetings.views.tasks import TASKS
from shared.clock import Clock, system_clock
from shared.peers import Peers
from shared.service import Parts, create_service
from shared.settings import Settings

PARTS: Final = Parts(
    name="meetings",
    title="sinh hoạt chi bộ",
    folder=Path(__file__).parent,
    routers=(*api.routers, *pages.routers),
    views=(CALENDAR, TASKS, PARTICIPATION),
    daily=(notice_missed,),
    background=(today.run,),
)


def create_app(settings: Settings, clock: Clock = system_clock, peers: Peers | None = None) -> FastAPI:
    return create_service(PARTS, settings, clock=clock, peers=peers)
