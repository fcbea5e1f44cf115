"""Reading: one meeting as the log has it, a cell's meetings and tasks page by page."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.meetings.api.target import cell_in_path, cell_of_meeting, meeting_of
from services.meetings.domain.meeting import Phase
from services.meetings.views import calendar, tasks
from shared.auth.http import allow, signed_in
from shared.auth.model import Actor
from shared.context import Ctx
from shared.events.meetings import (
    AgendaItem,
    Attendance,
    CorrectionRecorded,
    Entry,
    MeetingForm,
    MeetingKind,
    RosterEntry,
    Tally,
    TaskAssigned,
)
from shared.http import Cursor, Day, Limit, Malformed, Page, decode_cursor, encode_cursor, read_instant
from shared.ids import Id

T = TypeVar("T", bound=date)

router = APIRouter(prefix="/meetings/api/v1", tags=["meetings"])

At = Annotated[str | None, Query(max_length=64, description="A position the answer must include (`Chibo-Position`).")]
Reader = Annotated[Actor, Depends(allow("meeting.read", cell_in_path))]


class StatementView(BaseModel):
    statement: Id
    item: Id
    speaker: Id
    text: str


class MeetingView(BaseModel):
    meeting: Id
    cell: Id
    phase: Phase
    kind: MeetingKind
    form: MeetingForm
    period: str
    planned_at: datetime | None
    place: str
    theme: str | None
    agenda: list[AgendaItem]
    notified_at: datetime | None
    entry: Entry
    opened_at: datetime | None
    chair: str
    minute_taker: str
    roster: list[RosterEntry]
    attendance: list[Attendance]
    guests: dict[Id, str]
    statements: list[StatementView]
    conclusions: dict[Id, str]
    tasks: list[TaskAssigned]
    closed_at: datetime | None
    minutes: int | None
    late: bool | None
    tally: Tally | None
    confirmed_at: datetime | None
    sent_at: datetime | None
    sent_on_time: bool | None
    corrections: list[CorrectionRecorded]


@router.get("/meetings/{meeting}")
async def read(
    request: Request,
    ctx: Ctx,
    response: Response,
    meeting: Id,
    actor: Annotated[Actor, Depends(allow("meeting.read", cell_of_meeting))],
) -> MeetingView:
    """The meeting as it stands this moment; the ETag is the version a command may name in If-Match."""
    state, version = await meeting_of(request, ctx)
    response.headers["ETag"] = f'"{version}"'
    closing, sent = state.closing, state.sent_up
    shown: dict[str, Any] = {name: getattr(state, name) for name in MeetingView.model_fields if hasattr(state, name)}
    return MeetingView(
        **shown
        | {
            "roster": list(state.roster.values()),
            "attendance": list(state.attendance.values()),
            "statements": [
                StatementView(statement=key, item=said.item, speaker=said.speaker, text=said.text)
                for key, said in state.statements.items()
            ],
            "tasks": list(state.tasks.values()),
            "closed_at": closing.closed_at if closing else None,
            "minutes": closing.minutes if closing else None,
            "late": closing.late if closing else None,
            "tally": closing.tally if closing else None,
            "sent_at": sent.sent_at if sent else None,
            "sent_on_time": sent.on_time if sent else None,
        }
    )


@router.get("/cells/{cell}/meetings")
async def list_meetings(
    cell: Id, ctx: Ctx, actor: Reader, limit: Limit = 50, cursor: Cursor = None, at: At = None
) -> Page[calendar.Entry]:
    """A cell's meetings, the latest first."""
    await ctx.caught_up(calendar.CALENDAR, at)
    before = _instant_and_id(cursor)
    found = await calendar.of_cell(ctx.pool, cell, limit=limit + 1, before=before)
    return _page(found, limit, lambda one: (one.planned_at.isoformat(), one.meeting))


@router.get("/cells/{cell}/tasks")
async def list_tasks(
    cell: Id,
    ctx: Ctx,
    actor: Reader,
    from_on: Day | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    at: At = None,
) -> Page[tasks.Task]:
    """Tasks given in a cell's meetings, the nearest deadline first."""
    await ctx.caught_up(tasks.TASKS, at)
    found = await tasks.of_cell(ctx.pool, cell, limit=limit + 1, from_on=from_on, after=_day_and_id(cursor))
    return _page(found, limit, lambda one: (one.deadline.isoformat(), one.task))


@router.get("/tasks/mine")
async def my_tasks(
    ctx: Ctx,
    actor: Annotated[Actor, Depends(signed_in())],
    from_on: Day | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    at: At = None,
) -> Page[tasks.Task]:
    """The tasks of whoever asks, the nearest deadline first; none for an account that is no member's."""
    await ctx.caught_up(tasks.TASKS, at)
    if actor.member is None:
        return Page(items=[])
    found = await tasks.of_owner(ctx.pool, actor.member, limit=limit + 1, from_on=from_on, after=_day_and_id(cursor))
    return _page(found, limit, lambda one: (one.deadline.isoformat(), one.task))


def _page(rows: list[Any], limit: int, key: Any) -> Page[Any]:
    if len(rows) <= limit:
        return Page(items=rows)
    return Page(items=rows[:limit], next=encode_cursor(*key(rows[limit - 1])))


def _instant_and_id(cursor: str | None) -> tuple[datetime, str] | None:
    return None if cursor is None else _read(cursor, read_instant)


def _day_and_id(cursor: str | None) -> tuple[date, str] | None:
    return None if cursor is None else _read(cursor, date.fromisoformat)


def _read(cursor: str, moment: Callable[[str], T]) -> tuple[T, str]:
    """Raises `Malformed`."""
    when, identity = decode_cursor(cursor, 2)
    try:
        return moment(str(when)), str(identity)
    except ValueError:
        raise Malformed("cursor") from None
