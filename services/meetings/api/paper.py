"""A whole meeting from the paper book, in one request and one append: all of it is taken, or none."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.meetings.api import bodies
from services.meetings.domain import meeting as order
from services.meetings.domain.meeting.agenda import CONCLUSION, DISCUSSION, item_id
from services.meetings.handlers import (
    MEETINGS,
    closing_basis,
    identify,
    record_meeting,
    require_cell,
    roster_on,
    sending_basis,
)
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.clock import period_of, vietnam_date
from shared.context import Context, Ctx
from shared.events.meetings import Attendance, AttendanceStatus, Entry
from shared.http import CommandDep, Done, Instant, done
from shared.ids import Id, derived_id

router = APIRouter(prefix="/meetings/api/v1", tags=["meetings"])


class PaperStatement(bodies.Body):
    speaker: Id = Field(examples=["dv-lo-van-thanh"])
    text: bodies.Long = Field(examples=["Đề nghị làm lại đường nội bản trước Tết."])
    step: bodies.Short = Field(
        default=DISCUSSION, examples=["discussion"], description="A step of the agenda template."
    )


class PaperMeeting(bodies.PlanBody):
    """The page of the minute book. Members not named in ``absent`` were present; the exempt are named if they came."""

    opened_at: Instant = Field(examples=["2026-10-10T14:00:00+07:00"])
    closed_at: Instant = Field(examples=["2026-10-10T15:40:00+07:00"])
    chair: Id = Field(examples=["dv-lo-van-thanh"])
    minute_taker: Id = Field(examples=["dv-tong-thi-mai"])
    absent: list[bodies.AttendanceBody] = Field(default=[], max_length=500)
    exempt_present: list[Id] = Field(default=[], max_length=500)
    guests: list[bodies.GuestBody] = Field(default=[], max_length=100)
    statements: list[PaperStatement] = Field(default=[], max_length=500)
    conclusion: bodies.Long = Field(examples=["Thống nhất các nhiệm vụ tháng 11 như dự thảo."])
    tasks: list[bodies.TaskBody] = Field(default=[], max_length=200)
    confirmed_at: Instant | None = Field(default=None, examples=["2026-10-10T15:45:00+07:00"])
    sent_at: Instant | None = Field(default=None, examples=["2026-10-11T08:00:00+07:00"])


@router.post("/paper-meetings", status_code=201)
async def record_paper_meeting(
    body: PaperMeeting,
    ctx: Ctx,
    command: CommandDep,
    response: Response,
    actor: Annotated[Actor, Depends(allow("meeting.record"))],
) -> Done:
    """Record a meeting that is in the paper book. The rules are those of its own day."""
    await require_allowed(ctx, actor, "meeting.record", body.cell)
    await require_cell(ctx, body.cell)
    orders = await orders_of(ctx, body)
    appended = await record_meeting(ctx, body.cell, orders, command)
    meeting = (appended.answer or {})["meeting"]
    response.headers["Location"] = f"{router.prefix}/meetings/{meeting}"
    return done(appended, MEETINGS.stream(meeting), response)


async def orders_of(ctx: Context, page: PaperMeeting) -> list[order.Order]:
    """The page of the book as the orders it stands for, in the order of a meeting."""
    period = page.period or period_of(vietnam_date(page.planned_at))
    meeting = identify(page.cell, page.kind, period)
    roster = await roster_on(ctx, page.cell, vietnam_date(page.opened_at))
    absent = {record.member: record for record in page.absent}
    came = tuple(
        Attendance(member=entry.member, status=AttendanceStatus.PRESENT)
        for entry in roster
        if entry.member not in absent and (not entry.exempt or entry.member in page.exempt_present)
    )
    orders: list[order.Order] = [
        order.PlanMeeting(
            meeting, page.cell, page.kind, period, page.planned_at, page.place, page.form, page.theme, (), Entry.PAPER
        ),
        order.OpenMeeting(page.opened_at, page.chair, page.minute_taker, roster),
        order.RecordAttendance((*came, *(Attendance(**record.model_dump()) for record in page.absent))),
    ]
    orders += [
        order.RecordGuest(derived_id(meeting, "guest", str(number)), guest.capacity)
        for number, guest in enumerate(page.guests)
    ]
    orders += [
        order.RecordStatement(
            derived_id(meeting, "statement", str(number)), item_id(meeting, said.step), said.speaker, said.text
        )
        for number, said in enumerate(page.statements)
    ]
    orders.append(order.RecordConclusion(item_id(meeting, CONCLUSION), page.conclusion))
    orders += [
        order.AssignTask(derived_id(meeting, "task", str(number)), **task.model_dump())
        for number, task in enumerate(page.tasks)
    ]
    orders.append(order.CloseMeeting(page.closed_at, await closing_basis(ctx, page.cell, period, page.opened_at)))
    if page.confirmed_at is not None:
        orders.append(order.ConfirmMinutes(page.confirmed_at))
    if page.sent_at is not None:
        orders.append(order.SendUp(page.sent_at, await sending_basis(ctx, page.cell, page.closed_at)))
    return orders
