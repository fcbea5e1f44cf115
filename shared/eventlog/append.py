"""Appending: commands as the arguments of the database function, and what it says became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import orjson

from shared.eventlog.codec import metadata_text
from shared.eventlog.model import (
    Appended,
    Command,
    DifferentPartitions,
    KeyReused,
    LogError,
    Position,
    StaleVersion,
    Write,
)

CALL = "SELECT * FROM public.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
FIND = "SELECT fingerprint, partition, position, versions, answer FROM public.command WHERE key = $1"


@dataclass(slots=True)
class Request:
    """One command, ready to be sent."""

    partition: int
    key: str | None
    fingerprint: bytes | None
    versions: dict[str, int]
    answer: dict[str, Any] | None
    metadata: str
    writes: Sequence[Write]
    events: list[tuple[str, int, str]]  # type, schema, data


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The command's streams live in another partition than it was sent to; nothing was written."""

    partition: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Another transaction holds the partition; nothing was written."""


Outcome = Appended | LogError | Elsewhere | Busy


def prepare(
    writes: Sequence[Write], partition: int, key: str, command: Command, answer: dict[str, Any] | None
) -> Request:
    """Raises ValueError when two of ``writes`` are to one stream."""
    versions = {write.stream: write.expected_version + len(write.events) for write in writes}
    if len(versions) != len(writes):
        raise ValueError("one command names a stream twice: put its events into one Write")
    return Request(
        partition,
        command.key,
        command.fingerprint,
        versions,
        answer,
        metadata_text(command, key),
        writes,
        [(event.TYPE, event.SCHEMA, event.model_dump_json()) for write in writes for event in write.events],
    )


async def call(
    connection: asyncpg.Connection,
    service: str,
    requests: Sequence[Request],
    *,
    channel: str | None = None,
    wait: bool = True,
) -> list[Outcome]:
    """One round trip for all of ``requests``, which are sorted by partition; what became of each.

    ``wait`` for partitions that other transactions hold, otherwise `Busy`; NOTIFY ``channel`` in the transaction.
    """
    writes = [write for request in requests for write in request.writes]
    events = [event for request in requests for event in request.events]
    rows = await connection.fetch(
        CALL,
        channel,
        wait,
        [request.partition for request in requests],
        [request.key for request in requests],
        [request.fingerprint for request in requests],
        [_json(request.versions) for request in requests],
        [_json(request.answer) for request in requests],
        [request.metadata for request in requests],
        [len(request.writes) for request in requests],
        [write.stream for write in writes],
        [write.expected_version for write in writes],
        [len(write.events) for write in writes],
        [kind for kind, _, _ in events],
        [schema for _, schema, _ in events],
        [data for _, _, data in events],
    )
    return [_outcome(service, request, row) for request, row in zip(requests, rows, strict=True)]


async def join(connection: asyncpg.Connection, service: str, channel: str, request: Request) -> Appended:
    """Append within the connection's transaction. Raises `LogError`, and what PostgreSQL refuses."""
    (outcome,) = await call(connection, service, [request], channel=channel)
    if isinstance(outcome, Elsewhere):
        request = replace(request, partition=outcome.partition)
        (outcome,) = await call(connection, service, [request], channel=channel)
    if isinstance(outcome, Appended):
        return outcome
    raise outcome if isinstance(outcome, LogError) else DifferentPartitions(", ".join(request.versions))


def _outcome(service: str, request: Request, row: Mapping[str, Any]) -> Outcome:
    match row["outcome"]:
        case "appended":
            at = Position(service, row["at_partition"], row["at_position"])
            return Appended(at, request.versions, False, request.answer)
        case "repeated":
            return _repeated(service, row["at_partition"], row["at_position"], row)
        case "stale":
            return StaleVersion(row["stream"], row["expected"], row["actual"])
        case "reused":
            return KeyReused(request.key or "")
        case "elsewhere":
            return Elsewhere(row["at_partition"])
        case "busy":
            return Busy()
        case _:
            return DifferentPartitions(", ".join(request.versions))


async def find(
    runner: asyncpg.Pool | asyncpg.Connection, service: str, key: str, fingerprint: bytes | None
) -> Appended | None:
    """What was answered under ``key``. Raises `KeyReused`."""
    row = await runner.fetchrow(FIND, key)
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise KeyReused(key)
    return _repeated(service, row["partition"], row["position"], row)


def _repeated(service: str, partition: int, position: int, row: Mapping[str, Any]) -> Appended:
    answer = row["answer"]
    return Appended(
        Position(service, partition, position),
        orjson.loads(row["versions"]),
        True,
        None if answer is None else orjson.loads(answer),
    )


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
