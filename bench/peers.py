"""Two other event stores for PostgreSQL, each used as its documentation says for many writers at once.

They are no dependency of chibo: ``make bench`` installs them, and without them a benchmark says so and goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from bench.load import WORKERS, Statements, rate, threads_rate
from bench.servers import Place

Rate = Callable[[float], Awaitable[float]]  # given the seconds to go on for: commands a second

EVENTSOURCE, EVENTSOURCING = "eventsource-py", "eventsourcing"


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@asynccontextmanager
async def eventsource(place: Place, said: Statements) -> AsyncIterator[Rate]:
    """eventsource-py: one ``PostgreSQLEventStore`` on an asyncpg engine with a connection for each writer."""
    from eventsource import DomainEvent, ExpectedVersion, StreamId, create_async_engine, register_event
    from eventsource.adapters.postgresql import PostgreSQLEventStore

    @register_event
    class StatementRecorded(DomainEvent):  # type: ignore[misc, unused-ignore]
        event_type: str = "StatementRecorded"
        aggregate_type: str = "Statement"
        meeting: str
        cell: str
        statement: str
        item: str
        speaker: str
        text: str

    async with place.database("eventsource") as url:
        engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=WORKERS, max_overflow=0
        )
        store = PostgreSQLEventStore(engine, create_schema=True)

        async def append(worker: int) -> None:
            given, identity = said.next(worker).model_dump(), uuid4()
            event = StatementRecorded(aggregate_id=identity, aggregate_version=1, **given)
            await store.append(StreamId(identity, "Statement"), [event], ExpectedVersion.no_stream())

        yield lambda seconds: rate(append, seconds)
        await store.close()
        await engine.dispose()


@cache
def _aggregate() -> Any:
    """eventsourcing knows a class by its name and takes it once."""
    from eventsourcing.domain import Aggregate

    class Statement(Aggregate):  # type: ignore[misc, unused-ignore]
        def __init__(self, meeting: str, cell: str, statement: str, item: str, speaker: str, text: str) -> None:
            self.meeting, self.cell, self.statement = meeting, cell, statement
            self.item, self.speaker, self.text = item, speaker, text

    return Statement


@asynccontextmanager
async def eventsourcing(place: Place, said: Statements, *, functions: bool = False) -> AsyncIterator[Rate]:
    """eventsourcing: one ``Application`` used by 32 threads, its pool as large.

    ``functions``: with its database functions, which it offers as an option and does not use by itself.
    """
    from eventsourcing.application import Application

    statement = _aggregate()
    async with place.database("functions" if functions else "eventsourcing") as url:
        parts = urlsplit(url)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        application = Application(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": parts.path.lstrip("/"),
                "POSTGRES_HOST": given.get("host") or parts.hostname or "",
                "POSTGRES_PORT": given.get("port") or str(parts.port or 5432),
                "POSTGRES_USER": parts.username or "",
                "POSTGRES_PASSWORD": parts.password or "none",
                "POSTGRES_POOL_SIZE": str(WORKERS),
                "POSTGRES_MAX_OVERFLOW": "0",
                "POSTGRES_MAX_WAITING": str(WORKERS),
            }
            | ({"POSTGRES_ENABLE_DB_FUNCTIONS": "y"} if functions else {})
        )

        def save(worker: int) -> None:
            application.save(statement(**said.next(worker).model_dump()))

        yield lambda seconds: threads_rate(save, seconds)
        await asyncio.to_thread(application.close)
