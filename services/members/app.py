"""The members service, put together."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.members import api
from services.members.access import api_accounts, api_offices, api_sessions, local
from services.members.pages import (
    accounts,
    importing,
    login,
    me,
    offices,
    organising,
    password,
    readings,
    records,
    register,
    rules,
)
from services.members.policies import accounts_of_the_erased
from services.members.register.desk import keyring_for
from services.members.views.identity import IDENTITY
from shared.clock import Clock, system_clock
from shared.peers import Peers
from shared.service import Parts, create_service
from shared.settings import Settings

PARTS: Final = Parts(
    name="members",
    title="tổ chức, đảng viên",
    folder=Path(__file__).parent,
    routers=(
        *api.ROUTERS,
        api_sessions.router,
        api_sessions.internal_router,
        api_accounts.router,
        api_offices.router,
        login.router,
        password.router,
        register.router,
        records.router,
        organising.router,
        rules.router,
        offices.router,
        accounts.router,
        me.router,
        importing.router,
        readings.router,
    ),
    views=(IDENTITY,),
    policies=(accounts_of_the_erased,),
    daily=(local.tidy_logins,),
    keyring=keyring_for,
)


def create_app(settings: Settings, clock: Clock = system_clock, peers: Peers | None = None) -> FastAPI:
    app = create_service(PARTS, settings, clock=clock, peers=peers)
    local.install(app)
    return app
