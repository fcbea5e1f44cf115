"""Each command on a meeting, as its own endpoint: parse, carry out, answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.meetings.api import bodies
from services.meetings.api.target import cell_of_meeting, meeting_of
from services.meetings.domain import meeting as order
from services.meetings.handlers import (
    MEETINGS,
    carry_out,
    closing_basis,
    identify,
    plan_meeting,
    roster_on,
    sending_basis,
)
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.clock import period_of, vietnam_date
from shared.context import Context, Ctx, context
from shared.eventlog import Appended, Command
from shared.events.meetings import Attendance, RosterEntry
from shared.http import CommandDep, Done, IdempotencyKey, VersionSeen, command_of, done, expected_version
from shared.ids import Id, new_id

router = APIRouter(prefix="/meetings/api/v1", tags=["meetings"])

Planner = Annotated[Actor, Depends(allow("meeting.plan", cell_of_meeting))]
Recorder = Annotated[Actor, Depends(allow("meeting.record", cell_of_meeting))]
Concluder = Annotated[Actor, Depends(allow("meeting.conclude", cell_of_meeting))]
Corrector = Annotated[Actor, Depends(allow("meeting.correct", cell_of_meeting))]


def _done(response: Response, appended: Appended, meeting: str) -> Done:
    return done(appended, MEETINGS.stream(meeting), response)


class Room:
    """What every command on a meeting needs: the meeting as it stands, who asks with which key, what they saw."""

    def __init__(
        self,
        meeting: str,
        request: Request,
        ctx: Context,
        command: Command,
        expected: int | None,
        response: Response,
    ) -> None:
        self.meeting, self.request, self.ctx = meeting, request, ctx
        self.command, self.expected, self.response = command, expected, response

    async def state(self) -> order.Meeting:
        return (await meeting_of(self.request, self.ctx))[0]

    async def do(self, *orders: order.Order) -> Done:
        cell = await cell_of_meeting(self.request, self.ctx)
        appended = await carry_out(self.ctx, self.meeting, cell, orders, self.command, self.expected)
        return _done(self.response, appended, self.meeting)


async def _room(
    meeting: Id,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    if_match: VersionSeen = None,
) -> Room:
    """One dependency for what would be four: what is recorded while people speak has to be quick."""
    ctx, command = await context(request), await command_of(request, idempotency_key)
    return Room(meeting, request, ctx, command, await expected_version(if_match), response)


RoomDep = Annotated[Room, Depends(_room)]


@router.post("/meetings/{meeting}/statements", status_code=201)  # asked most, so tried first
async def record_statement(room: RoomDep, body: bodies.StatementBody, actor: Recorder) -> Done:
    return await room.do(order.RecordStatement(new_id(), body.item, body.speaker, body.text))


@router.post("/meetings", status_code=201)
async def plan(
    body: bodies.PlanBody,
    ctx: Ctx,
    command: CommandDep,
    response: Response,
    actor: Annotated[Actor, Depends(allow("meeting.plan"))],
) -> Done:
    """Plan a meeting; the agenda is the template of its kind. The answer names the meeting."""
    await require_allowed(ctx, actor, "meeting.plan", body.cell)
    period = body.period or period_of(vietnam_date(body.planned_at))
    planned = order.PlanMeeting(
        meeting=identify(body.cell, body.kind, period),
        cell=body.cell,
        kind=body.kind,
        period=period,
        planned_at=body.planned_at,
        place=body.place,
        form=body.form,
        theme=body.theme,
    )
    appended = await plan_meeting(ctx, planned, command)
    meeting = (appended.answer or {}).get("meeting", planned.meeting)
    response.headers["Location"] = f"{router.prefix}/meetings/{meeting}"
    return _done(response, appended, meeting)


@router.post("/meetings/{meeting}/notice", status_code=201)
async def notify(room: RoomDep, ctx: Ctx, actor: Planner) -> Done:
    """Record that every member on the roll has been told time, place and agenda."""
    roster = await opening_roster(ctx, await room.state())
    return await room.do(order.NotifyMembers(ctx.clock(), tuple(entry.member for entry in roster)))


@router.post("/meetings/{meeting}/move", status_code=201)
async def move(room: RoomDep, body: bodies.MoveBody, actor: Planner) -> Done:
    return await room.do(order.MoveMeeting(body.planned_at, body.place, body.reason))


@router.post("/meetings/{meeting}/cancellation", status_code=201)
async def cancel(room: RoomDep, body: bodies.CancelBody, actor: Planner) -> Done:
    return await room.do(order.CancelMeeting(body.reason))


@router.post("/meetings/{meeting}/opening", status_code=201)
async def open_meeting(room: RoomDep, body: bodies.OpenBody, ctx: Ctx, actor: Recorder) -> Done:
    """Open the meeting now, with the cell's roll of today frozen into it."""
    roster = await opening_roster(ctx, await room.state())
    return await room.do(order.OpenMeeting(ctx.clock(), body.chair, body.minute_taker, roster))


