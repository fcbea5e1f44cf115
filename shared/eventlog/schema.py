"""The tables and the append function of an event log: made once, by the service's first migration."""

import re
from pathlib import Path

import asyncpg

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def upgrade_statements(partitions: int) -> list[str]:
    """Every statement that makes an empty log of ``partitions`` partitions, in order.

    For Alembic: ``for statement in upgrade_statements(p): op.execute(statement)``.
    """
    text = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    return text.replace(":partitions", str(int(partitions))).split("\n--;\n")


def grant_statements(role: str) -> list[str]:
    """What the service's runtime role needs: read everything here, write only by calling ``append_events``.

    Stricter than a right to INSERT: nothing can enter the log past the numbering and the hash chain.
    """
    if not _ROLE.fullmatch(role):
        raise ValueError(f"{role!r} is not a plain role name")
    return [
        f'GRANT SELECT ON public.event, public.partition_head, public.command, public.log_settings TO "{role}"',
        f'GRANT EXECUTE ON FUNCTION public.append_events TO "{role}"',
    ]


async def create(connection: asyncpg.Connection, partitions: int) -> None:
    """Make an empty log in the connection's database, in one transaction."""
    async with connection.transaction():
        for statement in upgrade_statements(partitions):
            await connection.execute(statement)
