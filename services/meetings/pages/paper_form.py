"""Reading the form of a meeting held on paper: an empty row says nothing, a row half filled is named by its number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from services.meetings.domain.meeting import Meeting
from services.meetings.handlers import identify
from services.meetings.pages.forms import read_day, read_moment, read_quantity
from services.meetings.paper import Given, PaperPage, Said
from shared.clock import VIETNAM, period_of, vietnam_date
from shared.events.meetings import Attendance, AttendanceStatus, MeetingForm, MeetingKind
from shared.refusal import Refused, require

STATEMENTS, TASKS, GUESTS = "statements", "tasks", "guests"
ROWS: Final = {STATEMENTS: (5, 200), TASKS: (2, 50), GUESTS: (1, 30)}  # at first, and with each asking; at most
TASK_FIELDS: Final = ("owner", "description", "quantity", "unit", "deadline")
AFTERNOON: Final = time(17)  # a book names only the day on which minutes went up: the end of work stands for it

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class About:
    """A cell's month, with its regular meeting if that was planned here; or one planned meeting that is named."""

    cell: str
    period: str
    planned: Meeting | None = None
    named: bool = False


def rows(form: Form, kind: str) -> int:
    """How many rows of a kind the form has, with those just asked for."""
    first, most = ROWS[kind]
    shown = form.get(kind, "")
    count = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 4 else first
    return max(first, min(count + (first if form.get("more") == kind else 0), most))


def moment(form: Form, name: str) -> datetime:
    """A time on the day of the meeting. Raises `Refused` (``form.has_time``)."""
    return read_moment(f"{form.get('day', '')}T{form.get(name, '')}")


def meeting_of_month(about: About, form: Form) -> tuple[str, MeetingKind, str]:
    """The id, the kind and the period of what was held: that of the plan, or as the form chooses."""
    if about.planned is not None:
        return about.planned.meeting, about.planned.kind, about.planned.period
    require(form.get("kind") in set(MeetingKind), "form.has_choice")
    kind = MeetingKind(form["kind"])
    # A regular meeting counts for the month it makes up for, whatever its day; any other for its own month.
    period = about.period if kind is MeetingKind.REGULAR else period_of(vietnam_date(moment(form, "opened")))
    return identify(about.cell, kind, period), kind, period


def read_page(about: About, form: Form, roster: Mapping[str, bool], now: datetime) -> PaperPage:
    """The page of the book. ``roster``: who was on the roll on that day, and whether exempt. Raises `Refused`."""
    meeting, kind, period = meeting_of_month(about, form)
    shape = form.get("form", MeetingForm.IN_PERSON)
    require(shape in set(MeetingForm), "form.has_choice")
    opened_at, closed_at = moment(form, "opened"), moment(form, "closed")
    absent = tuple(_absent(form, roster))
    confirmed_at = closed_at if form.get("confirmed") else None
    return PaperPage(
        meeting=meeting,
        cell=about.cell,
        kind=kind,
        form=about.planned.form if about.planned else MeetingForm(shape),
        period=period,
        planned_at=opened_at,
        place=form.get("place", ""),
        theme=form.get("theme") or None,
        opened_at=opened_at,
        closed_at=closed_at,
        chair=form.get("chair", ""),
        minute_taker=form.get("minute_taker", ""),
        absent=absent,
        exempt_present=frozenset(member for member in roster if form.get(f"status-{member}") == "present"),
        guests=tuple(said for _number, (said,) in _filled(form, GUESTS, ("guest",))),
        statements=tuple(_statements(form, {record.member for record in absent})),
        conclusion=form.get("conclusion", ""),
        tasks=tuple(_tasks(form)),
        confirmed_at=confirmed_at,
        sent_at=_sent_at(form, confirmed_at, now),
    )


def _filled(form: Form, kind: str, names: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """The rows in which anything stands, numbered from 1."""
    for number in range(1, rows(form, kind) + 1):
        values = [form.get(f"{name}-{number}", "") for name in names]
        if any(values):
            yield number, values


def _absent(form: Form, roster: Mapping[str, bool]) -> Iterator[Attendance]:
    """Who is said to have been away. Everybody who was on the roll that day must be named one way or the other."""
    uncalled = [member for member, exempt in roster.items() if not exempt and not form.get(f"status-{member}")]
    require(not uncalled, "paper.roll_of_the_day", number=len(uncalled))
    for member in roster:
        status = form.get(f"status-{member}", "")
        if status in (AttendanceStatus.EXCUSED, AttendanceStatus.UNEXCUSED):
            reason = form.get(f"reason-{member}") if status == AttendanceStatus.EXCUSED else None
            yield Attendance(member=member, status=AttendanceStatus(status), reason=reason or None)


def _statements(form: Form, absent: set[str]) -> Iterator[Said]:
    for number, (speaker, text) in _filled(form, STATEMENTS, ("speaker", "said")):
        require(bool(speaker and text), "paper.statement_complete", number=number)
        require(speaker not in absent, "paper.speaker_came", number=number)
        yield Said(speaker, text)


def _tasks(form: Form) -> Iterator[Given]:
    for number, values in _filled(form, TASKS, TASK_FIELDS):
        owner, description, quantity, unit, deadline = values
        missing = [name for name, value in zip(TASK_FIELDS, values, strict=True) if not value]
        if missing:
            raise Refused("paper.task_complete", number=number, missing=missing)
        yield Given(owner, description, read_quantity(quantity), unit, read_day(deadline))


def _sent_at(form: Form, confirmed_at: datetime | None, now: datetime) -> datetime | None:
    """When the paper minutes went up: on a day named, never before they were signed on that day, nor in the future."""
    day = read_day(form.get("sent_on", ""))
    if day is None:
        return None
    require(confirmed_at is not None, "paper.sent_once_confirmed")
    assert confirmed_at is not None
    at = datetime.combine(day, AFTERNOON, VIETNAM)
    if day == vietnam_date(now):
        at = min(at, now)
    return max(at, confirmed_at) if day == vietnam_date(confirmed_at) else at
