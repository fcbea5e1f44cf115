"""Fixtures every room's tests share: a real PostgreSQL and a real Redis, and a database of one's own for each test.

One PostgreSQL serves the whole run: the first process (with xdist the controller) starts it and stops it at the end.
Each worker has its own Redis, emptied before each test. ``CHIBO_POSTGRES_URL`` and ``CHIBO_REDIS_URL`` take precedence
(the first must be a role that may create databases; the second is emptied!).
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest

from tests.support.chromium import CHROMIUM, LAUNCH
from tests.support.servers import server_folder

SERVERS = pytest.StashKey[ExitStack]()
POSTGRES_URL = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = ExitStack()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is stopped cleans up like one that ends


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVERS in config.stash:
        config.stash[SERVERS].close()


@cache
def container_engine() -> bool:
    """Whether one answers; docker is asked, whatever engine stands behind it."""
    docker = shutil.which("docker")
    try:
        return docker is not None and not subprocess.run((docker, "info"), capture_output=True, timeout=10).returncode  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


def missing() -> dict[str, str]:
    """By mark: what the tests that carry it need and this machine does not have.

    The marks in ``CHIBO_TESTS_NEEDED`` are never left out: without what they need, their tests fail.
    """
    found = {}
    if not CHROMIUM.exists():
        found["browser"] = f"there is no {CHROMIUM}"
    if not container_engine():
        found["containers"] = "no container engine answers"
    needed = os.environ.get("CHIBO_TESTS_NEEDED", "").split()
    return {mark: reason for mark, reason in found.items() if mark not in needed}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for mark, reason in missing().items():
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for mark, reason in missing().items():
        terminalreporter.write_line(f"The tests marked `{mark}` did not run: {reason}.")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist, in the controller: tell each worker where the server is."""
    node.workerinput["postgres_url"] = _postgres(node.config)


def _postgres(config: pytest.Config) -> str:
    if POSTGRES_URL not in config.stash:
        config.stash[POSTGRES_URL] = os.environ.get("CHIBO_POSTGRES_URL") or _start_postgres(config.stash[SERVERS])
    return config.stash[POSTGRES_URL]


def _start_postgres(servers: ExitStack) -> str:
    from deploy.local.postgres import Postgres

    return servers.enter_context(Postgres(servers.enter_context(server_folder()), durable=False)).url()


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The address of a real PostgreSQL 18 as its owner, shared by the whole run: make no tables in it."""
    told: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return told.get("postgres_url") or _postgres(pytestconfig)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[str]:
    """The address of an empty database for this test alone, dropped at its end."""
    from tests.support.databases import fresh_database

    async with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _no_databases_left() -> Iterator[None]:
    yield
    from tests.support.databases import drop_templates

    asyncio.run(drop_templates())


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    """An `asyncpg.Pool` on ``database``."""
    from shared.database import open_pool

    opened = await open_pool(database, name="test")
    async with opened:
        yield opened


@pytest.fixture(scope="session")
def _redis(pytestconfig: pytest.Config) -> Iterator[str]:
    from deploy.local.redis import Redis

    if url := os.environ.get("CHIBO_REDIS_URL"):
        yield url
        return
    with server_folder() as folder, Redis(folder, durable=False) as server:
        yield server.url()


@pytest.fixture
def redis_url(_redis: str) -> str:
    """The address of an empty Redis that no other test uses at this moment."""
    import redis

    with redis.from_url(_redis) as client:
        client.flushall()
    return _redis


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A `playwright.sync_api.Browser`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**LAUNCH)
        yield browser
        browser.close()
