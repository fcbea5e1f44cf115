"""The PostgreSQL and Redis that are measured: our own, as `chibo up` runs them, or a PostgreSQL that is named."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.account import server_account
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from shared.eventlog.schema import create

SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a benchmark runs. ``postgres_url`` is of a role that may make databases; ``redis_url`` is emptied."""

    postgres_url: str
    redis_url: str
    folder: Path
    postgres_pid: int = 0  # of the first process of PostgreSQL; 0 when it is not ours

    async def settings(self) -> dict[str, str]:
        """What the server promises about what it has committed, and what it has to work with."""
        connection = await asyncpg.connect(self.postgres_url)
        try:
            return {name: await connection.fetchval("SELECT current_setting($1)", name) for name in SETTINGS}
        finally:
            await connection.close()

    def address(self, database: str) -> str:
        return urlunsplit(urlsplit(self.postgres_url)._replace(path=f"/{database}"))

    @asynccontextmanager
    async def database(self, name: str, partitions: int | None = None) -> AsyncIterator[str]:
        """A fresh database, with an empty log of so many partitions; dropped afterwards."""
        database = f"bench_{name}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(self.postgres_url)
        try:
            await admin.execute(f"CREATE DATABASE {database}")
            if partitions is not None:
                connection = await asyncpg.connect(self.address(database))
                await create(connection, partitions)
                await connection.close()
            yield self.address(database)
            await admin.execute(f"DROP DATABASE {database} WITH (FORCE)")
        finally:
            await admin.close()


@contextmanager
def folder() -> Iterator[Path]:
    """On a disk, and reachable for the account a server runs as; gone afterwards."""
    account = server_account(Path("/nonexistent"))
    parent = next(
        place for place in (Path(tempfile.gettempdir()), Path("/var/tmp")) if account.reaches(place.resolve())
    )
    made = Path(tempfile.mkdtemp(prefix="chibo-bench-", dir=parent))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def servers(postgres_url: str | None = None) -> Iterator[Place]:
    with ExitStack() as stack:
        own = stack.enter_context(folder())
        pid = 0
        if postgres_url is None:
            postgres = stack.enter_context(Postgres(own / "postgres"))
            postgres_url, pid = postgres.url(), postgres.pid or 0
        redis = stack.enter_context(Redis(own / "redis"))
        yield Place(postgres_url, redis.url(), own, pid)
