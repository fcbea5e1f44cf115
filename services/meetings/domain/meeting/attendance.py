"""The rules of the roll-call, for recording it and for correcting it."""

from collections.abc import Sequence

from services.meetings.domain.meeting.state import Meeting
from shared.events.meetings import Attendance, AttendanceStatus
from shared.refusal import require


def check_roll_call(meeting: Meeting, records: Sequence[Attendance]) -> None:
    """Raises `Refused` if one of the records cannot stand beside what the meeting already holds."""
    require(bool(records), "attendance.names_members")
    for record in records:
        entry = meeting.roster.get(record.member)
        if entry is None:
            require(False, "attendance.on_roster")
            return
        present = record.status is AttendanceStatus.PRESENT
        require(present or not record.online, "attendance.online_is_present")
        if entry.exempt:
            require(present or record.status is AttendanceStatus.EXEMPT, "attendance.exempt_not_absent")
        else:
            require(record.status is not AttendanceStatus.EXEMPT, "attendance.exemption_granted")
        require(present or record.member not in meeting.spoke, "attendance.speaker_stays_present")
