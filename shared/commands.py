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
    stream, how = aggregate.stream(identity), aggregate.evolve
    state, version = aggregate.initial, 0
    if connection is None:  # what a transaction has appended is not committed: it is not for others to know
        state, version = log.folded.get(how, stream) or (state, version)
    for recorded in await log.read(stream, after=version, connection=connection):
        state, version = aggregate.evolve(state, recorded.data), recorded.version
    if connection is None:
        log.folded.keep(how, stream, state, version)
    return state, version


def seen(log: EventLog, aggregate: Aggregate[S, C], identity: str) -> tuple[S, int]:
    """The same as this process saw it last, which may be some time ago; version 0: it does not know."""
    return log.folded.get(aggregate.evolve, aggregate.stream(identity)) or (aggregate.initial, 0)


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

    A stream that this process has seen is decided on as it was then: if it has gone on since, the append is refused,
    and if the orders are, that may be why; both are then decided again on what the log has. A repeated command is known
    by its key wherever it is decided.

    ``expected_version`` is what the caller saw (If-Match): another one raises `StaleVersion` at once. Raises what
    ``decide`` raises (`shared.refusal.Refused`), `KeyReused` and `StaleVersion`.
    """
    todo: Sequence[C] = list(orders) if isinstance(orders, list | tuple) else [orders]  # type: ignore[list-item]
    stream = aggregate.stream(identity)
    state, version = seen(log, aggregate, identity) if connection is None else (aggregate.initial, 0)
    fresh = version == 0 or expected_version not in (None, version)
    attempt = 0  # at deciding on what the log has
    while True:
        if fresh:
            attempt += 1
            state, version = await load(log, aggregate, identity, connection)
            if version > 0 and (answered := await log.find(command, connection)) is not None:
                return answered  # what a command on a new stream repeats, the append itself finds
            if expected_version is not None and version != expected_version:
                raise StaleVersion(stream, expected_version, version)
        try:
            after, events = _decided(aggregate, state, todo)
        except Exception:
            if fresh:
                raise
            fresh = True
            continue
        write = Write(stream, version, events)
        try:
            appended = await log.append(write, key=key, command=command, answer=answer, connection=connection)
        except StaleVersion:
            log.folded.forget(aggregate.evolve, stream)
            if attempt == ATTEMPTS or expected_version is not None:
                raise
            fresh = True
            continue
        if connection is None and not appended.repeated:
            log.folded.keep(aggregate.evolve, stream, after, version + len(events))
        return appended


def _decided(aggregate: Aggregate[S, C], state: S, orders: Sequence[C]) -> tuple[S, list[Event]]:
    """The events of all orders, each decided on what those before it leave, and the state after them."""
    events: list[Event] = []
    for order in orders:
        decided = aggregate.decide(state, order)
        for event in decided:
            state = aggregate.evolve(state, event)
        events.extend(decided)
    return state, events
