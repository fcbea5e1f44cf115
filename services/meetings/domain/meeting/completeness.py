"""What the minutes must hold before a meeting may be closed, and what a secretary may wish to look at again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.meetings.domain.meeting.agenda import CONCLUSION
from services.meetings.domain.meeting.state import Meeting
from shared.events.meetings import AttendanceStatus


@dataclass(frozen=True, slots=True)
class Lack:
    """A required content that is missing; ``rule`` names it and has a text."""

    rule: str
    params: dict[str, Any] = field(default_factory=dict)


def lacking(meeting: Meeting) -> Iterator[Lack]:
    """Every required content that is missing, in the order in which a meeting comes to it."""
    if meeting.uncalled:
        yield Lack("closing.roll_call_complete", {"number": len(meeting.uncalled)})
    unexplained = [
        record.member
        for record in meeting.attendance.values()
        if record.status is AttendanceStatus.EXCUSED and not record.reason
    ]
    if unexplained:
        yield Lack("closing.excuses_have_reasons", {"number": len(unexplained)})
    if meeting.chair not in meeting.present:
        yield Lack("closing.chair_present")
    if meeting.minute_taker not in meeting.present:
        yield Lack("closing.minute_taker_present")
    conclusion = meeting.item(CONCLUSION)
    if conclusion is not None and conclusion.item not in meeting.conclusions:
        yield Lack("closing.conclusion_recorded", {"number": conclusion.number, "title": conclusion.title})
