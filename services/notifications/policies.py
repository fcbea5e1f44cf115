"""What people are told when others' events arrive. Each finding has a derived id, so it is raised once."""

from datetime import timedelta
from typing import Any

import asyncpg

from services.notifications import deliveries
from services.notifications.domain import notification
from services.notifications.domain.notification import Notification, Order, Raise
from shared.clock import vietnam_date
from shared.commands import Aggregate, execute
from shared.context import Context
from shared.eventlog import Command, Recorded
from shared.events.inspection import RemarkRecorded
from shared.events.meetings import CellMonthMissed
from shared.events.members import Office
from shared.ids import derived_id
from shared.streams import Policy

NOTIFICATIONS: Aggregate[Notification, Order] = Aggregate(
    "notification", Notification(), notification.decide, notification.evolve
)

CELL_LEADERS = (Office.CELL_SECRETARY, Office.DEPUTY_SECRETARY)
ABOVE = (Office.COMMITTEE_OFFICE, Office.INSPECTOR)

NEWS_FOR = timedelta(
    days=31
)  # an older gap, as a paper book entered late shows it, stands on the wall but tells nobody

tell = Policy("tell", sources=("meetings", "inspection"))


async def _raise(ctx: Context, connection: asyncpg.Connection, cause: Recorded[Any], order: Raise) -> None:
    await execute(
        ctx.log,
        NOTIFICATIONS,
        order.notification,
        order,
        key=order.organisation,
        command=Command(
            actor="system:tell",
            correlation=cause.metadata.correlation,
            causation=str(cause.at),
            key=f"tell:{order.notification}",
            fingerprint=order.notification.encode(),
        ),
        connection=connection,
    )
    await deliveries.enqueue(connection, order)


@tell.on(CellMonthMissed)
async def month_missed(ctx: Context, connection: asyncpg.Connection, e: Recorded[CellMonthMissed]) -> None:
    """The window of a month passed without a meeting: the cell's leaders and the level above are told."""
    missed = e.data
    if vietnam_date(ctx.clock()) - missed.window_end > NEWS_FOR:
        return
    await _raise(
        ctx,
        connection,
        e,
        Raise(
            notification=derived_id("notification", "cell_month.missed", missed.cell, missed.period),
            rule="cell_month.missed",
            organisation=missed.cell,
            audience=CELL_LEADERS + ABOVE,
            params={"period": missed.period, "window_end": missed.window_end.isoformat()},
            link=f"/inspection/cells/{missed.cell}",
            at=ctx.clock(),
        ),
    )


@tell.on(RemarkRecorded)
async def remark(ctx: Context, connection: asyncpg.Connection, e: Recorded[RemarkRecorded]) -> None:
    """A supervisor's remark goes back to the cell: its leaders are told, and led to where it is written."""
    said = e.data
    await _raise(
        ctx,
        connection,
        e,
        Raise(
            notification=derived_id("notification", "inspection.remark", said.remark),
            rule="inspection.remark",
            organisation=said.cell,
            audience=CELL_LEADERS,
            params={"period": said.period},
            link=f"/inspection/cells/{said.cell}?year={said.period[:4]}#remarks",
            at=ctx.clock(),
        ),
    )
