"""One database per service, a role that owns its tables and a role that only uses them; also when embedded."""

import asyncio
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.credentials import owner_of
from shared.settings import SERVICES


async def make_databases(admin_url: str, roles: Mapping[str, str]) -> None:
    """Make what is missing, as the server's owner. ``roles`` maps each role to its password."""
    connection = await asyncpg.connect(admin_url)
    try:
        known = {name for (name,) in await connection.fetch("SELECT rolname FROM pg_roles")}
        made = {name for (name,) in await connection.fetch("SELECT datname FROM pg_database")}
        for role, password in roles.items():
            if role not in known:
                await _run(connection, "CREATE ROLE %I LOGIN PASSWORD %L", role, password)
        missing = [service for service in SERVICES if service not in made]
    finally:
        await connection.close()
    await asyncio.gather(*(_make_database(admin_url, service) for service in missing))


async def _make_database(admin_url: str, service: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await _run(connection, "CREATE DATABASE %I OWNER %I TEMPLATE template0", service, owner_of(service))
        await _run(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", service)
        await _run(connection, "GRANT CONNECT ON DATABASE %I TO %I", service, service)
    finally:
        await connection.close()


async def _run(connection: asyncpg.Connection, statement: str, *names: str) -> None:
    """Statements that take no parameters are filled in by the server, which knows how to quote."""
    await connection.execute(await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, names))


def url_of(admin_url: str, database: str, role: str, password: str) -> str:
    """The address of ``database`` as ``role`` on the server of ``admin_url``."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{host}", path=f"/{database}"))
