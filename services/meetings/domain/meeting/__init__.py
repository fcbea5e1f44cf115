"""A meeting of a cell, from plan to minutes sent up: what it is, what may be asked of it, what then is fact."""

from services.meetings.domain.meeting.commands import (
    AssignTask,
    CancelMeeting,
    CloseMeeting,
    ConfirmMinutes,
    Correct,
    MoveMeeting,
    NotifyMembers,
    OpenMeeting,
    Order,
    PlanMeeting,
    RecordAttendance,
    RecordConclusion,
    RecordGuest,
    RecordStatement,
    SendUp,
)
from services.meetings.domain.meeting.decide import decide
from services.meetings.domain.meeting.evolve import evolve
from services.meetings.domain.meeting.state import AWAITED, OVER, Meeting, Phase

__all__ = [
    "AWAITED",
    "OVER",
    "AssignTask",
    "CancelMeeting",
    "CloseMeeting",
    "ConfirmMinutes",
    "Correct",
    "Meeting",
    "MoveMeeting",
    "NotifyMembers",
    "OpenMeeting",
    "Order",
    "Phase",
    "PlanMeeting",
    "RecordAttendance",
    "RecordConclusion",
    "RecordGuest",
    "RecordStatement",
    "SendUp",
    "decide",
    "evolve",
]
