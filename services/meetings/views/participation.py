"""Who came and who spoke, meeting by meeting: so that a chair sees whom to draw in. Counts only, no opinions."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from shared.eventlog import Recorded
from shared.events.meetings import (
    Attendance,
    AttendanceRecorded,
    CorrectionRecorded,
    MeetingClosed,
    StatementRecorded,
)
from shared.streams import Changes, Spot, Table, View

PART = Table(
    "part",
    columns={
        "meeting": "text NOT NULL",
        "member": "text NOT NULL",
        "status": "text",  # as the roll-call has it
        "spoke": "boolean NOT NULL",
    },
    key=("meeting", "member"),
    new={"spoke": False},
    indexes=("(member)",),
)

HELD = Table(
    "held",
    columns={"meeting": "text NOT NULL", "cell": "text NOT NULL", "opened_at": "timestamptz NOT NULL"},
    key=("meeting",),
    indexes=("(cell, opened_at DESC)",),
)

PARTICIPATION = View("participation", version=1, sources=("meetings",), tables=(PART, HELD), concurrent=("meetings",))


@PARTICIPATION.on(AttendanceRecorded)
async def called(changes: Changes, e: Recorded[AttendanceRecorded]) -> None:
    await _call(changes, e.data.meeting, e.data.records)


@PARTICIPATION.reads(AttendanceRecorded)
def on_roll(event: AttendanceRecorded) -> list[Spot]:
    return [PART.at(event.meeting, record.member) for record in event.records]


@PARTICIPATION.reads(StatementRecorded)
def speaker(event: StatementRecorded) -> list[Spot]:
    return [PART.at(event.meeting, event.speaker)]


@PARTICIPATION.on(StatementRecorded)
async def spoke(changes: Changes, e: Recorded[StatementRecorded]) -> None:
    row = await changes.row(PART, meeting=e.data.meeting, member=e.data.speaker)
    row["spoke"] = True


@PARTICIPATION.on(MeetingClosed)
async def closed(changes: Changes, e: Recorded[MeetingClosed]) -> None:
    changes.put(HELD, meeting=e.data.meeting, cell=e.data.cell, opened_at=e.data.opened_at)
    changes.touched(e.data.cell)


@PARTICIPATION.on(CorrectionRecorded)
async def corrected(changes: Changes, e: Recorded[CorrectionRecorded]) -> None:
    await _call(changes, e.data.meeting, e.data.attendance)


async def _call(changes: Changes, meeting: str, records: Sequence[Attendance]) -> None:
    for record in records:
        row = await changes.row(PART, meeting=meeting, member=record.member)
        row["status"] = record.status


@dataclass(frozen=True, slots=True)
class Run:
    """Of a member's last ``of`` closed meetings in the cell."""

    member: str
    of: int
    present: int
    spoke: int
    excused: int
    unexcused: int

    @property
    def is_quiet(self) -> bool:
        return self.present == self.of and self.spoke == 0


async def last_runs(pool: asyncpg.Pool, cell: str, meetings: int) -> list[Run]:
    """How each member took part in the cell's last ``meetings`` meetings; only members called at all of them."""
    rows = await pool.fetch(
        """
        WITH latest AS (
            SELECT meeting FROM view_participation.held WHERE cell = $1 ORDER BY opened_at DESC LIMIT $2
        )
        SELECT member, count(*) AS of,
            count(*) FILTER (WHERE status = 'present') AS present,
            count(*) FILTER (WHERE spoke) AS spoke,
            count(*) FILTER (WHERE status = 'excused') AS excused,
            count(*) FILTER (WHERE status = 'unexcused') AS unexcused
        FROM view_participation.part JOIN latest USING (meeting)
        GROUP BY member HAVING count(*) = $2 ORDER BY member
        """,
        cell,
        meetings,
    )
    return [Run(**dict(row)) for row in rows]
