"""What an endpoint, a policy or a task of a service is given. `shared.service` fills it in, once per process."""

from dataclasses import dataclass, field
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from shared.clock import Clock
from shared.eventlog import EventLog, Position
from shared.peers import Peers
from shared.privacy import Keyring
from shared.rules.adopted import Rules
from shared.settings import Settings
from shared.streams import View
from shared.streams.hub import Hub
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions

CATCH_UP = 2.0  # seconds a query waits for a view to have what the reader has just written


@dataclass(slots=True)
class Context:
    """What an endpoint, a policy or a task of a service may use; made once per process."""

    settings: Settings
    clock: Clock
    pool: asyncpg.Pool
    log: EventLog
    peers: Peers
    keyring: Keyring
    rules: Rules
    hub: Hub  # hears what changed in this service's database: for waiting and for live pages
    relay: Relay
    subscriptions: Subscriptions = field(init=False)  # policies are given the context, so it is made first

    async def caught_up(self, view: View, at: Position | str | None) -> bool:
        """Wait, for at most two seconds, until ``view`` has the event at ``at``. False when it has not by then.

        A position that cannot be read is nobody's own write: there is nothing to wait for.
        """
        if at is None:
            return True
        try:
            position = Position.parse(at) if isinstance(at, str) else at
        except ValueError:
            return False
        if position.service not in view.sources:
            return True  # the view never hears of it: a page waits for each of its views alike
        return await self.subscriptions.wait_for(view.name, position, CATCH_UP)


async def context(request: Request) -> Context:
    held: Context = request.app.state.context
    return held


Ctx = Annotated[Context, Depends(context)]
