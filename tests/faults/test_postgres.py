"""PostgreSQL is killed, shut down without a goodbye, or finds its disk full."""

import signal

import pytest

from tests.faults.disk import limit_files
from tests.faults.fleet import Fleet, until
from tests.faults.load import Bloc, Book, under_load
from tests.faults.proof import prove

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("fleet")]

ROOM = 256 * 1024  # octets: the log of what is to be written is full soon after, and every larger table at once


async def test_postgresql_is_killed_and_comes_back(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    again, refused = book.sent_again, fleet.metric("chibo_http_requests_total", status="503")
    with under_load(bloc, book) as load:
        fleet.kill(fleet.postgres)
        until(fleet.wrong, "readiness tells that the database is away")
        fleet.revive(fleet.postgres)
        load.goes_on()
    assert book.sent_again > again
    await prove(fleet, book)
    assert fleet.metric("chibo_http_requests_total", status="503") > refused
    assert "meetings" in fleet.chibo("verify")  # which would end with an error


async def test_postgresql_is_shut_down_at_once_and_started_again(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    with under_load(bloc, book) as load:
        for _ in range(2):
            fleet.kill(fleet.postgres, signal.SIGQUIT)
            fleet.revive(fleet.postgres)
            load.goes_on()
    await prove(fleet, book)


async def test_the_disk_is_full_and_then_it_is_not(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    """What cannot be written is not acknowledged; PostgreSQL gives up, and is started when there is room."""
    failures = fleet.metric("chibo_http_requests_total", status="503")
    with under_load(bloc, book):
        connection = await fleet.connect("postgres")
        await connection.execute("SELECT pg_switch_wal()")
        await connection.close()
        limit_files(fleet, ROOM)
        until(lambda: "File too large" in fleet.postgres_log.read_text(), "PostgreSQL finds no room")
        again = book.sent_again
        until(lambda: book.sent_again > again + 5, "nobody is answered")
        fleet.kill(fleet.postgres)
        fleet.revive(fleet.postgres)
    await prove(fleet, book)
    assert fleet.metric("chibo_http_requests_total", status="503") > failures
