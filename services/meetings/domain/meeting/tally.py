"""The counts of a meeting. Every rate on any page is one of these over another."""

from collections import Counter

from services.meetings.domain.meeting.state import Meeting
from shared.events.meetings import AttendanceStatus, Tally


def tally(meeting: Meeting) -> Tally:
    """Present, excused, unexcused and exempt sum to the roster; uncalled members are in none of them.

    Due (phải dự) is the roster less the exempt who did not come: an exempt member who came is present and due.
    """
    statuses = Counter(record.status for record in meeting.attendance.values())
    absent_exempt = sum(entry.exempt for member, entry in meeting.roster.items() if member not in meeting.present)
    return Tally(
        due=len(meeting.roster) - absent_exempt,
        present=statuses[AttendanceStatus.PRESENT],
        excused=statuses[AttendanceStatus.EXCUSED],
        unexcused=statuses[AttendanceStatus.UNEXCUSED],
        exempt=absent_exempt,
        online=sum(record.online for record in meeting.attendance.values()),
        guests=len(meeting.guests),
        spoke=len(meeting.spoke & meeting.present),
        statements=len(meeting.statements),
        tasks=len(meeting.tasks),
    )
