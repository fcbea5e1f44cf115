"""A whole meeting from the paper book, in one request and one append: all of it is taken, or none."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.meetings.api import bodies
from services.meetings.domain.meeting.agenda import DISCUSSION
from services.meetings.handlers import MEETINGS, identify
from services.meetings.paper import Given, PaperPage, Said, enter
from shared.auth.http import allow, require_allowed
from shared.auth.model import Actor
from shared.clock import period_of, vietnam_date
from shared.context import Ctx
from shared.events.meetings import Attendance
from shared.http import CommandDep, Done, Instant, done
from shared.ids import Id

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
    """Record a meeting that is in the paper book. The rules are those of its own day.

    Whoever says that the minutes were confirmed must be one who may confirm them.
    """
    await require_allowed(ctx, actor, "meeting.record", body.cell)
    if body.confirmed_at is not None:
        await require_allowed(ctx, actor, "meeting.conclude", body.cell)
    appended = await enter(ctx, page_of(body), command)
    meeting = (appended.answer or {})["meeting"]
    response.headers["Location"] = f"{router.prefix}/meetings/{meeting}"
    return done(appended, MEETINGS.stream(meeting), response)


def page_of(body: PaperMeeting) -> PaperPage:
    period = body.period or period_of(vietnam_date(body.planned_at))
    return PaperPage(
        meeting=identify(body.cell, body.kind, period),
        cell=body.cell,
        kind=body.kind,
        form=body.form,
        period=period,
        planned_at=body.planned_at,
        place=body.place,
        theme=body.theme,
        opened_at=body.opened_at,
        closed_at=body.closed_at,
        chair=body.chair,
        minute_taker=body.minute_taker,
        absent=tuple(Attendance(**record.model_dump()) for record in body.absent),
        exempt_present=frozenset(body.exempt_present),
        guests=tuple(guest.capacity for guest in body.guests),
        statements=tuple(Said(said.speaker, said.text, said.step) for said in body.statements),
        conclusion=body.conclusion,
        tasks=tuple(Given(**task.model_dump()) for task in body.tasks),
        confirmed_at=body.confirmed_at,
        sent_at=body.sent_at,
    )
