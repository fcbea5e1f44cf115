"""Whoever waits for a position is answered when the event is recorded, not when the view has it: a page that follows a
command does not show what was just done."""

from shared.streams.waiting import Place, Waiting
from tests.spine.reverts import Bug


async def _has(self: Waiting, place: Place, position: int) -> bool:
    head = await self._pool.fetchval("SELECT position FROM partition_head WHERE partition = $1", place[2])
    return bool(head >= position)


def put_back() -> None:
    Waiting._has = _has  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_waiting.py::test_what_is_recorded_but_not_yet_in_the_view_is_waited_for",
    r"assert not True",
)
