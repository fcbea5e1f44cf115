"""One service, put together: what every `services/<name>/app.py` calls, and what every endpoint is given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Depends, FastAPI, Request

from shared.clock import Clock, system_clock
from shared.eventlog import EventLog
from shared.settings import Settings
from shared.streams import Policy, View


@dataclass(slots=True)
class Context:
    """What an endpoint or a policy of a service may use; made once per process."""

    settings: Settings
    clock: Clock
    pool: asyncpg.Pool
    log: EventLog
    extras: dict[str, Any] = field(default_factory=dict)


def context(request: Request) -> Context:
    held: Context = request.app.state.context
    return held


Ctx = Annotated[Context, Depends(context)]


def create_service(
    settings: Settings,
    *,
    routers: Sequence[APIRouter],
    views: Sequence[View] = (),
    policies: Sequence[Policy] = (),
    daily: Sequence[Callable[[Context], Awaitable[None]]] = (),
    clock: Clock = system_clock,
) -> FastAPI:
    """The application of one service: its routes, its relay and its subscriptions, by ``settings.role``."""
    raise NotImplementedError
