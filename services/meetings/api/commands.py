"""Each command on a meeting, as its own endpoint: parse, carry out, answer."""

from functools import partial
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
from shared.auth.http import allow, allowed, require_allowed
from shared.auth.marks import Guard
from shared.auth.model import Actor
from shared.clock import period_of, vietnam_date
from shared.context import Context, Ctx, context
from shared.eventlog import Appended, Command
from shared.events.meetings import Attendance, RosterEntry
from shared.http import READ_FROM_REQUEST, CommandDep, Done, command_by, done, expected_version
from shared.ids import Id, new_id

router = APIRouter(prefix="/meetings/api/v1", tags=["meetings"])
in_room = partial(router.post, status_code=201, openapi_extra=READ_FROM_REQUEST)


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


class _RoomFor(Guard):
    """The room, for who may do ``action`` in the meeting's cell.

    One dependency for what would be five: each costs a command more than the rule it is decided by, and what is
    recorded while people speak has to be quick.
    """

    async def __call__(self, meeting: Id, request: Request, response: Response) -> Room:
        actor = await allowed(self, request)
        command = await command_by(actor, request, request.headers.get("idempotency-key"))
        expected = await expected_version(request.headers.get("if-match"))
        return Room(meeting, request, await context(request), command, expected, response)


Planning = Annotated[Room, Depends(_RoomFor("meeting.plan", cell_of_meeting))]
Recording = Annotated[Room, Depends(_RoomFor("meeting.record", cell_of_meeting))]
Concluding = Annotated[Room, Depends(_RoomFor("meeting.conclude", cell_of_meeting))]
Correcting = Annotated[Room, Depends(_RoomFor("meeting.correct", cell_of_meeting))]


@in_room("/meetings/{meeting}/statements")  # asked most, so tried first
async def record_statement(room: Recording, body: bodies.StatementBody) -> Done:
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


@in_room("/meetings/{meeting}/notice")
async def notify(room: Planning) -> Done:
    """Record that every member on the roll has been told time, place and agenda."""
    roster = await opening_roster(room.ctx, await room.state())
    return await room.do(order.NotifyMembers(room.ctx.clock(), tuple(entry.member for entry in roster)))


@in_room("/meetings/{meeting}/move")
async def move(room: Planning, body: bodies.MoveBody) -> Done:
    return await room.do(order.MoveMeeting(body.planned_at, body.place, body.reason))


@in_room("/meetings/{meeting}/cancellation")
async def cancel(room: Planning, body: bodies.CancelBody) -> Done:
    return await room.do(order.CancelMeeting(body.reason))


@in_room("/meetings/{meeting}/opening")
async def open_meeting(room: Recording, body: bodies.OpenBody) -> Done:
    """Open the meeting now, with the cell's roll of today frozen into it."""
    roster = await opening_roster(room.ctx, await room.state())
    return await room.do(order.OpenMeeting(room.ctx.clock(), body.chair, body.minute_taker, roster))


@in_room("/meetings/{meeting}/attendance")
async def record_attendance(room: Recording, body: bodies.RollCallBody) -> Done:
    records = tuple(Attendance(**record.model_dump()) for record in body.records)
    return await room.do(order.RecordAttendance(records))


@in_room("/meetings/{meeting}/guests")
async def record_guest(room: Recording, body: bodies.GuestBody) -> Done:
    return await room.do(order.RecordGuest(new_id(), body.capacity))


@in_room("/meetings/{meeting}/conclusions")
async def record_conclusion(room: Concluding, body: bodies.ConclusionBody) -> Done:
    return await room.do(order.RecordConclusion(body.item, body.text))


@in_room("/meetings/{meeting}/tasks")
async def assign_task(room: Concluding, body: bodies.TaskBody) -> Done:
    return await room.do(order.AssignTask(new_id(), **body.model_dump()))


@in_room("/meetings/{meeting}/closing")
async def close(room: Concluding) -> Done:
    """Close the meeting now. Refused, by name, while a required content of the minutes is missing."""
    return await room.do(await closing_order(room.ctx, await room.state()))


@in_room("/meetings/{meeting}/confirmation")
async def confirm(room: Concluding) -> Done:
    return await room.do(order.ConfirmMinutes(room.ctx.clock()))


@in_room("/meetings/{meeting}/sending-up")
async def send_up(room: Recording) -> Done:
    """Send the minutes up; whether that is in time is judged by the cell's rule and kept with it."""
    return await room.do(await sending_order(room.ctx, await room.state()))


@in_room("/meetings/{meeting}/corrections")
async def correct(room: Correcting, body: bodies.CorrectionBody) -> Done:
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
