"""A read model: its tables, how events change it, how long it may lag.

A view is declared in one file of a service's ``views/`` room. Its tables live in a PostgreSQL schema of their own
(``view_<name>``), so that a rebuild can fill a fresh copy beside it and swap the two by renaming.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

import asyncpg

from shared.eventlog import Recorded
from shared.events import Event
from shared.streams.changes import Changes
from shared.streams.table import Spot, Table

__all__ = ["Changes", "Handler", "Policy", "Spot", "Table", "View"]

E = TypeVar("E", bound=Event)


Handler = Callable[[Changes, Recorded[Any]], Awaitable[None]]
Foresight = Callable[[Any], Iterable[Spot]]


class View:
    """``sources``: whose events it follows. ``version``: raise it when tables or handlers change: it is rebuilt.

    ``concurrent``: sources whose partitions may be applied at the same time (their handlers use only rows of their
    own partition key, and `Changes.add`); batches of all other sources are applied alone.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        sources: Sequence[str],
        tables: Sequence[Table],
        concurrent: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.sources = tuple(sources)
        self.tables = tuple(tables)
        self.concurrent = frozenset(concurrent)
        self.handlers: dict[str, Handler] = {}
        self.foresight: dict[str, list[Foresight]] = {}

    @property
    def schema(self) -> str:
        """The PostgreSQL schema its tables live in: queries name tables as ``view_<name>.<table>``."""
        return f"view_{self.name}"

    def on(
        self, *events: type[Event]
    ) -> Callable[
        [Callable[[Changes, Recorded[E]], Awaitable[None]]], Callable[[Changes, Recorded[E]], Awaitable[None]]
    ]:
        """Register how the view changes when one of ``events`` arrives. Known events without a handler pass by."""

        def register(
            handler: Callable[[Changes, Recorded[E]], Awaitable[None]],
        ) -> Callable[[Changes, Recorded[E]], Awaitable[None]]:
            for event in events:
                self.handlers[event.TYPE] = handler
            return handler

        return register

    def reads(self, *events: type[Event]) -> Callable[[Callable[[E], Iterable[Spot]]], Callable[[E], Iterable[Spot]]]:
        """Register which rows (`Table.at`) the handler of ``events`` will ask for, so that a batch reads all of them at
        once. It only saves time: a row that is not named is read when it is asked for."""

        def register(foresight: Callable[[E], Iterable[Spot]]) -> Callable[[E], Iterable[Spot]]:
            for event in events:
                self.foresight.setdefault(event.TYPE, []).append(foresight)
            return foresight

        return register

    def foreseen(self, event: Recorded[Any]) -> Iterable[Spot]:
        """The rows that handling ``event`` is known to need."""
        for foresight in self.foresight.get(event.type, ()):
            yield from foresight(event.data)


class Policy:
    """What a service does when events arrive, with effects of its own (its log, its delivery table).

    Runs exactly once per event, in the transaction that moves its checkpoint; never during a rebuild.
    A handler gets the connection of that transaction and passes it to `shared.commands.execute` or to SQL.
    """

    def __init__(self, name: str, *, sources: Sequence[str]) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.handlers: dict[str, Callable[[Any, asyncpg.Connection, Recorded[Any]], Awaitable[None]]] = {}

    def on(self, *events: type[Event]) -> Callable[[Any], Any]:
        """Register ``async def handler(service, connection, recorded)``; ``service`` is a `shared.context.Context`."""

        def register(handler: Any) -> Any:
            for event in events:
                self.handlers[event.TYPE] = handler
            return handler

        return register
