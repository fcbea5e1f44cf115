"""A members of its own for each test: real tables, a clock that is set by hand, a browser in front."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.members.access import api_accounts, api_offices, api_sessions, local
from services.members.access.accounts import open_account, set_password
from services.members.domain.account import OpenAccount
from services.members.pages import login, password
from shared.auth.service_token import source
from shared.context import Context
from shared.eventlog import Command
from shared.ids import new_id
from shared.migrations import migrate
from shared.organisations import ORGANISATIONS
from shared.roster import ROSTER
from shared.service import Parts, create_service
from shared.settings import Settings
from shared.streams.rebuild import make_schema

PASSWORD = "một câu dài dễ nhớ"
MASTER = urlsafe_b64encode(bytes(range(32))).decode()


@dataclass
class House:
    app: FastAPI
    now: datetime = datetime(2026, 11, 22, 8, tzinfo=UTC)

    @property
    def ctx(self) -> Context:
        context: Context = self.app.state.context
        return context

    async def account(self, login: str, password: str | None = PASSWORD, organisation: str = "cell-1") -> str:
        order = OpenAccount(new_id(), organisation)
        await open_account(self.ctx, order, login, Command(actor="test", correlation="test"))
        if password is not None:
            await set_password(self.ctx, order.account, password)
        return order.account

    async def holds(self, account: str, office: str, organisation: str, until_on: date | None = None) -> None:
        await self.ctx.pool.execute(
            "INSERT INTO view_roster.office (assignment, account, office, organisation, from_on, until_on)"
            " VALUES ($1, $2, $3, $4, '2025-01-01', $5)",
            new_id(),
            account,
            office,
            organisation,
            until_on,
        )

    def browser(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://chibo.test")

    def service(self, name: str = "meetings") -> dict[str, str]:
        settings = self.ctx.settings.model_copy(update={"service": name})
        return {"Authorization": f"Bearer {source(settings, lambda: self.now)('members')}"}


@pytest.fixture
async def house(database: str, redis_url: str) -> AsyncIterator[House]:
    settings = Settings(
        service="members",
        role="api",
        database_url=database,
        redis_url=redis_url,
        service_secret="s" * 40,
        master_key=MASTER,
        service_urls=dict.fromkeys(("members", "meetings", "inspection", "notifications"), "http://127.0.0.1:9"),
    )
    await migrate(settings)
    connection = await asyncpg.connect(database)
    for view in (ORGANISATIONS, ROSTER):
        await make_schema(connection, view, view.schema)
    await connection.close()
    routers = [
        api_sessions.router,
        api_sessions.internal_router,
        api_accounts.router,
        api_offices.router,
        login.router,
        password.router,
    ]
    folder = Path(login.__file__).parents[1]
    parts = Parts("members", "members", folder, routers)
    app = create_service(parts, settings, clock=lambda: made.now)
    local.install(app)
    made = House(app)
    async with app.router.lifespan_context(app):
        yield made


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with house.browser() as client:
        yield client
