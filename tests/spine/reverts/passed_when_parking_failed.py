"""Parking a poison event failed, and the subscription moves on all the same: the event is nowhere."""

from typing import Any

import asyncpg

from shared.streams.checkpoint import Checkpoint
from tests.spine.reverts import Bug


def put_back() -> None:
    park = Checkpoint.park

    async def try_to_park(self: Checkpoint, *given: Any, **named: Any) -> None:
        try:
            async with self._connection.transaction():
                await park(self, *given, **named)
        except asyncpg.PostgresError:
            pass

    Checkpoint.park = try_to_park  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_parking.py::test_an_event_that_cannot_even_be_parked_is_not_passed",
    r"assert [23] == 1",
)
