"""Events of the meetings service.

A meeting's stream is ``meeting:<id>``, a cell's missed month ``cell-month:<cell>:<period>``; the partition key is
the cell, so that all that happens to a cell is in order. Instants are aware; ``period`` is ``YYYY-MM``.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.events.base import Event
from shared.ids import Id

Period = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class MeetingKind(StrEnum):
    REGULAR = "regular"  # sinh hoạt thường kỳ
    THEMATIC = "thematic"  # sinh hoạt chuyên đề
    EXTRAORDINARY = "extraordinary"  # sinh hoạt bất thường


class MeetingForm(StrEnum):
    IN_PERSON = "in_person"
    EXPANDED = "expanded"
    FIELD = "field"
    ONLINE = "online"
    BY_GROUPS = "by_groups"


class Entry(StrEnum):
    """How the record came in: as it happened, or later from the paper book, or by the demo's simulation."""

    LIVE = "live"
    PAPER = "paper"
    SIMULATED = "simulated"


class AttendanceStatus(StrEnum):
    PRESENT = "present"
    EXCUSED = "excused"  # vắng có lý do
    UNEXCUSED = "unexcused"  # vắng không lý do
    EXEMPT = "exempt"  # miễn sinh hoạt và không dự


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AgendaItem(_Part):
    item: Id
    part: str  # "opening" | "proceedings" | "closing"
    number: int
    kind: str  # a key of the agenda template, e.g. "current_affairs", "discussion"
    title: str


class RosterEntry(_Part):
    """Who was on the cell's roll when the meeting opened; frozen then, since the roll changes."""

    member: Id
    official: bool
    exempt: bool = False


class Attendance(_Part):
    member: Id
    status: AttendanceStatus
    online: bool = False
    reason: str | None = None


class RuleBasis(_Part):
    """The parameter a judgement rests on, as it stood on the date that matters."""

    code: str
    value: int | float | str | bool | list[int] | list[float] | None
    legal_basis: str
    adopted_by: Id | None = None  # the organisation whose rule it is; None is the shipped default


class Tally(_Part):
    """Counts of a meeting; a rate is always given with its numerator and its base."""

    due: int  # phải dự: on the roll, less the exempt who did not come
    present: int
    excused: int
    unexcused: int
    exempt: int
    online: int
    guests: int
    spoke: int  # members present who spoke
    statements: int
    tasks: int


class _MeetingEvent(Event):
    meeting: Id
    cell: Id


class MeetingPlanned(_MeetingEvent):
    """A meeting was set for a period, with its agenda."""

    kind: MeetingKind
    form: MeetingForm = MeetingForm.IN_PERSON
    period: Period
    planned_at: AwareDatetime
    place: str
    theme: str | None = None
    agenda: tuple[AgendaItem, ...]
    entry: Entry = Entry.LIVE


class MeetingNotified(_MeetingEvent):
    """Notice was given to these members."""

    notified_at: AwareDatetime
    members: tuple[Id, ...]


class MeetingMoved(_MeetingEvent):
    """It will be held at another time or place, and why."""

    planned_at: AwareDatetime
    place: str
    reason: str


class MeetingCancelled(_MeetingEvent):
    """It was called off, and why."""

    reason: str


class MeetingOpened(_MeetingEvent):
    """It began; the cell's roll of that moment is frozen into it."""

    opened_at: AwareDatetime
    chair: Id
    minute_taker: Id
    roster: tuple[RosterEntry, ...]
    entry: Entry | None = None  # how it was recorded, where that is not as it was planned: held on paper after all


class AttendanceRecorded(_MeetingEvent):
    """Roll-call of one or more members; a later record of the same member replaces the earlier."""

    records: tuple[Attendance, ...] = Field(min_length=1)


class GuestRecorded(_MeetingEvent):
    """A guest attended, without a vote."""

    guest: Id
    capacity: str  # office and body the guest speaks for; not a private person's name


class StatementRecorded(_MeetingEvent):
    """A member who was present spoke to an item."""

    statement: Id
    item: Id
    speaker: Id
    text: str


class ConclusionRecorded(_MeetingEvent):
    """The chair concluded an item; a later conclusion of the item replaces the earlier."""

    item: Id
    text: str


class TaskAssigned(_MeetingEvent):
    """A member was given work with quantity, unit and deadline."""

    task: Id
    owner: Id
    description: str
    quantity: Decimal
    unit: str
    deadline: date


class MeetingClosed(_MeetingEvent):
    """It ended, with its figures, judged by the rules it names."""

    kind: MeetingKind
    period: Period
    opened_at: AwareDatetime
    closed_at: AwareDatetime
    minutes: int  # length of the meeting, in minutes
    tally: Tally
    window_end: date  # last day on which the period's regular meeting is on time
    late: bool
    basis: tuple[RuleBasis, ...] = ()


class MinutesConfirmed(_MeetingEvent):
    """Chair and minute-taker signed the minutes."""

    confirmed_at: AwareDatetime
    chair: Id
    minute_taker: Id


class MinutesSentUp(_MeetingEvent):
    """The minutes went to the committee above, in time or not by the rule named."""

    sent_at: AwareDatetime
    due_on: date
    on_time: bool
    basis: tuple[RuleBasis, ...] = ()


class CorrectionRecorded(_MeetingEvent):
    """A closed meeting changes only so: what stood, what it should say, why. Both stay visible."""

    correction: Id
    subject: str  # "attendance" | "statement" | "conclusion" | "task" | "note"
    target: Id | None = None
    before: str
    after: str
    reason: str
    attendance: tuple[Attendance, ...] = ()  # when attendance was corrected
    tally: Tally  # as it stands with the correction


class CellMonthMissed(Event):
    """The window of a month passed without a regular meeting. A meeting held later makes the month late."""

    cell: Id
    period: Period
    window_end: date
    noticed_at: datetime
    basis: tuple[RuleBasis, ...] = ()
