"""What the register's handlers work with: taken from a request's context, or made for a command line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import asyncpg
from fastapi import Depends

from shared.clock import Clock, system_clock, vietnam_date
from shared.context import Context, Ctx
from shared.eventlog import EventLog, Position
from shared.peers import Peers
from shared.privacy import LocalKeyring
from shared.refusal import require
from shared.settings import Settings
from shared.streams import View

_REACHED = "SELECT position FROM checkpoint WHERE subscription = $1 AND source = $2 AND partition = $3"
_LOOKS = 50  # a command line looks this often, a tenth of a second apart


@dataclass(frozen=True, slots=True)
class Desk:
    pool: asyncpg.Pool
    log: EventLog
    keyring: LocalKeyring
    clock: Clock
    caught_up: Callable[[View, Position], Awaitable[bool]]

    @property
    def today(self) -> date:
        return vietnam_date(self.clock())

    async def up_to_date(self, view: View, *keys: str) -> None:
        """Wait, bounded, until ``view`` has all that was recorded under the partition keys (none: everywhere).

        Raises `Refused` (``request.not_ready``) if it has not by then.
        """
        heads = await self.log.heads()
        for partition in {self.log.partition_of(key) for key in keys} or set(heads):
            at = Position(self.log.service, partition, heads[partition])
            require(at.position == 0 or await self.caught_up(view, at), "request.not_ready")


def keyring_for(pool: asyncpg.Pool, settings: Settings, _peers: Peers | None = None) -> LocalKeyring:
    """The keyring of the service that holds the keys. Raises ValueError without a master key."""
    if settings.master_key is None:
        raise ValueError("members needs CHIBO_MASTER_KEY: 32 bytes in base64url")
    return LocalKeyring(pool, settings.master_key.get_secret_value())


def desk_of(ctx: Context) -> Desk:
    assert isinstance(ctx.keyring, LocalKeyring)  # members is put together with `keyring_for`
    return Desk(ctx.pool, ctx.log, ctx.keyring, ctx.clock, ctx.caught_up)


async def _desk(ctx: Ctx) -> Desk:
    return desk_of(ctx)


Register = Annotated[Desk, Depends(_desk)]


@asynccontextmanager
async def opened(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Desk]:
    """A desk for a command line, beside whatever serves: views are kept up by the service, and only waited for."""
    async with asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=1, max_size=4) as pool:

        async def caught_up(view: View, at: Position) -> bool:
            for _ in range(_LOOKS):
                if (await pool.fetchval(_REACHED, view.name, at.service, at.partition) or 0) >= at.position:
                    return True
                await asyncio.sleep(0.1)
            return False

        yield Desk(pool, await EventLog.open(pool, "members"), keyring_for(pool, settings), clock, caught_up)
