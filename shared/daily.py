"""What a service does because a date has arrived: once a day, when its views know all there was to know."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared.clock import VIETNAM, vietnam_date
from shared.context import Context
from shared.telemetry.log import get_logger

Task = Callable[[Context], Coroutine[Any, Any, None]]

AGAIN: Final = 60.0  # seconds until a run that failed is tried again
LOOK: Final = 900.0  # seconds between two looks at the date, so that a clock that jumps is noticed

log = get_logger(__name__)


async def every_day(task: Task, ctx: Context) -> None:
    """Run at the start, then soon after each midnight in Vietnam.

    It waits for the views, which at a first start are empty: what is judged by them would find nothing, for a day.
    """
    done: date | None = None
    while True:
        if (today := vietnam_date(ctx.clock())) != done:
            try:
                await ctx.subscriptions.caught_up()
                await task(ctx)
                done = today
            except Exception as error:
                log.warning("daily.retries", task=task.__name__, error=repr(error), exc_info=True)
                await asyncio.sleep(AGAIN)
                continue
        await asyncio.sleep(min(_until_tomorrow(ctx.clock()), LOOK))


def _until_tomorrow(now: datetime) -> float:
    here = now.astimezone(VIETNAM)
    tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=0, second=30, microsecond=0)
    return (tomorrow - here).total_seconds()
