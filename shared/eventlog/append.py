"""Appending: one call of the database function, its refusals as exceptions, and certainty after a broken connection."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from shared.eventlog.codec import metadata_text
from shared.eventlog.model import (
    Appended,
    Command,
    DifferentPartitions,
    KeyReused,
    Position,
    StaleVersion,
    UnknownOutcome,
    Write,
)

CALL = (
    "SELECT at_partition AS partition, at_position AS position, repeated, versions, answer "
    "FROM public.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
)
FIND = "SELECT fingerprint, partition, position, versions, answer FROM public.command WHERE key = $1"

# When one of these arrives the server may have committed, or may still do so.
LOST = (
    OSError,  # includes TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
PAUSES = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds before each attempt to learn what happened


def arguments(
    writes: Sequence[Write], partition: int, key: str, command: Command, answer: Mapping[str, Any] | None
) -> list[Any]:
    """The arguments of ``append_events`` after the channel."""
    streams = [write.stream for write in writes]
    if len(set(streams)) != len(streams):
        raise ValueError("one command names a stream twice: put its events into one Write")
    rows = [
        (write.stream, version, event.TYPE, event.SCHEMA, event.model_dump_json())
        for write in writes
        for version, event in enumerate(write.events, write.expected_version + 1)
    ]
    return [
        partition,
        command.key,
        command.fingerprint,
        orjson.dumps({write.stream: write.expected_version + len(write.events) for write in writes}).decode(),
        None if answer is None else orjson.dumps(answer).decode(),
        metadata_text(command, key),
        streams,
        [write.expected_version for write in writes],
        *([row[column] for row in rows] for column in range(5)),
    ]


async def call(connection: asyncpg.Connection, service: str, channel: str | None, given: list[Any]) -> Appended:
    """One round trip. Raises `StaleVersion`, `KeyReused`, `DifferentPartitions`, and any of `LOST`."""
    try:
        row = await connection.fetchrow(CALL, channel, *given)
    except asyncpg.PostgresError as error:
        match error.sqlstate:
            case "CB001":
                raise StaleVersion(*orjson.loads(error.detail)) from None
            case "CB002":
                raise KeyReused(given[1]) from None
            case "CB003":
                raise DifferentPartitions(", ".join(given[6])) from None
        raise
    return to_appended(service, row, repeated=row["repeated"])


async def call_until_known(pool: asyncpg.Pool, service: str, given: list[Any], *, repeatable: bool) -> Appended:
    """`call` in a transaction of its own; if the connection breaks, find out what became of it.

    Calling again under the same key is the look-up: the database answers what it answered, or appends now; should the
    first call still be running, the second waits for it. Without a key nothing may be tried twice.
    """
    sent = False
    try:
        async with pool.acquire() as connection:
            sent = True
            return await call(connection, service, None, given)
    except LOST as error:
        if not sent:
            raise
        lost = error
    if repeatable:
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                async with pool.acquire() as connection:
                    return await call(connection, service, None, given)
            except LOST as error:
                lost = error
    raise UnknownOutcome("the connection broke and it is not known whether the command was recorded") from lost


async def find(pool: asyncpg.Pool, service: str, key: str, fingerprint: bytes | None) -> Appended | None:
    """What was answered under ``key``. Raises `KeyReused`."""
    row = await pool.fetchrow(FIND, key)
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise KeyReused(key)
    return to_appended(service, row, repeated=True)


def to_appended(service: str, row: Mapping[str, Any], *, repeated: bool) -> Appended:
    answer = row["answer"]
    return Appended(
        Position(service, row["partition"], row["position"]),
        orjson.loads(row["versions"]),
        repeated,
        None if answer is None else orjson.loads(answer),
    )
