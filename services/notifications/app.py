"""The notifications service, put together."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.notifications import api, mail
from services.notifications.pages import inbox
from services.notifications.policies import tell
from services.notifications.views.inbox import INBOX
from shared.clock import Clock, system_clock
from shared.peers import Peers
from shared.service import Parts, create_service
from shared.settings import Settings

PARTS: Final = Parts(
    name="notifications",
    title="notifications",
    folder=Path(__file__).parent,
    routers=(api.router, inbox.router),
    views=(INBOX,),
    policies=(tell,),
    background=(mail.run,),
)


def create_app(settings: Settings, clock: Clock = system_clock, peers: Peers | None = None) -> FastAPI:
    return create_service(PARTS, settings, clock=clock, peers=peers)
