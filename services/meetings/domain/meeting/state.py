"""What a meeting is at one moment: the fold of its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.events.meetings import (
    AgendaItem,
    Attendance,
    AttendanceStatus,
    CorrectionRecorded,
    Entry,
    MeetingForm,
    MeetingKind,
    MinutesSentUp,
    RosterEntry,
    RuleBasis,
    Tally,
    TaskAssigned,
)


class Phase(StrEnum):
    """Where a meeting stands in its life: each phase is reached by one event and left by another."""

    UNPLANNED = "unplanned"
    PLANNED = "planned"
    NOTIFIED = "notified"
    OPEN = "open"
    CLOSED = "closed"
    CONFIRMED = "confirmed"
    SENT_UP = "sent_up"
    CANCELLED = "cancelled"


AWAITED = frozenset({Phase.PLANNED, Phase.NOTIFIED})  # announced, not yet begun
OVER = frozenset({Phase.CLOSED, Phase.CONFIRMED, Phase.SENT_UP})  # changes only by correction


@dataclass(frozen=True, slots=True)
class Statement:
    item: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Closing:
    """How the meeting ended and what was judged of it then."""

    closed_at: datetime
    minutes: int
    tally: Tally
    late: bool
    basis: tuple[RuleBasis, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    phase: Phase = Phase.UNPLANNED
    meeting: str = ""
    cell: str = ""
    kind: MeetingKind = MeetingKind.REGULAR
    form: MeetingForm = MeetingForm.IN_PERSON
    period: str = ""
    planned_at: datetime | None = None
    place: str = ""
    theme: str | None = None
    entry: Entry = Entry.LIVE
    agenda: tuple[AgendaItem, ...] = ()
    reason: str | None = None  # why it was last moved, or cancelled
    notified_at: datetime | None = None
    opened_at: datetime | None = None
    chair: str = ""
    minute_taker: str = ""
    roster: Mapping[str, RosterEntry] = field(default_factory=dict)
    attendance: Mapping[str, Attendance] = field(default_factory=dict)
    guests: Mapping[str, str] = field(default_factory=dict)  # guest -> office and body
    statements: Mapping[str, Statement] = field(default_factory=dict)
    conclusions: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, TaskAssigned] = field(default_factory=dict)
    closing: Closing | None = None
    confirmed_at: datetime | None = None
    sent_up: MinutesSentUp | None = None
    corrections: tuple[CorrectionRecorded, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.phase is Phase.OPEN

    @property
    def present(self) -> frozenset[str]:
        return frozenset(m for m, a in self.attendance.items() if a.status is AttendanceStatus.PRESENT)

    def is_present(self, member: str) -> bool:
        called = self.attendance.get(member)
        return called is not None and called.status is AttendanceStatus.PRESENT

    @property
    def spoke(self) -> frozenset[str]:
        """Members who spoke; guests are not on the roster and do not count."""
        return frozenset(statement.speaker for statement in self.statements.values())

    @property
    def uncalled(self) -> tuple[str, ...]:
        """Whom the roll-call still has to name. An exempt member who is not called is simply exempt."""
        return tuple(m for m, entry in self.roster.items() if not entry.exempt and m not in self.attendance)

    def item(self, kind: str) -> AgendaItem | None:
        """The agenda item of a kind, if this agenda has one."""
        return next((item for item in self.agenda if item.kind == kind), None)
