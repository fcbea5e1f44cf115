"""Alembic, for the tables that cannot be rebuilt; applied by `chibo migrate` and at an embedded start.

A service keeps its revisions in ``services/<service>/migrations/versions/NNNN_words.py``, numbered without a gap, so
the newest is known without loading Alembic: a database that is up to date costs one query. Revisions use `run`,
`make_log` and `make_streams`; they grant nothing, `migrate` does that for all tables alike.
"""

import asyncio
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from shared.eventlog.schema import grant_statements, upgrade_statements
from shared.settings import Settings
from shared.streams import schema as streams_schema

SERVICES = Path(__file__).parents[2] / "services"
ONE_AT_A_TIME = 0x6368_6962_6F  # advisory lock: two replicas may start together
KEPT_FROM_THE_SERVICE = ("event", "partition_head", "command", "log_settings", "alembic_version")

_alembic_is_global = threading.Lock()


@dataclass(frozen=True, slots=True)
class Migrated:
    """Revisions before and after; None: the database was empty."""

    before: str | None
    after: str | None


def run(statements: Iterable[str]) -> None:
    """Execute plain SQL in a revision, as it stands: no ``:name`` in it is taken for a parameter."""
    from alembic import op

    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def make_log() -> None:
    """In a service's first revision: its event log, with as many partitions as the settings say, once and for all."""
    from alembic import op

    config = op.get_context().config
    assert config is not None  # `migrate` always gives one
    run(upgrade_statements(config.attributes["partitions"]))


def make_streams() -> None:
    """In a service's first revision: checkpoints, parked events and the register of views."""
    run(streams_schema.CREATE)


def newest(service: str) -> str | None:
    """The newest revision a service has, None when it has none."""
    numbers = [path.name[:4] for path in _versions(service).glob("[0-9][0-9][0-9][0-9]_*.py")]
    return max(numbers, default=None)


async def migrate(settings: Settings) -> Migrated:
    """Bring the service's database to its newest revision and give the service's role what it needs."""
    owner = (settings.migration_url or settings.database_url).get_secret_value()
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ONE_AT_A_TIME)
        before, wanted = await _current(connection), newest(settings.service)
        if before != wanted:
            await asyncio.to_thread(_upgrade, owner, settings.service, settings.partitions)
            await _grant(connection, settings)
        return Migrated(before, wanted)
    finally:
        await connection.close()


async def _current(connection: asyncpg.Connection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return found


def _versions(service: str) -> Path:
    return SERVICES / service / "migrations" / "versions"


def _upgrade(url: str, service: str, partitions: int) -> None:
    """In a thread of its own, for it runs an event loop of its own."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    config = Config(attributes={"partitions": partitions})
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_versions(service)))

    def run_revisions(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()

    async def upgrade() -> None:
        engine = create_async_engine(re.sub("^postgres(ql)?:", "postgresql+asyncpg:", url), poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(run_revisions)
        finally:
            await engine.dispose()

    with _alembic_is_global:
        asyncio.run(upgrade())


async def _grant(connection: asyncpg.Connection, settings: Settings) -> None:
    """The log only through its function; all other tables to read and write; new schemas, for the views."""
    role = await _role_of(settings)
    if role == await connection.fetchval("SELECT current_user"):
        return
    for statement in grant_statements(role):
        await connection.execute(statement)
    tables = await connection.fetch(
        "SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO %I', tablename, $1::text) FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> ALL($2::text[])"
        " UNION ALL SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), $1::text)",
        role,
        KEPT_FROM_THE_SERVICE,
    )
    for (statement,) in tables:
        await connection.execute(statement)


async def _role_of(settings: Settings) -> str:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        role: str = await connection.fetchval("SELECT current_user")
        return role
    finally:
        await connection.close()
