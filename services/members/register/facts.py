"""What a command must know of other streams, read from the log itself, under a lock that keeps it true.

Whoever changes the shape of the tree (moves, dissolves) excludes all who rely on it; those do not exclude each other.
What is read while the lock is held is read on the connection that holds it: many who each wait for a second one would
wait for each other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.members.domain import organisation as organisations
from services.members.domain.member import Cell
from services.members.domain.organisation import Order, Organisation, Parent
from services.members.register.desk import Desk
from shared.commands import Aggregate, load

ORGANISATION: Final[Aggregate[Organisation, Order]] = Aggregate(
    "organisation", organisations.EMPTY, organisations.decide, organisations.evolve
)
_TREE: Final = 0x74726565  # "tree": the advisory lock of its shape


@asynccontextmanager
async def relying_on_the_tree(desk: Desk) -> AsyncIterator[asyncpg.Connection]:
    """A transaction during which no organisation is moved or dissolved."""
    async with desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", _TREE)
        yield connection


@asynccontextmanager
async def changing_the_tree(desk: Desk) -> AsyncIterator[asyncpg.Connection]:
    """A transaction during which nobody else relies on the shape of the tree."""
    async with desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _TREE)
        yield connection


async def organisation_state(desk: Desk, id: str, connection: asyncpg.Connection | None = None) -> Organisation:
    state, _ = await load(desk.log, ORGANISATION, id, connection)
    return state


async def parent_facts(desk: Desk, connection: asyncpg.Connection, id: str | None) -> Parent | None:
    """What `Parent` says of an organisation, its path walked up in the log; None if there is no such one."""
    if id is None:
        return None
    state = await organisation_state(desk, id, connection)
    if state.id is None:
        return None
    path, above = [id], state.parent
    while above is not None and above not in path:
        path.insert(0, above)
        above = (await organisation_state(desk, above, connection)).parent
    return Parent(id, state.kind, state.dissolved_on is not None, tuple(path))


async def cell_facts(desk: Desk, connection: asyncpg.Connection, id: str) -> Cell | None:
    state = await organisation_state(desk, id, connection)
    return None if state.id is None else Cell(id, state.kind, state.dissolved_on is not None)
