"""How many meetings are due today and how many are held: what an operator sees beside the machine's figures."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Final

import asyncpg

from shared.clock import VIETNAM, vietnam_date
from shared.context import Context
from shared.streams.faults import is_transient
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import MEETINGS_TODAY

log = get_logger(__name__)

EVERY: Final = 15.0  # seconds, as often as Prometheus looks
ASTRAY: Final = timedelta(days=31)  # a meeting opened further than this from its plan is not looked for

COUNT: Final = """
    SELECT count(*) FILTER (WHERE planned_at >= $1 AND planned_at < $2 AND phase <> 'cancelled') AS due,
        count(*) FILTER (WHERE opened_at >= $1 AND opened_at < $2) AS held
    FROM view_calendar.meeting WHERE planned_at >= $1 - $3::interval AND planned_at < $2 + $3::interval
"""


async def count(pool: asyncpg.Pool, now: datetime) -> tuple[int, int]:
    """Meetings planned for the day of ``now`` in Vietnam and not cancelled, and meetings opened on it."""
    midnight = datetime.combine(vietnam_date(now), time(), VIETNAM)
    due, held = await pool.fetchrow(COUNT, midnight, midnight + timedelta(days=1), ASTRAY)
    return due, held


async def measure(ctx: Context) -> None:
    due, held = await count(ctx.pool, ctx.clock())
    MEETINGS_TODAY.labels("due").set(due)
    MEETINGS_TODAY.labels("held").set(held)


async def run(ctx: Context) -> None:
    """Runs as long as the worker does."""
    while True:
        try:
            await measure(ctx)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("meetings of today are not counted", fault=repr(error))
        await asyncio.sleep(EVERY)