@router.post("/meetings/{meeting}/attendance", status_code=201)
async def record_attendance(room: RoomDep, body: bodies.RollCallBody, actor: Recorder) -> Done:
    records = tuple(Attendance(**record.model_dump()) for record in body.records)
    return await room.do(order.RecordAttendance(records))


@router.post("/meetings/{meeting}/guests", status_code=201)
async def record_guest(room: RoomDep, body: bodies.GuestBody, actor: Recorder) -> Done:
    return await room.do(order.RecordGuest(new_id(), body.capacity))


@router.post("/meetings/{meeting}/conclusions", status_code=201)
async def record_conclusion(room: RoomDep, body: bodies.ConclusionBody, actor: Concluder) -> Done:
    return await room.do(order.RecordConclusion(body.item, body.text))


@router.post("/meetings/{meeting}/tasks", status_code=201)
async def assign_task(room: RoomDep, body: bodies.TaskBody, actor: Concluder) -> Done:
    return await room.do(order.AssignTask(new_id(), **body.model_dump()))


@router.post("/meetings/{meeting}/closing", status_code=201)
async def close(room: RoomDep, ctx: Ctx, actor: Concluder) -> Done:
    """Close the meeting now. Refused, by name, while a required content of the minutes is missing."""
    return await room.do(await closing_order(ctx, await room.state()))


@router.post("/meetings/{meeting}/confirmation", status_code=201)
async def confirm(room: RoomDep, ctx: Ctx, actor: Concluder) -> Done:
    return await room.do(order.ConfirmMinutes(ctx.clock()))


@router.post("/meetings/{meeting}/sending-up", status_code=201)
async def send_up(room: RoomDep, ctx: Ctx, actor: Recorder) -> Done:
    """Send the minutes up; whether that is in time is judged by the cell's rule and kept with it."""
    return await room.do(await sending_order(ctx, await room.state()))


@router.post("/meetings/{meeting}/corrections", status_code=201)
async def correct(room: RoomDep, body: bodies.CorrectionBody, actor: Corrector) -> Done:
    """Correct a closed meeting: what stood stays visible beside what it should say."""
    attendance = Attendance(**body.attendance.model_dump()) if body.attendance else None
    return await room.do(order.Correct(new_id(), body.subject, body.reason, body.target, body.after, attendance))


async def opening_roster(ctx: Context, meeting: order.Meeting) -> tuple[RosterEntry, ...]:
    """The cell's roll of today."""
    return await roster_on(ctx, meeting.cell, vietnam_date(ctx.clock()))


async def closing_order(ctx: Context, meeting: order.Meeting) -> order.CloseMeeting:
    now = ctx.clock()
    return order.CloseMeeting(now, await closing_basis(ctx, meeting.cell, meeting.period, meeting.opened_at or now))


async def sending_order(ctx: Context, meeting: order.Meeting) -> order.SendUp:
    now = ctx.clock()
    closed_at = meeting.closing.closed_at if meeting.closing else now
    return order.SendUp(now, await sending_basis(ctx, meeting.cell, closed_at))
