"""Whose fault is it? What PostgreSQL says of itself is tried again, what it says of the data is not."""

import asyncpg
import pytest

from shared.streams.faults import is_transient


@pytest.mark.parametrize(
    "kind",
    [
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.DeadlockDetectedError,
        asyncpg.DiskFullError,
        asyncpg.AdminShutdownError,
        asyncpg.PostgresIOError,
        asyncpg.InternalServerError,  # a disk quota, a limit on files: nothing may be parked for it
    ],
)
def test_the_servers_own_trouble_is_no_events_fault(kind: type[asyncpg.PostgresError]) -> None:
    assert is_transient(kind("no room"))


@pytest.mark.parametrize(
    "kind", [asyncpg.NotNullViolationError, asyncpg.InvalidTextRepresentationError, asyncpg.UndefinedColumnError]
)
def test_data_that_cannot_be_written_will_not_be_later(kind: type[asyncpg.PostgresError]) -> None:
    assert not is_transient(kind("no such value"))
