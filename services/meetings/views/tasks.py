"""Tasks given in meetings, by owner and by deadline."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import asyncpg

from shared.eventlog import Recorded
from shared.events.meetings import CorrectionRecorded, TaskAssigned
from shared.streams import Changes, Table, View

TASK = Table(
    "task",
    columns={
        "task": "text NOT NULL",
        "meeting": "text NOT NULL",
        "cell": "text NOT NULL",
        "owner": "text NOT NULL",
        "description": "text NOT NULL",
        "quantity": "numeric NOT NULL",
        "unit": "text NOT NULL",
        "deadline": "date NOT NULL",
        "assigned_at": "timestamptz NOT NULL",  # when the log took it
    },
    key=("task",),
    indexes=("(cell, deadline, task)", "(owner, deadline, task)"),
)

TASKS = View("tasks", version=1, sources=("meetings",), tables=(TASK,), concurrent=("meetings",))


@TASKS.on(TaskAssigned)
async def assigned(changes: Changes, e: Recorded[TaskAssigned]) -> None:
    changes.put(TASK, **e.data.model_dump(), assigned_at=e.recorded_at)
    changes.touched(e.data.cell)


@TASKS.on(CorrectionRecorded)
async def corrected(changes: Changes, e: Recorded[CorrectionRecorded]) -> None:
    if e.data.subject == "task" and e.data.target is not None:
        row = await changes.row(TASK, task=e.data.target)
        row["description"] = e.data.after
        changes.touched(e.data.cell)


@dataclass(frozen=True, slots=True)
class Task:
    task: str
    meeting: str
    cell: str
    owner: str
    description: str
    quantity: Decimal
    unit: str
    deadline: date
    assigned_at: datetime


async def of_cell(
    pool: asyncpg.Pool, cell: str, *, limit: int, from_on: date | None = None, after: tuple[date, str] | None = None
) -> list[Task]:
    """Tasks of a cell by deadline, the nearest first; ``from_on`` leaves out deadlines before it."""
    return await _fetch(pool, "cell", cell, limit, from_on, after)


async def of_owner(
    pool: asyncpg.Pool, owner: str, *, limit: int, from_on: date | None = None, after: tuple[date, str] | None = None
) -> list[Task]:
    """Tasks of one member, whichever cell gave them."""
    return await _fetch(pool, "owner", owner, limit, from_on, after)


async def _fetch(
    pool: asyncpg.Pool, column: str, value: str, limit: int, from_on: date | None, after: tuple[date, str] | None
) -> list[Task]:
    deadline, task = after or (None, "")
    rows = await pool.fetch(
        f"""
        SELECT * FROM view_tasks.task
        WHERE {column} = $1 AND ($2::date IS NULL OR deadline >= $2)
            AND ($3::date IS NULL OR (deadline, task) > ($3, $4))
        ORDER BY deadline, task LIMIT $5
        """,  # noqa: S608  (column is one of the two constants above)
        value,
        from_on,
        deadline,
        task,
        limit,
    )
    return [Task(**dict(row)) for row in rows]
