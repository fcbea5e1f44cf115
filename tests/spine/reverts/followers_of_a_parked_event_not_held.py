"""Only the event that fails is parked, and those after it in its stream are applied: their order is broken."""

from shared.streams.checkpoint import Checkpoint
from tests.spine.reverts import Bug


async def _none(_self: Checkpoint) -> dict[str, int]:
    return {}


def put_back() -> None:
    Checkpoint.blocked = _none  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_parking.py::test_a_poison_event_is_parked_with_its_followers_and_the_others_go_on",
    r"assert \['first', 'third', 'fourth'\] == \['first'\]",
)
