"""How each fact changes what a meeting is. Total over the meeting's events; asks nothing, refuses nothing."""

from dataclasses import replace
from typing import Any

from services.meetings.domain.meeting.state import Closing, Meeting, Phase, Statement
from shared.events.meetings import (
    AttendanceRecorded,
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
    TaskAssigned,
)


def evolve(meeting: Meeting, event: Any) -> Meeting:
    match event:
        case MeetingPlanned():
            return Meeting(
                phase=Phase.PLANNED,
                meeting=event.meeting,
                cell=event.cell,
                kind=event.kind,
                form=event.form,
                period=event.period,
                planned_at=event.planned_at,
                place=event.place,
                theme=event.theme,
                agenda=event.agenda,
                entry=event.entry,
            )
        case MeetingNotified():
            return replace(meeting, phase=Phase.NOTIFIED, notified_at=event.notified_at)
        case MeetingMoved():  # the notice given was of another time: members must be told again
            return replace(
                meeting, phase=Phase.PLANNED, planned_at=event.planned_at, place=event.place, reason=event.reason
            )
        case MeetingCancelled():
            return replace(meeting, phase=Phase.CANCELLED, reason=event.reason)
        case MeetingOpened():
            return replace(
                meeting,
                phase=Phase.OPEN,
                opened_at=event.opened_at,
                chair=event.chair,
                minute_taker=event.minute_taker,
                roster={entry.member: entry for entry in event.roster},
                entry=event.entry or meeting.entry,
            )
        case AttendanceRecorded():
            called = {record.member: record for record in event.records}
            return replace(meeting, attendance={**meeting.attendance, **called})
        case GuestRecorded():
            return replace(meeting, guests={**meeting.guests, event.guest: event.capacity})
        case StatementRecorded():
            said = Statement(event.item, event.speaker, event.text)
            return replace(meeting, statements={**meeting.statements, event.statement: said})
        case ConclusionRecorded():
            return replace(meeting, conclusions={**meeting.conclusions, event.item: event.text})
        case TaskAssigned():
            return replace(meeting, tasks={**meeting.tasks, event.task: event})
        case MeetingClosed():
            closing = Closing(event.closed_at, event.minutes, event.tally, event.late, event.basis)
            return replace(meeting, phase=Phase.CLOSED, closing=closing)
        case MinutesConfirmed():
            return replace(meeting, phase=Phase.CONFIRMED, confirmed_at=event.confirmed_at)
        case MinutesSentUp():
            return replace(meeting, phase=Phase.SENT_UP, sent_up=event)
        case CorrectionRecorded():
            return _corrected(meeting, event)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a meeting")


def _corrected(meeting: Meeting, event: CorrectionRecorded) -> Meeting:
    assert meeting.closing is not None, "only a closed meeting is corrected"
    changed = replace(
        meeting,
        corrections=(*meeting.corrections, event),
        closing=replace(meeting.closing, tally=event.tally),
    )
    match event.subject, event.target:
        case "attendance", _:
            called = {record.member: record for record in event.attendance}
            return replace(changed, attendance={**meeting.attendance, **called})
        case "statement", str(target):
            said = replace(meeting.statements[target], text=event.after)
            return replace(changed, statements={**meeting.statements, target: said})
        case "conclusion", str(target):
            return replace(changed, conclusions={**meeting.conclusions, target: event.after})
        case "task", str(target):
            task = meeting.tasks[target].model_copy(update={"description": event.after})
            return replace(changed, tasks={**meeting.tasks, target: task})
        case _:  # a note stands beside the record
            return changed
