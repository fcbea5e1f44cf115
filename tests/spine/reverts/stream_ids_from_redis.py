"""The relay lets Redis choose the ids and remembers itself how far it is: what it published before it was restarted is
published again, as something new."""

from shared.eventlog import Stored
from shared.streams import relay
from shared.streams.relay import Relay
from tests.spine.reverts import Bug


def put_back() -> None:
    init, add = Relay.__init__, Relay._add

    def forgetful(self: Relay, *given: object, **options: object) -> None:
        init(self, *given, **options)  # type: ignore[arg-type]
        self._published: dict[int, int] = {}  # type: ignore[attr-defined]

    async def remembered(self: Relay, partitions: list[int]) -> list[int]:
        return [self._published.get(partition, 0) for partition in partitions]  # type: ignore[attr-defined]

    async def publish(self: Relay, partition: int, events: list[Stored]) -> None:
        await add(self, partition, events)
        self._published[partition] = events[-1].position  # type: ignore[attr-defined]

    relay.entry_id = lambda position: "*"
    Relay.__init__, Relay._tops, Relay._add = forgetful, remembered, publish  # type: ignore[method-assign, assignment]


BUG = Bug(
    put_back,
    "shared/streams/tests/test_relay.py::test_a_relay_that_starts_again_publishes_nothing_twice",
    r"assert \[(\d{13}, ){3}\d{13}\] == \[1, 2\]",
)
