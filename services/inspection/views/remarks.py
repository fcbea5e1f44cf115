"""The remarks supervisors made to cells, and when a cell was last in touch with the level above."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.eventlog import Recorded
from shared.events.inspection import RemarkRecorded
from shared.streams import Changes, Table, View

REMARK = Table(
    "remark",
    columns={
        "remark": "text NOT NULL",
        "cell": "text NOT NULL",
        "period": "text NOT NULL",
        "meeting": "text",
        "text": "text NOT NULL",
        "account": "text NOT NULL",
        "remarked_at": "timestamptz NOT NULL",
    },
    key=("remark",),
    indexes=("(cell, remarked_at DESC)",),
)

REMARKS = View("remarks", version=1, sources=("inspection",), tables=(REMARK,), concurrent=("inspection",))


@REMARKS.on(RemarkRecorded)
async def recorded(change: Changes, recorded: Recorded[RemarkRecorded]) -> None:
    event = recorded.data
    row = await change.row(REMARK, remark=event.remark)
    row |= event.model_dump(exclude={"remark"}) | {"account": recorded.metadata.actor}
    change.touched(event.cell)


@dataclass(frozen=True, slots=True)
class Remark:
    remark: str
    cell: str
    period: str
    meeting: str | None
    text: str
    account: str
    remarked_at: datetime


async def remarks_of(pool: asyncpg.Pool, cell: str, year: int, limit: int = 100) -> list[Remark]:
    """The remarks on the months of one year, newest first."""
    rows = await pool.fetch(
        """
        SELECT remark, cell, period, meeting, text, account, remarked_at FROM view_remarks.remark
        WHERE cell = $1 AND period BETWEEN $2 AND $3 ORDER BY remarked_at DESC LIMIT $4
        """,
        cell,
        f"{year}-01",
        f"{year}-12",
        limit,
    )
    return [Remark(**row) for row in rows]


async def last_contact(pool: asyncpg.Pool, cell: str) -> datetime | None:
    """When the level above last addressed the cell; practice 110 counts the days since."""
    found: datetime | None = await pool.fetchval(
        "SELECT max(remarked_at) FROM view_remarks.remark WHERE cell = $1", cell
    )
    return found
