"""One service, put together: what every `services/<name>/app.py` calls."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from fastapi import APIRouter, FastAPI

from shared import web
from shared.auth import cookies, service_token
from shared.auth.http import unguarded
from shared.clock import Clock, system_clock
from shared.context import Context
from shared.daily import Task, every_day
from shared.database import open_pool
from shared.eventlog import EventLog
from shared.eventlog.feed import FeedClient
from shared.eventlog.watch import watch
from shared.http import openapi
from shared.http.added import AddedHeaders
from shared.http.every_service import asyncapi_router, feed_router, operations_router
from shared.http.head import HeadAsGet
from shared.http.limits import BodyLimit
from shared.http.problems import Problems
from shared.http.texts import RuleTexts
from shared.organisations import ORGANISATIONS
from shared.peers import Peers
from shared.privacy import Keyring, RemoteKeyring
from shared.roster import ROSTER
from shared.rules.adopted import VIEW as RULES
from shared.rules.adopted import Rules
from shared.settings import SERVICES, Settings
from shared.streams import Policy, View
from shared.streams.feed import Feed
from shared.streams.hub import Hub
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions
from shared.telemetry.correlation import CorrelationMiddleware, named
from shared.telemetry.http import MetricsMiddleware
from shared.telemetry.log import get_logger
from shared.web.security import guarding

log = get_logger(__name__)

SHARED_VIEWS: tuple[View, ...] = (ORGANISATIONS, ROSTER, RULES)  # what every service knows of members

KeyringMaker = Callable[[asyncpg.Pool, Settings, Peers], Keyring]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service consists of; its `app.py` fills this in and nothing else knows all of it."""

    name: str
    title: str
    folder: Path  # where refusals.toml and pages/ lie
    routers: Sequence[APIRouter]
    views: Sequence[View] = ()
    policies: Sequence[Policy] = ()
    daily: Sequence[Task] = ()  # run at the start and whenever a new day begins in Vietnam
    background: Sequence[Task] = ()  # run for as long as the worker does
    keyring: KeyringMaker | None = None  # None: keys are asked of members


def _remote_keyring(_pool: asyncpg.Pool, _settings: Settings, peers: Peers) -> Keyring:
    return RemoteKeyring(peers.client("members"))


def views_of(parts: Parts) -> tuple[View, ...]:
    return (*SHARED_VIEWS, *parts.views)


def create_service(
    parts: Parts, settings: Settings, *, clock: Clock = system_clock, peers: Peers | None = None
) -> FastAPI:
    """The application of one service: its routes, and by ``settings.role`` its relay, subscriptions and tasks.

    Raises RuntimeError when a route does not say who may use it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.context = ctx = await _build(parts, settings, clock, peers, stack)
            await _start(parts, ctx, stack)
            yield

    app = FastAPI(
        title=f"chibo · {parts.title}",
        version="0.1.0",
        openapi_url=f"/{parts.name}/openapi.json",
        docs_url=None,  # the viewers load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.clock = clock

    async def ready() -> list[str]:
        held: Context | None = getattr(app.state, "context", None)
        return ["the service is starting"] if held is None else await _health(held)

    # What comes first is found first, and the API is asked most. The house's own come before the pages:
    # /meetings/{meeting} would answer for /meetings/asyncapi.json.
    api = [router for router in parts.routers if "/api/" in router.prefix]
    pages = [router for router in parts.routers if router not in api]
    for router in (*api, feed_router, asyncapi_router(parts.name), operations_router(ready), *pages):
        app.include_router(router)
    openapi.install(app)
    templates = parts.folder / "pages" / "templates"
    if templates.is_dir():
        web.templates_from(templates)
    Problems(parts.name, RuleTexts(*_refusal_files(parts.folder)), web.language, web.problem_page).install(app)
    # the last added sees the request first
    app.add_middleware(AddedHeaders, guarding, cookies.pending, named)
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAsGet)
    web.install(app)
    app.add_middleware(MetricsMiddleware, service=parts.name)
    app.add_middleware(CorrelationMiddleware)
    if forgotten := unguarded(app):
        raise RuntimeError(f"{parts.name}: nobody said who may use {', '.join(forgotten)}")
    return app


def _refusal_files(folder: Path) -> list[Path]:
    shared = Path(__file__).parent
    return [file for file in (shared / "rules" / "refusals.toml", folder / "refusals.toml") if file.exists()]


async def _build(parts: Parts, settings: Settings, clock: Clock, peers: Peers | None, stack: AsyncExitStack) -> Context:
    redis_url = settings.redis_url.get_secret_value()
    pool = await open_pool(
        settings.database_url.get_secret_value(), name=f"chibo-{parts.name}", size=settings.pool_size
    )
    stack.push_async_callback(pool.close)
    made = Peers(service_token.source(settings, clock), settings.service_urls)
    near: Peers = peers if peers is not None else await stack.enter_async_context(made)
    event_log = await EventLog.open(pool, parts.name)
    hub = Hub(pool)
    ctx = Context(
        settings=settings,
        clock=clock,
        pool=pool,
        log=event_log,
        peers=near,
        keyring=(parts.keyring or _remote_keyring)(pool, settings, near),
        rules=Rules(pool),
        hub=hub,
        relay=Relay(event_log, redis_url, hub, maxlen=settings.stream_maxlen),
    )
    ctx.subscriptions = Subscriptions(
        parts.name,
        pool,
        redis_url,
        views=views_of(parts),
        policies=parts.policies,
        feeds=feeds_of(ctx),
        hub=hub,
        context=ctx,
    )
    return ctx


def feeds_of(ctx: Context) -> dict[str, Feed]:
    """By service: the own log, and clients of the others' feeds."""
    others = {name: FeedClient(name, ctx.peers.client(name)) for name in SERVICES if name != ctx.log.service}
    return {**others, ctx.log.service: ctx.log}


async def _start(parts: Parts, ctx: Context, stack: AsyncExitStack) -> None:
    """Everything is started here and stopped in the opposite order."""
    await ctx.hub.start()
    stack.push_async_callback(ctx.hub.stop)
    if ctx.settings.role == "api":
        return
    await ctx.relay.start()
    stack.push_async_callback(ctx.relay.stop)
    await ctx.subscriptions.start()
    stack.push_async_callback(ctx.subscriptions.stop)
    tasks = [asyncio.create_task(task(ctx), name=f"{parts.name}:{task.__name__}") for task in parts.background]
    tasks += [asyncio.create_task(every_day(task, ctx), name=f"{parts.name}:{task.__name__}") for task in parts.daily]
    tasks.append(asyncio.create_task(watch(ctx.log), name=f"{parts.name}:watching the log"))

    async def cancel() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(cancel)


async def _health(ctx: Context) -> list[str]:
    """What is wrong now, in words for the operator; empty when all is well."""
    try:
        await asyncio.wait_for(ctx.pool.fetchval("select 1"), 2)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [f"the database does not answer: {type(error).__name__}"]
    return [] if ctx.settings.role == "api" else [*ctx.relay.health(), *ctx.subscriptions.health()]
