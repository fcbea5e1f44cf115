"""The meetings of each cell, month by month, with where each stands: the secretary's list and the year's count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from services.meetings.domain.meeting import Phase
from shared.clock import VIETNAM, period_of, vietnam_date
from shared.eventlog import Recorded
from shared.events.meetings import (
    AttendanceRecorded,
    CellMonthMissed,
    ConclusionRecorded,
    CorrectionRecorded,
    GuestRecorded,
    MeetingCancelled,
    MeetingClosed,
    MeetingMoved,
    MeetingNotified,
    MeetingOpened,
    MeetingPlanned,
    MinutesConfirmed,
    MinutesSentUp,
    StatementRecorded,
    Tally,
    TaskAssigned,
)
from shared.events.members import OrganisationEstablished, OrganisationKind
from shared.streams import Changes, Spot, Table, View

MEETING = Table(
    "meeting",
    columns={
        "meeting": "text NOT NULL",
        "cell": "text NOT NULL",
        "kind": "text NOT NULL",
        "form": "text NOT NULL",
        "period": "text NOT NULL",
        "planned_at": "timestamptz NOT NULL",
        "place": "text NOT NULL",
        "theme": "text",
        "phase": "text NOT NULL",
        "opened_at": "timestamptz",
        "closed_at": "timestamptz",
        "minutes": "integer",
        "due": "integer",
        "present": "integer",
        "spoke": "integer",
        "late": "boolean",
        "on_time": "boolean",  # whether the minutes were sent up in time
        "entry": "text NOT NULL",  # live, paper or simulated
    },
    key=("meeting",),
    indexes=("(cell, planned_at DESC, meeting)", "(cell, period)", "(planned_at)"),
)

MISSED = Table(
    "missed",
    columns={"cell": "text NOT NULL", "period": "text NOT NULL", "window_end": "date NOT NULL"},
    key=("cell", "period"),
)

KNOWN = Table(
    "known",
    columns={"cell": "text NOT NULL", "period": "text NOT NULL"},  # since which period chibo knows the cell
    key=("cell",),
)

# Each table is changed by the events of one service only, a row by one partition of it.
CALENDAR = View(
    "calendar",
    version=3,
    sources=("members", "meetings"),
    tables=(MEETING, MISSED, KNOWN),
    concurrent=("members", "meetings"),
)


@CALENDAR.on(OrganisationEstablished)
async def established(changes: Changes, e: Recorded[OrganisationEstablished]) -> None:
    if e.data.kind is OrganisationKind.CELL:
        changes.put(KNOWN, cell=e.data.organisation, period=period_of(vietnam_date(e.recorded_at)))


@CALENDAR.on(MeetingPlanned)
async def planned(changes: Changes, e: Recorded[MeetingPlanned]) -> None:
    row = changes.put(MEETING, **e.data.model_dump(exclude={"agenda"}), phase=Phase.PLANNED)
    _touched(changes, row)


@CALENDAR.on(MeetingNotified)
async def notified(changes: Changes, e: Recorded[MeetingNotified]) -> None:
    await _update(changes, e.data.meeting, phase=Phase.NOTIFIED)


@CALENDAR.on(MeetingMoved)
async def moved(changes: Changes, e: Recorded[MeetingMoved]) -> None:
    await _update(changes, e.data.meeting, phase=Phase.PLANNED, planned_at=e.data.planned_at, place=e.data.place)


@CALENDAR.on(MeetingCancelled)
async def cancelled(changes: Changes, e: Recorded[MeetingCancelled]) -> None:
    await _update(changes, e.data.meeting, phase=Phase.CANCELLED)


@CALENDAR.on(MeetingOpened)
async def opened(changes: Changes, e: Recorded[MeetingOpened]) -> None:
    recorded = {"entry": e.data.entry} if e.data.entry else {}
    await _update(changes, e.data.meeting, phase=Phase.OPEN, opened_at=e.data.opened_at, **recorded)


@CALENDAR.on(MeetingClosed)
async def closed(changes: Changes, e: Recorded[MeetingClosed]) -> None:
    await _update(
        changes,
        e.data.meeting,
        phase=Phase.CLOSED,
        closed_at=e.data.closed_at,
        minutes=e.data.minutes,
        late=e.data.late,
        **_counts(e.data.tally),
    )


@CALENDAR.on(AttendanceRecorded, GuestRecorded, StatementRecorded, ConclusionRecorded, TaskAssigned)
async def heard(changes: Changes, e: Recorded[Any]) -> None:
    """Nothing of the list changes; whoever follows the room live is told."""
    changes.touched(e.data.meeting)


@CALENDAR.on(MinutesConfirmed)
async def confirmed(changes: Changes, e: Recorded[MinutesConfirmed]) -> None:
    await _update(changes, e.data.meeting, phase=Phase.CONFIRMED)


@CALENDAR.on(MinutesSentUp)
async def sent_up(changes: Changes, e: Recorded[MinutesSentUp]) -> None:
    await _update(changes, e.data.meeting, phase=Phase.SENT_UP, on_time=e.data.on_time)


@CALENDAR.on(CorrectionRecorded)
async def corrected(changes: Changes, e: Recorded[CorrectionRecorded]) -> None:
    await _update(changes, e.data.meeting, **_counts(e.data.tally))


@CALENDAR.on(CellMonthMissed)
async def missed(changes: Changes, e: Recorded[CellMonthMissed]) -> None:
    changes.put(MISSED, cell=e.data.cell, period=e.data.period, window_end=e.data.window_end)


@CALENDAR.reads(
    MeetingNotified,
    MeetingMoved,
    MeetingCancelled,
    MeetingOpened,
    MeetingClosed,
    MinutesConfirmed,
    MinutesSentUp,
    CorrectionRecorded,
)
def changed(event: Any) -> list[Spot]:
    return [MEETING.at(event.meeting)]


async def _update(changes: Changes, meeting: str, **values: Any) -> None:
    row = await changes.find(MEETING, meeting=meeting)
    if row is None:  # its stream begins with the plan, so this is a damaged log: to be parked and seen
        raise LookupError(f"meeting {meeting} was never planned")
    row |= values
    _touched(changes, row)


def _touched(changes: Changes, row: dict[str, Any]) -> None:
    changes.touched(row["meeting"])
    changes.touched(row["cell"])


def _counts(tally: Tally) -> dict[str, int]:
    return tally.model_dump(include={"due", "present", "spoke"})


# Queries ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One meeting of the list. The counts are those at closing, with corrections; None before."""

    meeting: str
    cell: str
    kind: str
    form: str
    period: str
    planned_at: datetime
    place: str
    theme: str | None
    phase: Phase
    opened_at: datetime | None
    closed_at: datetime | None
    minutes: int | None
    due: int | None
    present: int | None
    spoke: int | None
    late: bool | None
    on_time: bool | None
    entry: str


