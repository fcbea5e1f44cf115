"""A service is killed in the middle of work and started again, as an orchestrator would; or two do the work of one."""

import pytest

from tests.faults.fleet import Fleet
from tests.faults.load import Bloc, Book, under_load
from tests.faults.proof import prove

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("fleet")]

STARTED = "process_start_time_seconds"


async def test_every_api_is_killed_in_turn(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    again, started = book.sent_again, fleet.metric(STARTED)
    with under_load(bloc, book) as load:
        for api in fleet.of("api"):
            api.kill()
            api.start()
            load.goes_on()
    assert book.sent_again > again
    await prove(fleet, book)
    assert fleet.metric(STARTED) > started


async def test_every_worker_is_killed_in_turn(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    """With it the relay of its service, its subscriptions, and its policies in the middle of an effect."""
    started = fleet.metric(STARTED)
    with under_load(bloc, book) as load:
        for worker in fleet.of("worker"):
            worker.kill()
            load.goes_on(10)
            worker.start()
            load.goes_on(10)
    await prove(fleet, book)
    assert fleet.metric(STARTED) > started


async def test_all_workers_are_killed_at_once(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    with under_load(bloc, book) as load:
        for worker in fleet.of("worker"):
            worker.kill()
        load.goes_on(60)  # recording needs no worker
        for worker in fleet.of("worker"):
            worker.start()
    await prove(fleet, book)


async def test_two_workers_share_the_same_partitions(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    """What one publishes or applies the other does not, though both are offered everything."""
    shared = ("meetings", "inspection", "notifications")
    await prove(fleet, book)
    with fleet.reinforced(*shared) as second:

        def counted() -> tuple[float, float]:
            applied = {"subscription": "wall", "source": "meetings"}
            return (
                fleet.metric("chibo_relay_published_total", service="meetings"),
                fleet.metric("chibo_events_applied_total", **applied),
            )

        async def recorded() -> int:
            connection = await fleet.connect("meetings")
            events: int = await connection.fetchval("SELECT sum(position) FROM partition_head")
            await connection.close()
            return events

        before, were = counted(), await recorded()
        with under_load(bloc, book) as load:
            load.goes_on(60)
        await prove(fleet, book)
        new = await recorded() - were
        assert [after - was for was, after in zip(before, counted(), strict=True)] == [new, new]
        with under_load(bloc, book):
            for worker in second:
                worker.kill()
        for worker in second:
            fleet.processes.remove(worker)
        await prove(fleet, book)
        fleet.processes += second
