"""A service that recomputes its own log, so that an event that does not fit is an alarm and not a discovery."""

import asyncio
from time import time

import asyncpg

from shared.eventlog.log import EventLog
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import LOG_MISFITS, LOG_VERIFIED

FIRST = 600.0  # seconds after the start, when there is nothing more urgent to do
EVERY = 86_400.0
AGAIN = 900.0  # when the database did not let us finish

log = get_logger(__name__)


async def look(event_log: EventLog) -> None:
    """Recompute every hash once and say what came of it, in the log and in the metrics."""
    found = await event_log.verify()
    LOG_MISFITS.labels(event_log.service).set(len(found.broken))
    LOG_VERIFIED.labels(event_log.service).set(time())
    for broken in found.broken:
        at = f"{event_log.service}.{broken.partition}.{broken.position}"
        log.error("eventlog.misfit", at=at, reason=broken.reason)


async def watch(event_log: EventLog) -> None:
    """Look every day for as long as the service runs."""
    wait = FIRST
    while True:
        await asyncio.sleep(wait)
        try:
            await look(event_log)
            wait = EVERY
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("eventlog.not_verified", error=repr(error))
            wait = AGAIN