async def of_cell(
    pool: asyncpg.Pool, cell: str, *, limit: int, before: tuple[datetime, str] | None = None
) -> list[Entry]:
    """Meetings of a cell, latest first; ``before`` is (planned_at, meeting) of the last one seen."""
    at, meeting = before or (None, "")
    rows = await pool.fetch(
        """
        SELECT * FROM view_calendar.meeting
        WHERE cell = $1 AND ($2::timestamptz IS NULL OR (planned_at, meeting) < ($2, $3))
        ORDER BY planned_at DESC, meeting DESC LIMIT $4
        """,
        cell,
        at,
        meeting,
        limit,
    )
    return [_entry(row) for row in rows]


async def of_period(pool: asyncpg.Pool, cells: Sequence[str], period: str) -> list[Entry]:
    """What these cells planned or held for a period, cancelled meetings left out."""
    rows = await pool.fetch(
        """
        SELECT * FROM view_calendar.meeting
        WHERE cell = ANY($1::text[]) AND period = $2 AND phase <> 'cancelled' ORDER BY planned_at, meeting
        """,
        list(cells),
        period,
    )
    return [_entry(row) for row in rows]


async def regular_periods(pool: asyncpg.Pool, cell: str) -> set[str]:
    """The months whose regular meeting has been recorded, or is going on."""
    rows = await pool.fetch(
        "SELECT period FROM view_calendar.meeting WHERE cell = $1 AND kind = 'regular' AND opened_at IS NOT NULL", cell
    )
    return {row["period"] for row in rows}


async def unsent(pool: asyncpg.Pool, cell: str) -> list[Entry]:
    """Closed meetings whose minutes have not gone up, the oldest first."""
    rows = await pool.fetch(
        """
        SELECT * FROM view_calendar.meeting
        WHERE cell = $1 AND phase IN ('closed', 'confirmed') ORDER BY closed_at, meeting
        """,
        cell,
    )
    return [_entry(row) for row in rows]


async def missed_periods(pool: asyncpg.Pool, cell: str, since: str) -> dict[str, date]:
    """Periods from ``since`` on that passed without a regular meeting and still have none -> their window's end."""
    rows = await pool.fetch(
        """
        SELECT period, window_end FROM view_calendar.missed m
        WHERE cell = $1 AND period >= $2 AND NOT EXISTS (
            SELECT FROM view_calendar.meeting
            WHERE cell = m.cell AND period = m.period AND kind = 'regular' AND closed_at IS NOT NULL
        ) ORDER BY period
        """,
        cell,
        since,
    )
    return {row["period"]: row["window_end"] for row in rows}


async def number_in_year(pool: asyncpg.Pool, cell: str, kind: str, opened_at: datetime) -> int:
    """Which meeting of its kind in the year this is, counted in Vietnam's year by the time of opening."""
    first = datetime(opened_at.astimezone(VIETNAM).year, 1, 1, tzinfo=VIETNAM)
    counted: int = await pool.fetchval(
        """
        SELECT count(*) FROM view_calendar.meeting
        WHERE cell = $1 AND kind = $2 AND closed_at IS NOT NULL AND opened_at >= $3 AND opened_at < $4
        """,
        cell,
        kind,
        first,
        opened_at,
    )
    return counted + 1


async def recorded_periods(pool: asyncpg.Pool, cells: Sequence[str]) -> dict[str, tuple[str, set[str]]]:
    """Cell -> since when chibo knows it, and the periods already held or noticed as missed.

    A cell is known from when it was registered, or from its earliest recorded meeting if that lies before.
    """
    rows = await pool.fetch(
        """
        SELECT k.cell, least(k.period, (SELECT min(period) FROM view_calendar.meeting m
                                        WHERE m.cell = k.cell AND m.closed_at IS NOT NULL)) AS since,
            array(SELECT period FROM view_calendar.meeting m
                  WHERE m.cell = k.cell AND m.kind = 'regular' AND m.opened_at IS NOT NULL
                  UNION SELECT period FROM view_calendar.missed s WHERE s.cell = k.cell) AS settled
        FROM view_calendar.known k WHERE k.cell = ANY($1::text[])
        """,
        list(cells),
    )
    return {row["cell"]: (row["since"], set(row["settled"])) for row in rows}


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(**{**dict(row), "phase": Phase(row["phase"])})
