"""Making the schemas of views, and filling a fresh copy of a view from the logs while the old one serves."""

import asyncpg

from shared.streams.view import View
from shared.telemetry.log import get_logger

VERSIONS = "SELECT name, version FROM view_state"
REMEMBER = """
    INSERT INTO view_state (name, version) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, built_at = now()
"""
FORGET = ("DELETE FROM checkpoint WHERE subscription = $1", "DELETE FROM parked WHERE subscription = $1")

log = get_logger(__name__)


async def make_schema(connection: asyncpg.Connection, view: View, schema: str) -> None:
    """Create ``schema`` with the empty tables of ``view``; one of that name is dropped first."""
    await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    await connection.execute(f'CREATE SCHEMA "{schema}"')
    for table in view.tables:
        for statement in table.create(schema):
            await connection.execute(statement)


async def prepare_views(connection: asyncpg.Connection, views: list[View]) -> None:
    """At migration: make the views that are missing."""
    async with connection.transaction():
        versions = {row["name"]: row["version"] for row in await connection.fetch(VERSIONS)}
        for view in views:
            if view.name in versions:
                continue
            await make_schema(connection, view, view.schema)
            for statement in FORGET:
                await connection.execute(statement, view.name)
            await connection.execute(REMEMBER, view.name, view.version)
