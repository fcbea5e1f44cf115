"""Running a command: load the stream, fold it, decide, append. Nothing else writes to a log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import asyncpg

from shared.eventlog import Appended, Command, EventLog, StaleVersion, Write
from shared.events import Event

S = TypeVar("S")
C = TypeVar("C")

ATTEMPTS = 5  # a stale version is decided again on the new state, unless the caller named the version it saw


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S, C]):
    """What makes a stream decidable: its name, its empty state, and the two pure functions of `domain/`."""

    category: str  # streams are named "<category>:<id>"
    initial: S
    decide: Callable[[S, C], Sequence[Event]]
    evolve: Callable[[S, Any], S]

    def stream(self, identity: str) -> str:
        return f"{self.category}:{identity}"


async def load(
    log: EventLog, aggregate: Aggregate[S, C], identity: str, connection: asyncpg.Connection | None = None
) -> tuple[S, int]:
    """The state of one stream and its version (0: it does not exist), as the connection's transaction has left it."""
    state, version = aggregate.initial, 0
    for recorded in await log.read(aggregate.stream(identity), connection=connection):
        state, version = aggregate.evolve(state, recorded.data), recorded.version
    return state, version


async def execute(
    log: EventLog,
    aggregate: Aggregate[S, C],
    identity: str,
    orders: C | Sequence[C],
    *,
    key: str,
    command: Command,
    expected_version: int | None = None,
    answer: dict[str, Any] | None = None,
    connection: asyncpg.Connection | None = None,
) -> Appended:
    """Decide one or more orders on one stream and append what follows, in one transaction.

    ``expected_version`` is what the caller saw (If-Match): another one raises `StaleVersion` at once. Raises what
    ``decide`` raises (`shared.refusal.Refused`), `KeyReused` and `StaleVersion`.
    """
    todo: Sequence[C] = list(orders) if isinstance(orders, list | tuple) else [orders]  # type: ignore[list-item]
    for attempt in range(1, ATTEMPTS + 1):
        state, version = await load(log, aggregate, identity, connection)
        if version > 0 and (answered := await log.find(command, connection)) is not None:
            return answered  # what a command on a new stream repeats, the append itself finds
        if expected_version is not None and version != expected_version:
            raise StaleVersion(aggregate.stream(identity), expected_version, version)
        events: list[Event] = []
        for order in todo:
            decided = aggregate.decide(state, order)
            for event in decided:
                state = aggregate.evolve(state, event)
            events.extend(decided)
        try:
            return await log.append(
                Write(aggregate.stream(identity), version, events),
                key=key,
                command=command,
                answer=answer,
                connection=connection,
            )
        except StaleVersion:
            if attempt == ATTEMPTS or expected_version is not None:
                raise
    raise AssertionError("unreachable")
