"""What may be asked of a meeting. Instants are aware; ids of new things are made by whoever asks."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.events.meetings import (
    AgendaItem,
    Attendance,
    Entry,
    MeetingForm,
    MeetingKind,
    RosterEntry,
    RuleBasis,
)


@dataclass(frozen=True, slots=True)
class PlanMeeting:
    """Set a cell's meeting for a period; ``agenda`` left empty takes the template of the kind (`agenda.template`)."""

    meeting: str
    cell: str
    kind: MeetingKind
    period: str
    planned_at: datetime
    place: str
    form: MeetingForm = MeetingForm.IN_PERSON
    theme: str | None = None
    agenda: tuple[AgendaItem, ...] = ()
    entry: Entry = Entry.LIVE


@dataclass(frozen=True, slots=True)
class NotifyMembers:
    """Notice of the meeting was given to these members."""

    at: datetime
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveMeeting:
    """Hold it at another time or place, with the reason."""

    planned_at: datetime
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """Call it off; the period may then be planned again."""

    reason: str


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """Begin the meeting; ``roster`` is the cell's roll on the day, frozen into the meeting."""

    at: datetime
    chair: str
    minute_taker: str
    roster: tuple[RosterEntry, ...]
    entry: Entry | None = None  # None: as it was planned


@dataclass(frozen=True, slots=True)
class RecordAttendance:
    """Call the roll, of one member or of many."""

    records: tuple[Attendance, ...]


@dataclass(frozen=True, slots=True)
class RecordGuest:
    """A guest is there, named by office and body."""

    guest: str
    capacity: str


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """A member who is present spoke to an item."""

    statement: str
    item: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordConclusion:
    """The chair's summary and conclusion on an item; a later one replaces it."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class AssignTask:
    """Give a member work. Whatever the form left empty is None: the refusal names all of it at once."""

    task: str
    owner: str | None
    description: str | None
    quantity: Decimal | None
    unit: str | None
    deadline: date | None


@dataclass(frozen=True, slots=True)
class CloseMeeting:
    """End the meeting, if nothing is lacking.

    ``basis`` holds the parameters in force, ``meeting.window.last_day`` among them.
    """

    at: datetime
    basis: tuple[RuleBasis, ...]


@dataclass(frozen=True, slots=True)
class ConfirmMinutes:
    """The minute-taker has read the minutes out, the chair agreed: both sign as named at the opening."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SendUp:
    """Send the minutes to the committee above.

    ``basis`` is ``meeting.report_up.days`` as in force on the day the meeting closed.
    """

    at: datetime
    basis: RuleBasis


@dataclass(frozen=True, slots=True)
class Correct:
    """Correct what a closed meeting says; what stood before is read off the record.

    ``subject``: attendance | statement | conclusion | task | note.
    """

    correction: str
    subject: str
    reason: str
    target: str | None = None  # the member, statement, item or task; None for a note
    after: str = ""
    attendance: Attendance | None = None  # instead of ``after``, when the subject is attendance


Order = (
    PlanMeeting
    | NotifyMembers
    | MoveMeeting
    | CancelMeeting
    | OpenMeeting
    | RecordAttendance
    | RecordGuest
    | RecordStatement
    | RecordConclusion
    | AssignTask
    | CloseMeeting
    | ConfirmMinutes
    | SendUp
    | Correct
)
