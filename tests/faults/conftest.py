"""One fleet for all faults, in one worker (``xdist_group``): they happen one after the other, each under load."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.faults.fleet import Fleet, some_fleet
from tests.faults.load import Bloc, Book
from tests.faults.settling import begin, settle


@pytest.fixture(scope="session")
def started() -> Iterator[tuple[Fleet, Bloc]]:
    with some_fleet() as fleet:
        root = asyncio.run(_prepared(fleet))
        fleet.start()
        bloc = settle(fleet, root)
        yield fleet, bloc
        bloc.close()


async def _prepared(fleet: Fleet) -> str:
    await fleet.deployment.prepare()
    async with fleet.deployment.running("api") as dispatch:
        return await begin(dispatch.apps["members"].state.context)


@pytest.fixture(scope="session")
def book() -> Book:
    """What was ever acknowledged: each fault is also proved by what went before it."""
    return Book()


@pytest.fixture
def fleet(started: tuple[Fleet, Bloc]) -> Fleet:
    """All processes, ready; what an earlier test left broken is started again."""
    started[0].start()
    return started[0]


@pytest.fixture
def bloc(started: tuple[Fleet, Bloc]) -> Bloc:
    return started[1]
