"""Each service's database is made, brought up to date, and opened to its role as far as it needs."""

import secrets
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from shared.migrations import Migrated, migrate, newest
from shared.settings import SERVICES, Settings


def settings(service: str, database: str, role: str | None = None) -> Settings:
    runtime = database if role is None else urlunsplit(urlsplit(database)._replace(netloc=f"{role}@"))
    return Settings(
        service=service,
        database_url=runtime,
        migration_url=database,
        redis_url="redis://nowhere",
        service_secret="unused",
        partitions=3,
    )


@pytest.fixture
async def role(database: str) -> AsyncIterator[str]:
    """A role that owns nothing and was granted nothing."""
    name = f"role_{secrets.token_hex(8)}"
    admin = await asyncpg.connect(database)
    await admin.execute(f"CREATE ROLE {name} LOGIN")
    try:
        yield name
    finally:
        await admin.execute(f"DROP OWNED BY {name}")
        await admin.execute(f"DROP ROLE {name}")
        await admin.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_an_empty_database_becomes_a_service_s(service: str, database: str, pool: asyncpg.Pool) -> None:
    assert await migrate(settings(service, database)) == Migrated(None, newest(service))
    assert await pool.fetchval("SELECT count(*) FROM partition_head") == 3
    assert await pool.fetchval("SELECT version_num FROM alembic_version") == newest(service)


async def test_a_database_that_is_up_to_date_is_left_alone(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(settings("members", database))
    monkeypatch.setitem(sys.modules, "alembic", None)  # an import of it would now fail
    head = newest("members")
    assert await migrate(settings("members", database)) == Migrated(head, head)


async def test_the_service_s_role_reads_the_log_and_cannot_write_past_it(database: str, role: str) -> None:
    await migrate(settings("members", database, role))
    connection = await asyncpg.connect(urlunsplit(urlsplit(database)._replace(netloc=f"{role}@")))
    try:
        assert await connection.fetch("SELECT * FROM event") == []
        await connection.execute("CREATE SCHEMA view_of_its_own")
        for forbidden in ("INSERT INTO log_settings VALUES (true, 9)", "UPDATE partition_head SET position = 7"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(forbidden)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.mine ()")
    finally:
        await connection.close()


@pytest.mark.parametrize("service", SERVICES)
def test_revisions_are_numbered_as_alembic_sees_them(service: str) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from shared import migrations

    config = Config()
    config.set_main_option("script_location", str(migrations.SERVICES.parent / "shared" / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(migrations.SERVICES / service / "migrations" / "versions"))
    assert ScriptDirectory.from_config(config).get_current_head() == newest(service)
