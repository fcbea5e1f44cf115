"""An event of a type that this version does not know is passed over in silence: its effect is missing for ever."""

from contextlib import suppress

from shared.events import UnknownEventType
from shared.streams.changes import Changes
from shared.streams.incoming import Incoming
from shared.streams.subscription import Subscription
from tests.spine.reverts import Bug


def put_back() -> None:
    handle = Subscription._handle

    async def known_only(self: Subscription, changes: Changes, event: Incoming) -> None:
        with suppress(UnknownEventType):
            await handle(self, changes, event)

    Subscription._handle = known_only  # type: ignore[method-assign]
    Subscription._foreseen = lambda self, event: {}  # type: ignore[method-assign]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_parking.py::test_an_event_of_an_unknown_type_is_parked_not_passed_over",
    r"not enough values to unpack \(expected 1, got 0\)",
    quick=True,
)
