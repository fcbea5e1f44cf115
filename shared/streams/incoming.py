"""An event on its way into subscriptions: decoded at most once, however many of them want it."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.eventlog import Recorded, Stored
from shared.eventlog.codec import to_recorded
from shared.events import REGISTRY


class Incoming:
    """A stored event with its typed form, made when first asked for."""

    __slots__ = ("_recorded", "position", "stored")

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.position = stored.position
        self._recorded: Recorded[Any] | None = None

    @property
    def is_known(self) -> bool:
        """Whether this version of the code knows the type and its schema."""
        known = REGISTRY.get(self.stored.type)
        return known is not None and 1 <= self.stored.schema <= known.SCHEMA

    def recorded(self) -> Recorded[Any]:
        """Raises `shared.events.UnknownEventType`, or pydantic's ValidationError."""
        if self._recorded is None:
            self._recorded = to_recorded(self.stored)
        return self._recorded


def in_order(events: Iterable[Stored]) -> list[Incoming]:
    """Sorted by position, each once."""
    unique = {event.position: event for event in events}
    return [Incoming(unique[position]) for position in sorted(unique)]


def unbroken(events: Sequence[Incoming], after: int) -> list[Incoming]:
    """Those newer than ``after``, up to the first gap."""
    run: list[Incoming] = []
    for event in events:
        if event.position > after:
            if event.position != after + 1:
                break
            run.append(event)
            after = event.position
    return run
