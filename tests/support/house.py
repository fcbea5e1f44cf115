"""The services as they run, for tests: real databases, real Redis, real streams, in one process.

    async with open_house(postgres_url, redis_url, "members", "notifications") as house:
        answer = await house.client("notifications", SECRETARY).get("/notifications/api/v1/inbox")

Logins are issued by a key of the test; the login itself is tested where it lives.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from joserfc.jwk import OKPKey

from deploy.local.dispatch import Fleet
from shared.auth import service_token
from shared.auth.cookies import Granted
from shared.auth.login import Logins
from shared.auth.model import Actor, HeldOffice
from shared.auth.tokens import issue
from shared.clock import Clock, system_clock
from shared.context import Context
from shared.eventlog import Appended, Command, Position, Write
from shared.events import Event
from shared.events.members import Office
from shared.migrations import migrate
from shared.peers import Peers
from shared.service import Parts, create_service, views_of
from shared.settings import SERVICES, Settings
from shared.streams import View
from shared.streams.rebuild import prepare_views
from tests.support.databases import fresh_database, template_for

MASTER_KEY = "A" * 43  # 32 zero octets, base64url: good enough for what a test seals


def actor(account: str, *held: tuple[Office, str], member: str | None = None) -> Actor:
    """An account that holds offices: ``actor("anna", (Office.CELL_SECRETARY, cell))``."""
    return Actor(account, member, tuple(HeldOffice(office, organisation) for office, organisation in held))


class _Issuer:
    """Stands where members' sessions stand: publishes the test's key, renews nothing."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", {"kid": "test"}, private=True)

    async def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    async def renew(self, _refresh: str) -> Granted | None:
        return None


@dataclass
class House:
    apps: dict[str, FastAPI]
    whole: Sequence[str]  # services that are more than their log here
    clock: Clock
    stack: AsyncExitStack
    issuer: _Issuer = field(default_factory=_Issuer)
    appended: int = 0

    def ctx(self, service: str) -> Context:
        held: Context = self.apps[service].state.context
        return held

    def client(self, service: str, who: Actor | None = None) -> httpx.AsyncClient:
        """A client of one service, logged in as ``who``; exceptions become answers, as over the network."""
        headers = {}
        if who is not None:
            token = issue(self.issuer.key, who, "test", now=self.clock(), lifetime=timedelta(hours=1))
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.apps[service], raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://chibo", headers=headers)
        self.stack.push_async_callback(client.aclose)
        return client

    async def given(self, service: str, stream: str, *events: Event, key: str, entry: str = "live") -> Appended:
        """Facts that are there before the test begins, appended to a new stream of a service's log."""
        self.appended += 1
        command = Command(actor="test", correlation=f"given-{self.appended}", entry=entry)
        return await self.ctx(service).log.append(Write(stream, 0, events), key=key, command=command)

    async def caught_up(self, service: str, view: View | str, at: Appended, timeout: float = 20.0) -> None:
        """Wait until a view (or policy) of ``service`` has what was appended."""
        name = view if isinstance(view, str) else view.name
        assert await self.ctx(service).subscriptions.wait_for(name, at.at, timeout), f"{service}.{name} lags"

    async def settled(self, timeout: float = 20.0) -> None:
        """Wait until every view of every service has all that any log holds now."""
        for source, app in self.apps.items():
            heads = await app.state.context.log.heads()
            for service in self.whole:
                parts = _parts(service)
                for what in (*views_of(parts), *parts.policies):
                    if source not in what.sources:
                        continue
                    for partition, position in heads.items():
                        if position:
                            at = Position(source, partition, position)
                            reached = await self.ctx(service).subscriptions.wait_for(what.name, at, timeout)
                            assert reached, f"{service}.{what.name} lags behind {at}"


@asynccontextmanager
async def open_house(
    postgres_url: str,
    redis_url: str,
    *services: str,
    clock: Clock = system_clock,
    partitions: int = 4,
    **settings: Any,
) -> AsyncIterator[House]:
    """Run ``services`` (all four when none is named), each on a database of its own; everything is gone afterwards.

    The others are there with their log and their feed only, so that facts of theirs can be given.
    """
    whole: Sequence[str] = services or SERVICES
    names = SERVICES
    async with AsyncExitStack() as stack:
        fleet = Fleet()
        apps = {}
        for name in names:
            given = {
                "service": name,
                "redis_url": redis_url,
                "partitions": partitions,
                "master_key": MASTER_KEY,
                "service_secret": "test",
                **settings,
            }
            parts = _parts(name) if name in whole else _log_only(name)
            what = (name, str(partitions), "whole" if name in whole else "log")
            template = await template_for(postgres_url, what, partial(_make, given, parts))
            url = await stack.enter_async_context(fresh_database(postgres_url, template))
            told = Settings(database_url=url, **given)
            peers = await stack.enter_async_context(
                Peers(service_token.source(told, clock), {}, fleet.transports(SERVICES))
            )
            apps[name] = create_service(parts, told, clock=clock, peers=peers)
        await stack.enter_async_context(fleet.running(apps))
        house = House(apps, whole, clock, stack)
        for app in apps.values():
            app.state.logins = Logins(house.issuer)
        yield house


def _parts(name: str) -> Parts:
    parts: Parts = import_module(f"services.{name}.app").PARTS
    return parts


def _log_only(name: str) -> Parts:
    return Parts(name=name, title=name, folder=Path(), routers=())


async def _make(given: dict[str, Any], parts: Parts, url: str) -> None:
    await prepare(Settings(database_url=url, **given), parts)


async def prepare(settings: Settings, parts: Parts) -> None:
    """Tables and empty views of one service."""
    await migrate(settings)
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await prepare_views(connection, list(views_of(parts)))
    finally:
        await connection.close()
