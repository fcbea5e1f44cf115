"""What is sent from the meeting room's screens: read the form, carry it out, go back to where one was."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.meetings.api.commands import closing_order, opening_roster
from services.meetings.api.target import cell_of_meeting, meeting_of
from services.meetings.domain import meeting as order
from services.meetings.handlers import carry_out
from services.meetings.pages.forms import read_day, read_moment, read_quantity, typed, typed_again
from services.meetings.pages.refused import trouble_of
from services.meetings.pages.room import View, show
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.eventlog import Command
from shared.events.meetings import Attendance, AttendanceStatus
from shared.http import CommandDep
from shared.ids import Id, new_id
from shared.refusal import Refused, require
from shared.web import see_other
from shared.web.i18n import _

router = APIRouter(include_in_schema=False, prefix="/meetings/{meeting}")

Planner = Annotated[Actor, Depends(allow("meeting.plan", cell_of_meeting))]
Recorder = Annotated[Actor, Depends(allow("meeting.record", cell_of_meeting))]
Concluder = Annotated[Actor, Depends(allow("meeting.conclude", cell_of_meeting))]

Given = dict[str, str]
Reading = Callable[[order.Meeting, Given], order.Order | None]


class Desk:
    """One form of the room: the meeting it is about and the key it carries."""

    def __init__(self, meeting: str, request: Request, ctx: Context, command: Command) -> None:
        self.meeting, self.request, self.ctx, self.command = meeting, request, ctx, command

    async def take(self, actor: Actor, form: str, step: str, read: Reading, message: str = "") -> Response:
        """Carry out what the form says; None means it says nothing new. A refusal shows the same screen again."""
        try:
            meeting, _version = await meeting_of(self.request, self.ctx)
            asked = read(meeting, await typed(self.request))
            at = None
            if asked is not None:
                at = str((await carry_out(self.ctx, self.meeting, meeting.cell, [asked], self.command)).at)
        except Refused as refusal:
            given = await typed_again(self.request)
            view = View(step, trouble_of(refusal, form, given), given)
            return await show(self.request, self.ctx, actor, view)
        where = f"?step={step}" if step else ""
        return see_other(f"/meetings/{self.meeting}{where}", message=message, at=at)


async def _desk(meeting: Id, request: Request, ctx: Ctx, command: CommandDep) -> Desk:
    return Desk(meeting, request, ctx, command)


DeskDep = Annotated[Desk, Depends(_desk)]


@router.post("/notice")
async def notify(desk: DeskDep, ctx: Ctx, actor: Planner) -> Response:
    meeting, _version = await meeting_of(desk.request, ctx)
    members = tuple(entry.member for entry in await opening_roster(ctx, meeting))
    now = ctx.clock()
    return await desk.take(
        actor, "notice", "", lambda _m, _f: order.NotifyMembers(now, members), _("Đã ghi nhận gửi thông báo.")
    )


@router.post("/move")
async def move(desk: DeskDep, actor: Planner) -> Response:
    def read(_meeting: order.Meeting, form: Given) -> order.Order:
        return order.MoveMeeting(read_moment(form.get("planned_at", "")), form.get("place", ""), form.get("reason", ""))

    return await desk.take(actor, "move", "", read, _("Đã dời kỳ sinh hoạt; xin thông báo lại cho đảng viên."))


@router.post("/cancellation")
async def cancel(desk: DeskDep, actor: Planner) -> Response:
    return await desk.take(
        actor, "cancel", "", lambda _m, form: order.CancelMeeting(form.get("cause", "")), _("Đã hủy kỳ sinh hoạt.")
    )


@router.post("/opening")
async def open_meeting(desk: DeskDep, ctx: Ctx, actor: Recorder) -> Response:
    meeting, _version = await meeting_of(desk.request, ctx)
    roster, now = await opening_roster(ctx, meeting), ctx.clock()

    def read(_meeting: order.Meeting, form: Given) -> order.Order:
        return order.OpenMeeting(now, form.get("chair", ""), form.get("minute_taker", ""), roster)

    return await desk.take(actor, "open", "", read)


@router.post("/attendance")
async def record_attendance(desk: DeskDep, actor: Recorder) -> Response:
    return await desk.take(actor, "roll", "roll", read_roll)


@router.post("/guests")
async def record_guest(desk: DeskDep, actor: Recorder) -> Response:
    return await desk.take(
        actor, "guest", "roll", lambda _m, form: order.RecordGuest(new_id(), form.get("capacity", ""))
    )


@router.post("/statements")
async def record_statement(desk: DeskDep, actor: Recorder) -> Response:
    def read(_meeting: order.Meeting, form: Given) -> order.Order:
        require(bool(form.get("speaker")), "form.has_choice")
        return order.RecordStatement(new_id(), form.get("item", ""), form["speaker"], form.get("text", ""))

    return await desk.take(actor, "talk", "talk", read)


@router.post("/conclusions")
async def record_conclusion(desk: DeskDep, actor: Concluder) -> Response:
    def read(_meeting: order.Meeting, form: Given) -> order.Order:
        return order.RecordConclusion(form.get("item", ""), form.get("text", ""))

    return await desk.take(actor, "conclude", "conclude", read)


@router.post("/tasks")
async def assign_task(desk: DeskDep, actor: Concluder) -> Response:
    def read(_meeting: order.Meeting, form: Given) -> order.Order:
        return order.AssignTask(
            new_id(),
            form.get("owner") or None,
            form.get("description"),
            read_quantity(form.get("quantity", "")),
            form.get("unit"),
            read_day(form.get("deadline", "")),
        )

    return await desk.take(actor, "task", "tasks", read)


@router.post("/closing")
async def close(desk: DeskDep, ctx: Ctx, actor: Concluder) -> Response:
    asked = await closing_order(ctx, (await meeting_of(desk.request, ctx))[0])
    return await desk.take(actor, "close", "close", lambda _m, _f: asked, _("Đã bế mạc."))


def read_roll(meeting: order.Meeting, form: Given) -> order.Order | None:
    """What the roll-call form changes; a row that says what the page already showed is somebody else's to change.

    ``status-<member>``: present, online, excused, unexcused or exempt; ``was-<member>`` and ``said-<member>`` are the
    status and the reason the page showed. ``rest=present`` marks everybody present who has not been called.
    """
    records = []
    for member in meeting.roster:
        status, reason = form.get(f"status-{member}", ""), form.get(f"reason-{member}", "")
        if status and (status, reason) != (form.get(f"was-{member}", ""), form.get(f"said-{member}", "")):
            records.append(_call(member, status, reason))
    if form.get("rest") == "present":
        named = {record.member for record in records}
        records += [_call(member, "present", "") for member in meeting.uncalled if member not in named]
    return order.RecordAttendance(tuple(records)) if records else None


def _call(member: str, status: str, reason: str) -> Attendance:
    online = status == "online"
    try:
        known = AttendanceStatus.PRESENT if online else AttendanceStatus(status)
    except ValueError:
        raise Refused("form.has_choice") from None
    excused = known is AttendanceStatus.EXCUSED
    return Attendance(member=member, status=known, online=online, reason=reason or None if excused else None)
