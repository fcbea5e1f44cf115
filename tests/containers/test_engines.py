"""The contract suites of the log and of the streams, run against the servers others run: PostgreSQL, Redis, Valkey.

The very suites of `make test`, told by environment which server to use; an image that cannot be had is skipped.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

HOUSE = Path(__file__).parents[2]
PASSWORD = "contract"
POSTGRES = ("postgres:16", "postgres:17", "postgres:18")
REDIS = ("redis:7", "redis:8", "valkey/valkey:8")
LOOPBACK = "127.0.0.1"
LOG_SUITE, STREAMS_SUITE = "shared/eventlog/tests", "shared/streams/tests"

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200), pytest.mark.xdist_group("containers")]


def serving(image: str, port: int) -> DockerContainer:
    """Reached on this machine alone, on some port."""
    container = DockerContainer(image)
    container.ports[str(port)] = (LOOPBACK,)  # `with_exposed_ports` takes every address there is
    return container


@contextmanager
def running(container: DockerContainer, image: str) -> Iterator[DockerContainer]:
    try:
        container.start()
    except DockerException as error:
        pytest.skip(f"{image} is not to be had: {str(error).splitlines()[0][:200]}")
    try:
        yield container
    finally:
        container.stop()


def passes(suite: str, **servers: str) -> None:
    """Run a suite in a process of its own against ``servers``. Raises `AssertionError` with what it said."""
    told = subprocess.run(
        (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not faults and not containers", suite),
        cwd=HOUSE,
        env=os.environ | servers,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-5000:] + told.stderr[-2000:]


@pytest.mark.parametrize("image", POSTGRES)
def test_the_event_log_keeps_its_promises_on(image: str) -> None:
    container = (
        serving(image, 5432)
        .with_env("POSTGRES_PASSWORD", PASSWORD)
        .with_command("postgres -c fsync=off -c max_connections=300")
        .waiting_for(LogMessageWaitStrategy("ready to accept connections", times=2))
    )
    with running(container, image) as started:
        place = f"{LOOPBACK}:{started.get_exposed_port(5432)}"
        passes(LOG_SUITE, CHIBO_POSTGRES_URL=f"postgresql://postgres:{PASSWORD}@{place}/postgres")


@pytest.mark.parametrize("image", REDIS)
def test_the_streams_keep_their_promises_on(image: str) -> None:
    container = serving(image, 6379).waiting_for(LogMessageWaitStrategy("Ready to accept connections"))
    with running(container, image) as started:
        place = f"{LOOPBACK}:{started.get_exposed_port(6379)}"
        passes(STREAMS_SUITE, CHIBO_REDIS_URL=f"redis://{place}/0")
