"""A meeting told as given - when - then; people are letters, times are offsets from a day of no meaning."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.meetings.domain.cell_month import WINDOW
from services.meetings.domain.meeting import (
    AssignTask,
    CloseMeeting,
    ConfirmMinutes,
    Meeting,
    OpenMeeting,
    Order,
    PlanMeeting,
    RecordAttendance,
    RecordConclusion,
    RecordStatement,
    decide,
    evolve,
)
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from shared.events import Event
from shared.events.meetings import Attendance, AttendanceStatus, MeetingKind, RosterEntry, RuleBasis
from shared.refusal import Refused

MEETING, CELL = "m1", "c1"
CHAIR, TAKER, MINH, SON = "chair", "taker", "minh", "son"  # SON is exempt
BEGIN = datetime(2026, 5, 10, 7, 0, tzinfo=UTC)  # 14:00 in Vietnam
DISCUSSED, CONCLUDED = item_id(MEETING, DISCUSSION), item_id(MEETING, CONCLUSION)
ROSTER = (
    RosterEntry(member=CHAIR, official=True),
    RosterEntry(member=TAKER, official=True),
    RosterEntry(member=MINH, official=False),
    RosterEntry(member=SON, official=True, exempt=True),
)


def after(**span: float) -> datetime:
    return BEGIN + timedelta(**span)


def window(last_day: int | None) -> RuleBasis:
    return RuleBasis(code=WINDOW, value=last_day, legal_basis="nghị quyết chi bộ")


def report_up(days: int) -> RuleBasis:
    return RuleBasis(code="meeting.report_up.days", value=days, legal_basis="42-HD/BTCTW")


def plan(kind: MeetingKind = MeetingKind.REGULAR, theme: str | None = None) -> PlanMeeting:
    return PlanMeeting(MEETING, CELL, kind, "2026-05", BEGIN, "Nhà văn hóa bản", theme=theme)


def called(member: str, status: str = "present", *, online: bool = False, reason: str | None = None) -> Attendance:
    return Attendance(member=member, status=AttendanceStatus(status), online=online, reason=reason)


def roll(*records: Attendance) -> RecordAttendance:
    return RecordAttendance(records)


def says(speaker: str, text: str = "Nhất trí với dự thảo.", *, number: int = 1) -> RecordStatement:
    return RecordStatement(f"s{number}", DISCUSSED, speaker, text)


def task(**changes: object) -> AssignTask:
    given: dict[str, object] = {
        "task": "t1",
        "owner": MINH,
        "description": "Vận động làm đường nội bản",
        "quantity": Decimal(12),
        "unit": "hộ",
        "deadline": date(2026, 5, 31),
    }
    return AssignTask(**(given | changes))  # type: ignore[arg-type]


OPEN = OpenMeeting(BEGIN, CHAIR, TAKER, ROSTER)
CONCLUDE = RecordConclusion(CONCLUDED, "Giao đồng chí Minh vận động 12 hộ.")
CLOSE = CloseMeeting(after(minutes=95), (window(10),))
CONFIRM = ConfirmMinutes(after(minutes=100))
OPENED: tuple[Order, ...] = (plan(), OPEN)
GATHERED: tuple[Order, ...] = (
    *OPENED,
    roll(called(CHAIR), called(TAKER), called(MINH, "excused", reason="đi công tác")),
)
HELD: tuple[Order, ...] = (*GATHERED, says(CHAIR), CONCLUDE, CLOSE)


class Story:
    """Orders given are decided and folded at once; `when` keeps what the last order led to."""

    def __init__(self) -> None:
        self.meeting = Meeting()
        self.events: Sequence[Event] = ()

    def given(self, *orders: Order) -> "Story":
        for order in orders:
            self.when(order)
        return self

    def when(self, order: Order) -> "Story":
        self.events = decide(self.meeting, order)
        for event in self.events:
            self.meeting = evolve(self.meeting, event)
        return self

    def refuses(self, order: Order) -> Refused:
        """What the order is refused with; the meeting stays as it was."""
        with pytest.raises(Refused) as refusal:
            decide(self.meeting, order)
        return refusal.value
