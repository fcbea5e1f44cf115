"""A meeting of the paper book, taken whole or not at all: the orders a page of the book stands for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from services.meetings.domain import meeting as order
from services.meetings.domain.meeting import AWAITED, Meeting
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.handlers import carry_out, closing_basis, read_meeting, require_cell, roster_on, sending_basis
from shared.clock import vietnam_date
from shared.context import Context
from shared.eventlog import Appended, Command
from shared.events.meetings import Attendance, AttendanceStatus, Entry, MeetingForm, MeetingKind, RosterEntry
from shared.ids import derived_id

HELD_ELSEWHERE: Final = "Ghi theo sổ giấy"
"""Why a planned meeting has another place than the plan: what the record says of it, in the language of the record."""


@dataclass(frozen=True, slots=True)
class Said:
    """A member's opinion; ``step`` names one of the agenda template."""

    speaker: str
    text: str
    step: str = DISCUSSION


@dataclass(frozen=True, slots=True)
class Given:
    """Work given to a member. Whatever the book does not say is None: the refusal names all of it at once."""

    owner: str | None
    description: str | None
    quantity: Decimal | None
    unit: str | None
    deadline: date | None


@dataclass(frozen=True, slots=True)
class PaperPage:
    """The page of the minute book.

    Members not named in ``absent`` were present; of the exempt those who came are named in ``exempt_present``.
    """

    meeting: str
    cell: str
    kind: MeetingKind
    form: MeetingForm
    period: str
    planned_at: datetime
    place: str
    theme: str | None
    opened_at: datetime
    closed_at: datetime
    chair: str
    minute_taker: str
    absent: tuple[Attendance, ...]
    exempt_present: frozenset[str]
    guests: tuple[str, ...]
    statements: tuple[Said, ...]
    conclusion: str
    tasks: tuple[Given, ...]
    confirmed_at: datetime | None
    sent_at: datetime | None


async def enter(ctx: Context, page: PaperPage, command: Command) -> Appended:
    """Record the page in one append, under the rules of its own day. Raises `Refused`.

    A meeting that was planned here and then held on paper goes on from its plan.
    """
    await require_cell(ctx, page.cell)
    state, _version = await read_meeting(ctx, page.meeting)
    orders = [*_begun(page, state), *await _held(ctx, page)]
    return await carry_out(ctx, page.meeting, page.cell, orders, replace(command, entry=Entry.PAPER.value))


def _begun(page: PaperPage, state: Meeting) -> Iterator[order.Order]:
    if state.phase not in AWAITED:
        yield order.PlanMeeting(
            page.meeting, page.cell, page.kind, page.period, page.planned_at, page.place, page.form, page.theme, (),
            Entry.PAPER,
        )  # fmt: skip
    elif page.place.strip() != state.place:
        yield order.MoveMeeting(page.opened_at, page.place, HELD_ELSEWHERE)


async def _held(ctx: Context, page: PaperPage) -> Iterator[order.Order]:
    """From the opening on, in the order of a meeting."""
    roster = await roster_on(ctx, page.cell, vietnam_date(page.opened_at))
    closing = await closing_basis(ctx, page.cell, page.period, page.opened_at)
    sending = await sending_basis(ctx, page.cell, page.closed_at)
    meeting = page.meeting

    def orders() -> Iterator[order.Order]:
        yield order.OpenMeeting(page.opened_at, page.chair, page.minute_taker, roster, Entry.PAPER)
        yield order.RecordAttendance((*_came(page, roster), *page.absent))
        for number, capacity in enumerate(page.guests):
            yield order.RecordGuest(derived_id(meeting, "guest", str(number)), capacity)
        for number, said in enumerate(page.statements):
            identity = derived_id(meeting, "statement", str(number))
            yield order.RecordStatement(identity, item_id(meeting, said.step), said.speaker, said.text)
        yield order.RecordConclusion(item_id(meeting, CONCLUSION), page.conclusion)
        for number, task in enumerate(page.tasks):
            identity = derived_id(meeting, "task", str(number))
            yield order.AssignTask(identity, task.owner, task.description, task.quantity, task.unit, task.deadline)
        yield order.CloseMeeting(page.closed_at, closing)
        if page.confirmed_at is not None:
            yield order.ConfirmMinutes(page.confirmed_at)
        if page.sent_at is not None:
            yield order.SendUp(page.sent_at, sending)

    return orders()


def _came(page: PaperPage, roster: tuple[RosterEntry, ...]) -> Iterator[Attendance]:
    absent = {record.member for record in page.absent}
    for entry in roster:
        if entry.member not in absent and (not entry.exempt or entry.member in page.exempt_present):
            yield Attendance(member=entry.member, status=AttendanceStatus.PRESENT)
