"""Is a view what its sources' logs say? Recomputed beside it, plainly: no streams, no checkpoints, no concurrency.

Everything happens in one transaction that is rolled back, so nothing is left behind.
"""

from collections.abc import Mapping

import asyncpg

from shared.eventlog import EventLog
from shared.streams import Changes, Table, View
from shared.streams.incoming import Incoming
from shared.streams.rebuild import make_schema

COPY = "recomputed"
PAGE = 200  # events whose changes are written together; live batches have other borders


async def differences(connection: asyncpg.Connection, view: View, logs: Mapping[str, EventLog]) -> list[str]:
    """Rows the live view has and should not have (+), or lacks (-); empty when it is what the logs say.

    Parked and skipped events are left out, as the view left them out: they are on record. ``connection`` is to the
    database the view lives in, as somebody who may make a schema there.
    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        await make_schema(connection, view, COPY)
        for source in view.sources:
            for partition in range(logs[source].partitions):
                await _recompute(connection, view, logs[source], partition)
        return [line for table in view.tables for line in await _compare(connection, view, table)]
    finally:
        await transaction.rollback()


async def _recompute(connection: asyncpg.Connection, view: View, log: EventLog, partition: int) -> None:
    without = await connection.fetch(
        "SELECT position FROM parked WHERE subscription = $1 AND source = $2 AND partition = $3",
        view.name,
        log.service,
        partition,
    )
    left_out = {row["position"] for row in without}
    position = 0
    while page := await log.feed(partition, position, PAGE):
        changes = Changes(connection, COPY)
        for event in map(Incoming, page):
            known = event.stored.type in view.handlers or not event.is_known
            if known and event.position not in left_out:
                await view.handlers[event.stored.type](changes, event.recorded())
        await changes.flush()
        position = page[-1].position


async def _compare(connection: asyncpg.Connection, view: View, table: Table) -> list[str]:
    live, copy = f'"{view.schema}"."{table.name}"', f'"{COPY}"."{table.name}"'
    found = []
    for sign, these, those in (("+", live, copy), ("-", copy, live)):
        rows = await connection.fetch(f"SELECT * FROM (TABLE {these} EXCEPT ALL TABLE {those}) AS other LIMIT 3")
        found += [f"{sign} {view.name}.{table.name}: {dict(row)}" for row in rows]
    return found
