"""How what cells record changes the wall. Every handler touches the cell's own rows, and adds to those above."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from services.inspection.domain.month import counted, difference, of_meeting
from services.inspection.views.wall.judging import Row, judge_again
from services.inspection.views.wall.tables import (
    CELL_MONTH,
    CELL_YEAR,
    HAPPENING,
    MEETING,
    PLACE,
    WALL,
)
from shared.eventlog import Recorded
from shared.events.meetings import (
    AttendanceRecorded,
    AttendanceStatus,
    CellMonthMissed,
    CorrectionRecorded,
    Entry,
    GuestRecorded,
    MeetingCancelled,
    MeetingClosed,
    MeetingKind,
    MeetingMoved,
    MeetingNotified,
    MeetingOpened,
    MeetingPlanned,
    MinutesConfirmed,
    MinutesSentUp,
    StatementRecorded,
    TaskAssigned,
)
from shared.streams import Changes, Spot
from shared.vietnam import vietnam_date


@WALL.on(MeetingPlanned)
async def planned(change: Changes, recorded: Recorded[MeetingPlanned]) -> None:
    event = recorded.data
    meeting = change.put(
        MEETING,
        meeting=event.meeting,
        cell=event.cell,
        period=event.period,
        kind=event.kind.value,
        form=event.form.value,
        theme=event.theme,
        entry=event.entry.value,
        planned_at=event.planned_at,
    )
    if event.entry is Entry.PAPER:  # nobody planned it here: what happened begins with its opening
        change.touched(event.cell)
        return
    _happened(change, recorded, meeting, "planned", recorded.recorded_at, planned_at=event.planned_at.isoformat())


@WALL.on(MeetingNotified)
async def notified(change: Changes, recorded: Recorded[MeetingNotified]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    _happened(change, recorded, meeting, "notified", recorded.data.notified_at, members=len(recorded.data.members))


@WALL.on(MeetingMoved)
async def moved(change: Changes, recorded: Recorded[MeetingMoved]) -> None:
    event = recorded.data
    meeting = await _meeting(change, event.meeting)
    meeting["planned_at"] = event.planned_at
    _happened(
        change, recorded, meeting, "moved", recorded.recorded_at,
        planned_at=event.planned_at.isoformat(), reason=event.reason,
    )  # fmt: skip


@WALL.on(MeetingCancelled)
async def cancelled(change: Changes, recorded: Recorded[MeetingCancelled]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    await _settle(change, meeting, cancelled_at=recorded.recorded_at)
    _happened(change, recorded, meeting, "cancelled", recorded.recorded_at, reason=recorded.data.reason)


@WALL.on(MeetingOpened)
async def opened(change: Changes, recorded: Recorded[MeetingOpened]) -> None:
    event = recorded.data
    meeting = await _meeting(change, event.meeting)
    exempt = sum(entry.exempt for entry in event.roster)
    meeting |= {"due": len(event.roster) - exempt, "exempt": exempt, "roll": {}, "speakers": []}
    meeting["roll"] = {entry.member: AttendanceStatus.EXEMPT.value for entry in event.roster if entry.exempt}
    if event.entry is not None:
        meeting["entry"] = event.entry.value
    await _settle(change, meeting, opened_at=event.opened_at)
    _happened(change, recorded, meeting, "opened", event.opened_at, due=meeting["due"])


@WALL.on(AttendanceRecorded)
async def attendance_recorded(change: Changes, recorded: Recorded[AttendanceRecorded]) -> None:
    """While the meeting goes on the wall shows how many have come; its closing brings the figures that count."""
    meeting = await _meeting(change, recorded.data.meeting)
    if meeting["roll"] is None:
        return
    roll = meeting["roll"] = meeting["roll"] | {one.member: one.status.value for one in recorded.data.records}
    was_roll = meeting["due"] + meeting["exempt"]
    numbers = Counter(roll.values())
    for status in AttendanceStatus:
        meeting[status.value] = numbers[status.value]
    meeting["due"] = was_roll - meeting["exempt"]
    change.touched(meeting["cell"])


@WALL.on(GuestRecorded)
async def guest_recorded(change: Changes, recorded: Recorded[GuestRecorded]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    meeting["guests"] += 1


@WALL.on(StatementRecorded)
async def statement_recorded(change: Changes, recorded: Recorded[StatementRecorded]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    if meeting["speakers"] is None:
        return
    meeting["speakers"] = sorted({*meeting["speakers"], recorded.data.speaker})
    meeting["spoke"] = len(meeting["speakers"])
    meeting["statements"] += 1
    change.touched(meeting["cell"])


@WALL.on(TaskAssigned)
async def task_assigned(change: Changes, recorded: Recorded[TaskAssigned]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    if meeting["closed_at"] is None:
        meeting["tasks"] += 1


@WALL.on(MeetingClosed)
async def closed(change: Changes, recorded: Recorded[MeetingClosed]) -> None:
    event = recorded.data
    meeting = await _meeting(change, event.meeting)
    await _settle(
        change, meeting,
        kind=event.kind.value, period=event.period, opened_at=event.opened_at, closed_at=event.closed_at,
        minutes=event.minutes, late=event.late, window_end=event.window_end, roll=None, speakers=None,
        **counted(event.tally),
    )  # fmt: skip
    await _met(change, meeting, vietnam_date(event.opened_at))
    _happened(
        change, recorded, meeting, "closed", event.closed_at,
        due=meeting["due"], present=meeting["present"], spoke=meeting["spoke"], minutes=event.minutes, late=event.late,
    )  # fmt: skip


@WALL.on(MinutesConfirmed)
async def minutes_confirmed(change: Changes, recorded: Recorded[MinutesConfirmed]) -> None:
    meeting = await _meeting(change, recorded.data.meeting)
    meeting["confirmed_at"] = recorded.data.confirmed_at
    _happened(change, recorded, meeting, "confirmed", recorded.data.confirmed_at)


@WALL.on(MinutesSentUp)
async def minutes_sent_up(change: Changes, recorded: Recorded[MinutesSentUp]) -> None:
    event = recorded.data
    meeting = await _meeting(change, event.meeting)
    await _settle(change, meeting, sent_at=event.sent_at, sent_on_time=event.on_time, sent_due_on=event.due_on)
    _happened(change, recorded, meeting, "sent", event.sent_at, on_time=event.on_time, due_on=event.due_on.isoformat())


@WALL.on(CorrectionRecorded)
async def correction_recorded(change: Changes, recorded: Recorded[CorrectionRecorded]) -> None:
    event = recorded.data
    meeting = await _meeting(change, event.meeting)
    await _settle(change, meeting, corrections=meeting["corrections"] + 1, **counted(event.tally))
    _happened(
        change, recorded, meeting, "corrected", recorded.recorded_at,
        subject=event.subject, before=event.before, after=event.after, reason=event.reason,
    )  # fmt: skip


@WALL.on(CellMonthMissed)
async def month_missed(change: Changes, recorded: Recorded[CellMonthMissed]) -> None:
    event = recorded.data
    await judge_again(change, event.cell, event.period, lambda month: month.update(noticed_missing=1))
    change.put(
        HAPPENING,
        partition=recorded.at.partition,
        position=recorded.at.position,
        cell=event.cell,
        period=event.period,
        kind="missed",
        happened_at=event.noticed_at,
        recorded_at=recorded.recorded_at,
        entry=recorded.metadata.entry,
        detail={"window_end": event.window_end.isoformat()},
    )


@WALL.reads(
    MeetingPlanned,
    MeetingNotified,
    MeetingMoved,
    MeetingCancelled,
    MeetingOpened,
    AttendanceRecorded,
    GuestRecorded,
    StatementRecorded,
    TaskAssigned,
    MeetingClosed,
    MinutesConfirmed,
    MinutesSentUp,
    CorrectionRecorded,
)
def of_meeting_and_cell(event: Any) -> list[Spot]:
    return [MEETING.at(event.meeting), PLACE.at(event.cell)]


@WALL.reads(MeetingPlanned, MeetingClosed, CellMonthMissed)
def of_month(event: Any) -> list[Spot]:
    year = int(event.period[:4])
    return [CELL_MONTH.at(event.cell, event.period), CELL_YEAR.at(event.cell, year)]


async def _meeting(change: Changes, meeting: str) -> Row:
    row = await change.find(MEETING, meeting=meeting)
    if row is None:  # its own events are in order, so this is a damaged log: to be parked and seen
        raise LookupError(f"meeting {meeting} was never planned")
    return row


async def _settle(change: Changes, meeting: Row, **facts: Any) -> None:
    """Write facts of a meeting, and carry what they change into its month and everything above."""
    before, was_period = of_meeting(meeting), meeting["period"]
    meeting |= facts
    if meeting["period"] != was_period:
        await judge_again(change, meeting["cell"], was_period, lambda month: _add(month, difference({}, before)))
        before = {}
    delta = difference(of_meeting(meeting), before)

    def apply(month: Row) -> None:
        _add(month, delta)
        going_on = meeting["opened_at"] is not None and meeting["closed_at"] is None
        if going_on and meeting["cancelled_at"] is None:
            month["open_meeting"] = meeting["meeting"]
        elif month["open_meeting"] == meeting["meeting"]:
            month["open_meeting"] = None
        if meeting["closed_at"] is None:
            return
        if meeting["kind"] == MeetingKind.REGULAR.value:
            month |= {"meeting": meeting["meeting"], "entry": meeting["entry"]}
            month["held_on"] = vietnam_date(meeting["opened_at"])
        else:
            month["other_meeting"] = meeting["meeting"]

    await judge_again(change, meeting["cell"], meeting["period"], apply)


def _add(month: Row, delta: dict[str, int]) -> None:
    for name, amount in delta.items():
        month[name] += amount


async def _met(change: Changes, meeting: Row, day: date) -> None:
    year = await change.row(CELL_YEAR, cell=meeting["cell"], year=int(meeting["period"][:4]))
    year["last_met"] = max(filter(None, (year["last_met"], day)))


def _happened(change: Changes, recorded: Recorded[Any], meeting: Row, kind: str, when: datetime, **detail: Any) -> None:
    change.put(
        HAPPENING,
        partition=recorded.at.partition,
        position=recorded.at.position,
        cell=meeting["cell"],
        period=meeting["period"],
        meeting=meeting["meeting"],
        kind=kind,
        happened_at=when,
        recorded_at=recorded.recorded_at,
        entry=meeting["entry"],
        detail={"meeting_kind": meeting["kind"], **detail},
    )
    change.touched(meeting["cell"])
