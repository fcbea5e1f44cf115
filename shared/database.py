"""The pool of PostgreSQL connections every part of a service shares."""

import asyncpg


async def open_pool(url: str, *, name: str, size: int = 10) -> asyncpg.Pool:
    """At most ``size`` connections, the first made at once. ``name`` is how the server's lists show them."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        reset=_keep,
        server_settings={
            "application_name": name,
            "idle_in_transaction_session_timeout": "60s",  # a process that hangs gives its partitions free
        },
    )


async def _keep(connection: asyncpg.Connection) -> None:
    """asyncpg would ask the server to forget SETs, advisory locks and listeners at every release: a round trip.

    Nobody leaves any on a pooled connection; an open transaction is rolled back before this is called.
    """
