"""Everything in one process: servers, databases, settings and the four services. The embedded composition root."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError

from deploy.local.credentials import Credentials, owner_of
from deploy.local.databases import make_databases, url_of
from deploy.local.fault import Fault
from deploy.local.home import make_folder
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from shared.settings import SERVICES, Role, Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from deploy.local.dispatch import Dispatch
    from shared.context import Context
    from shared.peers import Peers
    from shared.service import Parts


@dataclass(frozen=True, slots=True)
class Servers:
    postgres_url: str  # as a role that may make roles and databases
    redis_url: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where an embedded deployment keeps its data, and the servers and secrets it runs on."""

    data: Path
    servers: Servers
    credentials: Credentials
    joined: bool  # another chibo is at work on the same data

    def settings(
        self, service: str, role: Role = "all", public_url: str = "http://127.0.0.1:8080", *, demo: bool = False
    ) -> Settings:
        def url(user: str) -> SecretStr:
            return SecretStr(url_of(self.servers.postgres_url, service, user, self.credentials.roles[user]))

        return Settings(
            service=service,
            role=role,
            database_url=url(service),
            migration_url=url(owner_of(service)),
            redis_url=SecretStr(self.servers.redis_url),
            master_key=SecretStr(self.credentials.master_key) if service == "members" else None,
            service_secret=SecretStr(self.credentials.service_secret),
            public_url=public_url,
            demo=demo,
            log_json=False,
            data_dir=self.data,
        )

    async def prepare(self, *services: str) -> None:
        """Databases, tables and views of ``services`` (none named: all), made or brought up to date."""
        await make_databases(self.servers.postgres_url, self.credentials.roles)
        await asyncio.gather(*(bring_up_to_date(self.settings(service)) for service in services or SERVICES))

    @asynccontextmanager
    async def running(
        self, role: Role = "all", public_url: str = "http://127.0.0.1:8080", *, demo: bool = False
    ) -> "AsyncIterator[Dispatch]":
        """The four services, reaching each other within the process."""
        from deploy.local.dispatch import Fleet
        from shared.auth import service_token
        from shared.clock import system_clock
        from shared.peers import Peers

        fleet = Fleet()
        async with AsyncExitStack() as stack:
            apps = {}
            for service in SERVICES:
                settings = self.settings(service, role, public_url, demo=demo)
                token = service_token.source(settings, system_clock)
                peers = await stack.enter_async_context(Peers(token, {}, fleet.transports(SERVICES)))
                apps[service] = create_app(settings, peers)
            yield await stack.enter_async_context(fleet.running(apps))


def known(service: str) -> str:
    """``service``, if there is one of that name. Raises `Fault`."""
    if service not in SERVICES:
        raise Fault("service.unknown", service=service, known=", ".join(SERVICES))
    return service


def configured() -> tuple[str, ...]:
    """The services that the environment has settings of, as in a container; none: it is for us to run everything."""
    if not {"CHIBO_DATABASE_URL", "CHIBO_SECRETS"} & set(os.environ):
        return ()
    named = os.environ.get("CHIBO_SERVICE")
    return SERVICES if named is None and "CHIBO_SECRETS" in os.environ else (known(named or ""),)


def from_environment(service: str, role: Role = "all") -> Settings:
    """From variables, and from files in ``CHIBO_SECRETS`` and its folder ``service``. Raises `Fault` that names every
    one that is missing or wrong.
    """
    root = os.environ.get("CHIBO_SECRETS")
    folders = [] if root is None else [Path(root), Path(root) / known(service)]
    try:
        return Settings(
            service=known(service), role=role, _secrets_dir=[folder for folder in folders if folder.is_dir()]
        )
    except ValidationError as error:
        faults = [fault for fault in error.errors() if fault["type"] != "default_factory_not_called"]  # they follow
        names = sorted({f"CHIBO_{str(fault['loc'][0]).upper()}" for fault in faults})
        raise Fault("settings.missing", names=", ".join(names)) from None


def create_app(settings: Settings, peers: "Peers | None" = None) -> "FastAPI":
    app: FastAPI = importlib.import_module(f"services.{settings.service}.app").create_app(settings, peers=peers)
    return app


def parts_of(service: str) -> "Parts":
    parts: Parts = importlib.import_module(f"services.{service}.app").PARTS
    return parts


async def bring_up_to_date(settings: Settings) -> None:
    """The tables of one service by Alembic as their owner, its views as the service itself, which rebuilds them."""
    import asyncpg

    from shared.migrations import migrate
    from shared.service import views_of
    from shared.streams.rebuild import prepare_views

    await migrate(settings)
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await prepare_views(connection, list(views_of(parts_of(settings.service))))
    finally:
        await connection.close()


@contextmanager
def deployment(data: Path, *, join: bool = False) -> Iterator[Deployment]:
    """The servers the environment names, else our own in ``data``, started side by side. Raises `Fault`.

    ``join``: servers that another chibo runs on ``data`` at this moment will do.
    """
    make_folder(data)
    credentials = Credentials.of(data)
    postgres = None if "CHIBO_POSTGRES_URL" in os.environ else Postgres(data / "postgres")
    redis = None if "CHIBO_REDIS_URL" in os.environ else Redis(data / "redis")
    own = [server for server in (postgres, redis) if server is not None]
    try:
        for server in own:
            server.start_or_join() if join else server.start()
        importlib.import_module("shared.service")  # takes as long as the servers do: side by side
        for server in own:
            server.wait()
        servers = Servers(
            postgres.url() if postgres is not None else os.environ["CHIBO_POSTGRES_URL"],
            redis.url() if redis is not None else os.environ["CHIBO_REDIS_URL"],
        )
        yield Deployment(data, servers, credentials, joined=any(server.joined for server in own))
    finally:
        for server in own:
            server.stop()


@asynccontextmanager
async def contexts(data: Path, *, at_work: bool = False) -> "AsyncIterator[dict[str, Context]]":
    """The services' insides, for an operator's command: those the environment configures, else all of ours.

    Beside a running deployment or without one. ``at_work``: the views have to follow what the command does, so without
    one the workers run as long as the command.
    """
    if services := configured():
        async with AsyncExitStack() as stack:
            opened = {}
            for service in services:
                app = create_app(from_environment(service, "api"))
                await stack.enter_async_context(app.router.lifespan_context(app))
                opened[service] = app.state.context
            yield opened
        return
    with deployment(data, join=True) as own:
        await own.prepare()
        async with own.running("all" if at_work and not own.joined else "api") as dispatch:
            yield {name: app.state.context for name, app in dispatch.apps.items()}
