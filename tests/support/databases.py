"""Databases of the tests: one's own for each, copied from a prepared one where that saves its making."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

_templates: dict[tuple[str, ...], str] = {}  # (server, what) -> database to copy


@asynccontextmanager
async def fresh_database(postgres_url: str, template: str = "template0") -> AsyncIterator[str]:
    """The address of a new database of the server, dropped afterwards."""
    name = f"test_{secrets.token_hex(8)}"
    await _on(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield _address(postgres_url, name)
    finally:
        await _on(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


async def template_for(postgres_url: str, what: tuple[str, ...], make: Callable[[str], Awaitable[None]]) -> str:
    """The name of a database that ``make`` has prepared, made once by this process for each ``what``."""
    known = (postgres_url, *what)
    if known not in _templates:
        name = f"template_{secrets.token_hex(8)}"
        await _on(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        await make(_address(postgres_url, name))
        _templates[known] = name
    return _templates[known]


async def drop_templates(postgres_url: str | None = None) -> None:
    """At the end of the run: the server may not be ours. Before that, those of a server that is about to end."""
    for known in [known for known in _templates if postgres_url in (None, known[0])]:
        await _on(known[0], f"DROP DATABASE {_templates.pop(known)} WITH (FORCE)")


def _address(postgres_url: str, name: str) -> str:
    return urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))


async def _on(postgres_url: str, statement: str) -> None:
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(statement)
    finally:
        await admin.close()
