"""A closed meeting changes only so: what stood, what it should say, and why; both stay visible."""

from dataclasses import replace

from services.meetings.domain.meeting.attendance import check_roll_call
from services.meetings.domain.meeting.commands import Correct
from services.meetings.domain.meeting.state import Meeting
from services.meetings.domain.meeting.tally import tally
from shared.events.meetings import Attendance, CorrectionRecorded
from shared.refusal import Refused, require


def correct(meeting: Meeting, command: Correct) -> CorrectionRecorded:
    require(bool(command.reason.strip()), "correction.has_reason")
    if command.subject == "attendance":
        return _correct_attendance(meeting, command)
    before, after = _stood(meeting, command), command.after.strip()
    require(bool(after), "correction.has_text")
    require(before != after, "correction.changes_something")
    return _recorded(meeting, command, before, after)


def _correct_attendance(meeting: Meeting, command: Correct) -> CorrectionRecorded:
    new = command.attendance
    if new is None or new.member != command.target:
        raise Refused("correction.names_member")
    check_roll_call(meeting, [new])
    old = meeting.attendance.get(new.member)
    require(old != new, "correction.changes_something")
    corrected = replace(meeting, attendance={**meeting.attendance, new.member: new})
    before = old.status.value if old else "exempt"
    return _recorded(corrected, command, before, new.status.value, (new,))


def _stood(meeting: Meeting, command: Correct) -> str:
    """The text the record holds now."""
    target = command.target or ""
    match command.subject:
        case "note":
            return ""
        case "statement" if target in meeting.statements:
            return meeting.statements[target].text
        case "conclusion" if target in meeting.conclusions:
            return meeting.conclusions[target]
        case "task" if target in meeting.tasks:
            return meeting.tasks[target].description
        case _:
            raise Refused("correction.names_what_stood")


def _recorded(
    meeting: Meeting, command: Correct, before: str, after: str, attendance: tuple[Attendance, ...] = ()
) -> CorrectionRecorded:
    return CorrectionRecorded(
        meeting=meeting.meeting,
        cell=meeting.cell,
        correction=command.correction,
        subject=command.subject,
        target=command.target,
        before=before,
        after=after,
        reason=command.reason.strip(),
        attendance=attendance,
        tally=tally(meeting),
    )
